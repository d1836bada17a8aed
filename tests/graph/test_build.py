"""The builder fills in what is plain and refuses what is wrong."""

import pytest

from graphophone.errors import GraphError, ParameterError
from graphophone.graph import Edge, Graph, Node
from graphophone.graph.build import GraphBuilder
from tests.graph.specs import SPECS


def test_builds_the_graph_that_was_patched() -> None:
    patch = GraphBuilder(SPECS)
    voice, split = patch.add("in", source="voice"), patch.add("crossover", frequency=800)
    low, mix, out = patch.add("lowpass", id="tone"), patch.add("mix"), patch.add("out")
    lfo = patch.add("mono_lfo")
    patch.chain(voice, split, low, mix, out)
    patch.connect(split, mix, "high", gain_db=-3, invert=True)
    patch.connect(lfo, split, inlet="frequency", depth=0.25)

    graph = patch.graph(sample_rate=48_000, energy="plain")
    assert graph == Graph(
        (
            Node("in", source="voice"),
            Node("crossover", (("frequency", 800.0),)),
            Node("lowpass", (("frequency", 1_000.0), ("q", 0.7))),
            Node("mix"),
            Node("out"),
            Node("mono_lfo", (("frequency", 1.0),)),
        ),
        (
            Edge(0, 1),
            Edge(1, 2, "low"),
            Edge(2, 3),
            Edge(3, 4),
            Edge(1, 3, "high", gain_db=-3, invert=True),
            Edge(5, 1, "lfo", "frequency", depth=0.25),
        ),
        sample_rate=48_000,
        energy="plain",
    )
    assert graph.label(2) == "tone lowpass"


def test_a_prototype_has_no_knobs() -> None:
    patch = GraphBuilder(SPECS)
    patch.chain(patch.add("in", source="voice"), patch.add("bell", gain=3), patch.add("out"))
    assert patch.graph(prototype=True).nodes[1] == Node("bell")


def test_refuses_an_unknown_type() -> None:
    with pytest.raises(GraphError, match=r"^unknown node type 'bel', did you mean 'bell'\?$"):
        GraphBuilder(SPECS).add("bel")


def test_refuses_an_unknown_knob() -> None:
    message = r"^bell has no knob 'cutoff' \(it has frequency, q, gain\)$"
    with pytest.raises(ParameterError, match=message):
        GraphBuilder(SPECS).add("bell", cutoff=300)


def test_refuses_a_value_out_of_range() -> None:
    message = r"^bell gain must be in \[-24 dB, 24 dB\], got 40 dB$"
    with pytest.raises(ParameterError, match=message):
        GraphBuilder(SPECS).add("bell", gain=40)


def test_refuses_a_cable_from_out() -> None:
    patch = GraphBuilder(SPECS)
    out, mix = patch.add("out"), patch.add("mix")
    with pytest.raises(GraphError, match=r"^0 out has no outlet$"):
        patch.connect(out, mix)


def test_refuses_a_node_that_is_not_there() -> None:
    patch = GraphBuilder(SPECS)
    with pytest.raises(GraphError, match=r"^there is no node 3, the builder has 1$"):
        patch.connect(patch.add("mix"), 3)


def test_checks_the_rules() -> None:
    with pytest.raises(GraphError, match=r"exactly one 'out'.*at least one 'in'"):
        GraphBuilder(SPECS).graph()
