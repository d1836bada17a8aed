"""Text for people and logs."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from graphophone.codec.text import canonical_text, describe, one_line
from graphophone.graph import Graph
from graphophone.graph.build import GraphBuilder
from graphophone.processors import SPECS
from tests.strategies import LAW, graphs


def example() -> Graph:
    """Two bands, the upper one inverted, an LFO on the crossover."""
    patch = GraphBuilder(SPECS)
    voice, split = patch.add("in", source="voice"), patch.add("crossover", frequency=812)
    low, mix, out = patch.add("lowpass"), patch.add("mix"), patch.add("out")
    patch.chain(voice, split, low, mix, out)
    patch.connect(split, mix, "high", gain_db=-3, invert=True)
    patch.connect(patch.add("mono_lfo"), split, inlet="frequency", depth=0.25)
    return patch.graph()


def test_a_graph_in_one_line() -> None:
    assert one_line(example(), SPECS) == (
        "in:voice > crossover#1; mono_lfo.lfo > #1.frequency; #1.low > lowpass > mix#2; "
        "#1.high > #2; #2 > out"
    )


def test_a_chain_in_one_line() -> None:
    patch = GraphBuilder(SPECS)
    patch.chain(patch.add("in", source="kick"), patch.add("bell"), patch.add("out"))
    assert one_line(patch.graph(), SPECS) == "in:kick > bell > out"


def test_a_graph_for_people() -> None:
    assert describe(example(), SPECS).splitlines() == [
        "1  in:voice",
        "     -> 3 crossover",
        "2  mono_lfo   frequency 1 Hz, phase 0 cycles",
        "     lfo -> 3 crossover, frequency (depth 0.25)",
        "3  crossover  frequency 812 Hz",
        "     low -> 4 lowpass",
        "     high -> 5 mix (-3 dB, inverted)",
        "4  lowpass    frequency 1 kHz, q 0.707",
        "     -> 5 mix",
        "5  mix",
        "     -> 6 out",
        "6  out",
    ]


def test_confidence_stands_beside_the_knobs() -> None:
    listing = describe(example(), SPECS, [0.5, 0.9, 1, 0.25, 0, 1])
    assert "3  crossover   90%  frequency 812 Hz" in listing.splitlines()


@LAW
@given(graphs(SPECS), st.randoms(use_true_random=False))
def test_listing_changes_no_text(graph: Graph, rng: Random) -> None:
    other = graph.reordered(rng.sample(range(len(graph)), len(graph)))
    assert one_line(graph, SPECS) == one_line(other, SPECS)
    assert describe(graph, SPECS) == describe(other, SPECS)
    assert canonical_text(graph, SPECS) == canonical_text(other, SPECS)


@LAW
@given(graphs(SPECS))
def test_one_line_names_every_node_and_cable(graph: Graph) -> None:
    text = one_line(graph, SPECS)
    assert text.count(" > ") == len(graph.edges)
    for kind in {node.kind for node in graph.nodes}:
        assert kind in text
