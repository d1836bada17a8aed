"""Drawings: well formed, complete, and nothing on top of anything else."""

import xml.etree.ElementTree as ET
from itertools import combinations, pairwise

import pytest
from hypothesis import given

from graphophone.codec.boxes import Box
from graphophone.codec.drawing import svg
from graphophone.codec.layout import Layout, layout
from graphophone.graph import Edge, Graph, Node
from graphophone.graph.build import GraphBuilder
from graphophone.processors import SPECS
from tests.strategies import LAW, graphs

NAMESPACE = "{http://www.w3.org/2000/svg}"


def texts(document: str) -> list[str]:
    return [e.text or "" for e in ET.fromstring(document).iter(f"{NAMESPACE}text")]


def placed(graph: Graph) -> Layout:
    values = [
        {name: SPECS[n.type].params[name].text(value) for name, value in n.params}
        for n in graph.nodes
    ]
    return layout(graph, SPECS, [n.source or n.type for n in graph.nodes], values)


def sides(box: Box) -> tuple[float, float, float, float]:
    return box.x, box.x + box.width, box.y - box.above, box.y + box.below


@LAW
@given(graphs(SPECS, sources=("voice", "kick")))
def test_boxes_stand_apart_inside_the_picture(graph: Graph) -> None:
    plan = placed(graph)
    for box in plan.boxes:
        left, right, top, bottom = sides(box)
        assert left >= 0
        assert right <= plan.width + 0.1
        assert top >= 0
        assert bottom <= plan.height + 0.1
    for a, b in combinations(plan.boxes, 2):
        (l1, r1, t1, b1), (l2, r2, t2, b2) = sides(a), sides(b)
        assert r1 + 10 <= l2 or r2 + 10 <= l1 or b1 + 10 <= t2 or b2 + 10 <= t1


@LAW
@given(graphs(SPECS, sources=("voice", "kick")))
def test_cables_run_forward_and_around_the_boxes(graph: Graph) -> None:
    plan = placed(graph)
    assert sorted(cable.edge for cable in plan.cables) == sorted(graph.edges)
    for cable in plan.cables:
        ends = (cable.edge.source, cable.edge.target)
        others = [sides(b) for i, b in enumerate(plan.boxes) if i not in ends]
        for (x0, y0), (x1, y1) in pairwise(cable.points):
            assert x0 <= x1 + 0.1
            assert min(y0, y1) >= 0
            assert max(y0, y1) <= plan.height + 0.1
            for left, right, top, bottom in others:
                apart = x1 <= left or x0 >= right or max(y0, y1) < top or min(y0, y1) > bottom
                assert apart, f"{graph.cable(cable.edge)} runs through a box"


@LAW
@given(graphs(SPECS))
def test_a_drawing_is_xml_that_shows_every_node_and_refers_to_nothing(graph: Graph) -> None:
    document = svg(graph, SPECS, confidence=[0.5] * len(graph), title="a <title> & more")
    found = texts(document)
    for node in graph.nodes:
        assert f"{node.source or node.type}  50%" in found
    assert "a <title> & more" in found
    assert "href" not in document
    assert "url(" not in document
    assert document == svg(graph, SPECS, confidence=[0.5] * len(graph), title="a <title> & more")


def bands() -> Graph:
    patch = GraphBuilder(SPECS)
    voice, split = patch.add("in", source="voice"), patch.add("crossover", frequency=812)
    press, mix, out = patch.add("compressor", threshold=-30), patch.add("mix"), patch.add("out")
    patch.chain(voice, split, press, mix, out)
    patch.connect(voice, press, inlet="sidechain")
    patch.connect(split, mix, "high", gain_db=-3, invert=True)
    for depth in (0.25, -0.5):
        patch.connect(patch.add("mono_lfo"), split, inlet="frequency", depth=depth)
    return patch.graph()


def test_knobs_ports_levels_and_depths_are_written_with_their_units() -> None:
    found = texts(svg(bands(), SPECS))
    for text in ("812 Hz", "−30 dB", "low", "high", "sidechain", "−3.0 dB inverted", "+25%, −50%"):
        assert text in found


def test_control_cables_are_dashed_and_the_doubtful_is_dim() -> None:
    graph = bands()
    document = svg(graph, SPECS, confidence=[1, 0, 1, 1, 1, 1, 1])
    assert document.count("stroke-dasharray") == 2
    assert svg(graph, SPECS).count('opacity="0.40"') == 0
    assert document.count('opacity="0.40"') == 6  # the crossover and its five cables


def test_a_prototype_can_be_drawn() -> None:
    graph = Graph((Node("in", source="voice"), Node("bell"), Node("out")), (Edge(0, 1), Edge(1, 2)))
    assert texts(svg(graph, SPECS)) == ["voice", "bell", "out"]


@pytest.mark.parametrize("source", ["<script>", "a\x00b\x1fc", 'quote"&', "x" * 200])
def test_any_source_name_gives_well_formed_xml(source: str) -> None:
    graph = Graph((Node("in", source=source), Node("out")), (Edge(0, 1),))
    assert len(texts(svg(graph, SPECS, title=source))[1]) <= 28
