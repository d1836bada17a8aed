"""The statistics as a picture: it holds what it should, and nothing from elsewhere."""

import re
import xml.etree.ElementTree as ET

import pytest

from graphophone.generation.statistics import Statistics, Tally
from graphophone.graph.model import Edge, Graph, Node
from graphophone.report.figure import DARK, PANELS, PAPER, SETS, figure


def statistics(*types: str, motifs: list[str] | None = None) -> Statistics:
    tally = Tally()
    for count in range(len(types) + 1):
        nodes = (Node("in", source="voice"), *map(Node, types[:count]), Node("out"))
        edges = (Edge(i, i + 1) for i in range(len(nodes) - 1))
        tally.add(Graph(nodes, tuple(edges)), motifs)
    return tally.statistics()


FOUND = statistics("bell", "stereo_reverb", "mix", motifs=["gated_reverb"])


def words(svg: str) -> set[str]:
    return {text for node in ET.fromstring(svg).iter() if (text := (node.text or "").strip())}


def test_everything_that_is_counted_has_a_place() -> None:
    svg = figure({"small": FOUND})
    said = words(svg)
    assert {*PANELS, "bell", "stereo reverb", "mix", "gated reverb", "small (4 graphs)"} <= said
    assert f"{FOUND.nodes:.3g}" in said
    assert "PCQM4Mv2, about" in said
    assert not {"in", "out"} & said


def test_a_set_without_motifs_or_processors_has_a_picture_too() -> None:
    assert "motifs, times in a graph" not in words(figure({"bare": statistics("bell")}))
    assert "nodes" in words(figure({"empty": statistics()}))


def test_it_is_one_document_that_needs_nothing_and_is_the_same_again() -> None:
    svg = figure({"one": FOUND, "two": FOUND})
    assert svg.startswith("<svg ")
    bare = re.sub(r'xmlns(:\w+)?="[^"]*"|rdf:resource="[^"]*"', "", svg)
    assert not re.search(r"https?://|@import|<image|<script", bare)
    assert svg == figure({"one": FOUND, "two": FOUND})


def test_every_colour_has_a_dark_one_that_stands_out() -> None:
    svg = figure({str(i): FOUND for i in range(len(SETS))})
    drawn = set(re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", svg.partition("</style>")[2]))
    assert drawn <= DARK.keys()
    for light, dark in DARK.items():
        if light != PAPER:
            assert f'[style*="fill: {light}"]{{fill:{dark}!important}}' in svg
            least = 1.2 if light == "#dcd8ce" else 2.0
            assert contrast(light, PAPER) > least
            assert contrast(dark, DARK[PAPER]) > least


def contrast(one: str, two: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2, section 1.4.3)."""
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("count", [0, 4])
def test_too_few_and_too_many_sets_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match=f"one to three sets fit into a figure, got {count}"):
        figure({str(i): FOUND for i in range(count)})
