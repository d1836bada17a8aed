"""Validity: all faults are found, named in sentences, and can be pointed at."""

import math
import re
from dataclasses import replace

import pytest
from hypothesis import given

from graphophone.errors import GraphError
from graphophone.graph import Edge, Graph, Node
from graphophone.graph.rules import RULES, check, violations
from tests.graph.specs import SPECS
from tests.strategies import LAW, graphs

LOWPASS = Node("lowpass", (("frequency", 440.0), ("q", 1.0)))
VOICE, OUT, MIX = Node("in", source="voice"), Node("out"), Node("mix")
LFO = Node("mono_lfo", (("frequency", 1.0),))
CHAIN = (Edge(0, 1), Edge(1, 2))
GOOD = Graph((VOICE, LOWPASS, OUT), CHAIN)
WOBBLE = Graph((VOICE, LOWPASS, OUT, LFO), (*CHAIN, Edge(3, 1, "lfo", "frequency")))


def nodes(*changed: Node, graph: Graph = GOOD) -> Graph:
    return graph.with_parts(changed, graph.edges)


def edges(*changed: Edge, graph: Graph = GOOD) -> Graph:
    return graph.with_parts(graph.nodes, changed)


@LAW
@given(graphs(SPECS))
def test_valid_graphs_are_returned_as_they_are(graph: Graph) -> None:
    assert check(graph, SPECS) is graph


FAULTS = {
    "types_are_known": [
        (nodes(VOICE, Node("lowpas"), OUT), "node 1 has the unknown type 'lowpas', did you mean"),
        (nodes(VOICE, Node("zzz"), OUT), "node 1 has the unknown type 'zzz'"),
    ],
    "ports_exist": [
        (edges(Edge(0, 1), Edge(1, 2, "high")), "1 lowpass has no outlet 'high' (it has out)"),
        (
            edges(*CHAIN, Edge(0, 1, "out", "side")),
            "1 lowpass has no inlet 'side' (it has in, frequency)",
        ),
    ],
    "signals_agree": [
        (
            edges(*CHAIN, Edge(0, 1, "out", "frequency")),
            "1 lowpass takes control at 'frequency', got audio from 0 in:voice",
        ),
        (
            edges(*CHAIN, Edge(3, 1, "lfo"), graph=WOBBLE),
            "1 lowpass takes audio at 'in', got control from 3 mono_lfo",
        ),
    ],
    "cables_are_unlike": [
        (
            edges(*CHAIN, Edge(0, 1, gain_db=-6)),
            "cable 0 in:voice.out -> 1 lowpass.in may be there once, got 2",
        ),
    ],
    "has_one_out": [
        (
            Graph((VOICE, OUT, OUT), (Edge(0, 1), Edge(0, 2))),
            "a graph needs exactly one 'out' node, got 2",
        ),
        (Graph((VOICE,)), "a graph needs exactly one 'out' node, got 0"),
    ],
    "has_an_in": [
        (Graph((OUT,)), "a graph needs at least one 'in' node, got none"),
    ],
    "sources_are_named": [
        (nodes(Node("in"), LOWPASS, OUT), "0 in needs a source, such as 'voice'"),
        (
            nodes(VOICE, replace(LOWPASS, source="kick"), OUT),
            "node 1 lowpass has no source, which only an 'in' node has, got 'kick'",
        ),
        (
            Graph((VOICE, VOICE, MIX, OUT), (Edge(0, 2), Edge(1, 2), Edge(2, 3))),
            "source 'voice' may enter once, got 2 'in' nodes",
        ),
    ],
    "is_acyclic": [
        (
            Graph(
                (VOICE, LOWPASS, LOWPASS, OUT),
                (Edge(0, 1), Edge(1, 2), Edge(2, 1), Edge(2, 3)),
            ),
            "the graph has a cycle: 1 lowpass -> 2 lowpass -> 1 lowpass",
        ),
    ],
    "inlets_are_fed": [
        (
            Graph((VOICE, LOWPASS, OUT), (Edge(0, 2), Edge(1, 2))),
            "1 lowpass has no cable at its inlet 'in'",
        ),
    ],
    "every_node_is_connected": [
        (Graph((VOICE, LOWPASS, OUT), (Edge(0, 2), Edge(0, 1))), "1 lowpass is not connected to"),
    ],
    "cables_have_two_ends": [
        (
            edges(*CHAIN, Edge(1, 7)),
            "the graph has no node 7 for a cable to end at, it has 3 nodes",
        ),
    ],
    "knobs_are_set": [
        (
            nodes(VOICE, replace(LOWPASS, params=(*LOWPASS.params, ("gain", 0.0))), OUT),
            "1 lowpass has no knob 'gain' (it has frequency, q)",
        ),
        (nodes(VOICE, Node("lowpass"), OUT), "1 lowpass has no value for frequency, q"),
        (
            nodes(VOICE, replace(LOWPASS, params=LOWPASS.params[::-1]), OUT),
            "1 lowpass must list its knobs once each, as frequency, q, got q, frequency",
        ),
    ],
    "knobs_are_in_range": [
        (
            nodes(VOICE, LOWPASS.with_knobs({"frequency": 30_000.0, "q": 1.0}), OUT),
            "1 lowpass: frequency must be in [20 Hz, 20 kHz], got 30 kHz",
        ),
        (
            nodes(VOICE, LOWPASS.with_knobs({"frequency": 440.0, "q": math.nan}), OUT),
            "1 lowpass: q must be in [0.5, 10], got nan",
        ),
    ],
    "cables_are_set": [
        (
            edges(Edge(0, 1, gain_db=40), CHAIN[1]),
            "cable 0 in:voice.out -> 1 lowpass.in: gain_db must be in [-24 dB, 12 dB], got 40 dB",
        ),
        (
            edges(Edge(0, 1, depth=0.5), CHAIN[1]),
            "cable 0 in:voice.out -> 1 lowpass.in carries audio and has no depth, got 0.5",
        ),
        (
            edges(*CHAIN, Edge(3, 1, "lfo", "frequency", depth=2.0), graph=WOBBLE),
            "cable 3 mono_lfo.lfo -> 1 lowpass.frequency: depth must be in [-1, 1], got 2",
        ),
        (
            edges(*CHAIN, Edge(3, 1, "lfo", "frequency", gain_db=-3.0), graph=WOBBLE),
            "carries control and has only a depth, got gain_db -3",
        ),
        (
            edges(*CHAIN, Edge(3, 1, "lfo", "frequency", invert=True), graph=WOBBLE),
            "carries control and has only a depth, got invert",
        ),
    ],
    "scales_fit_the_energy_rule": [
        (replace(GOOD, energy="frozen"), "1 lowpass has no scale_db, which a frozen graph needs"),
        (
            nodes(VOICE, replace(LOWPASS, scale_db=1.0), OUT),
            "1 lowpass has no scale_db in a graph whose energy is normalised, got 1",
        ),
        (
            nodes(
                VOICE, replace(LOWPASS, scale_db=25.0), OUT, graph=replace(GOOD, energy="frozen")
            ),
            "1 lowpass: scale_db must be in [-24 dB, 24 dB], got 25 dB",
        ),
        (
            nodes(
                VOICE,
                replace(LOWPASS, scale_db=math.nan),
                OUT,
                graph=replace(GOOD, energy="frozen"),
            ),
            "1 lowpass: scale_db must be in [-24 dB, 24 dB], got nan dB",
        ),
    ],
    "globals_are_set": [
        (replace(GOOD, sample_rate=4_000), "sample_rate must be in [8000, 192000] Hz, got 4000"),
        (
            replace(GOOD, reference_rms_db=math.nan),
            "reference_rms_db must be in [-120, 0] dB, got nan",
        ),
    ],
}


@pytest.mark.parametrize(
    ("rule", "graph", "sentence"),
    [(rule, graph, text) for rule, cases in FAULTS.items() for graph, text in cases],
)
def test_a_broken_rule_is_said_in_a_sentence(rule: str, graph: Graph, sentence: str) -> None:
    assert rule in [v.rule for v in violations(graph, SPECS)]
    with pytest.raises(GraphError, match=re.escape(sentence)):
        check(graph, SPECS)


def test_every_rule_is_broken_by_some_test() -> None:
    assert {rule.__name__ for rule in RULES} | {"cables_have_two_ends"} == FAULTS.keys()


def test_a_fault_points_at_its_nodes_and_cables() -> None:
    (fault,) = violations(edges(*CHAIN, Edge(0, 1, "out", "side")), SPECS)
    assert (fault.nodes, fault.edges) == ((1,), (Edge(0, 1, "out", "side"),))


def test_a_node_is_named_by_its_id_if_it_has_one() -> None:
    graph = nodes(VOICE, replace(LOWPASS, id="tone", params=()), OUT)
    with pytest.raises(GraphError, match=r"^tone lowpass has no value for frequency, q$"):
        check(graph, SPECS)


def test_several_faults_are_listed_together() -> None:
    graph = nodes(Node("in"), Node("lowpass"), OUT)
    with pytest.raises(GraphError, match=r"^0 in needs a source.*; 1 lowpass has no value .*$"):
        check(graph, SPECS)


def test_a_prototype_needs_no_settings_but_keeps_all_other_rules() -> None:
    graph = nodes(VOICE, Node("lowpass"), OUT)
    assert check(graph, SPECS, prototype=True) is graph
    assert [v.rule for v in violations(graph, SPECS)] == ["knobs_are_set"]
    broken = nodes(Node("in"), Node("lowpass"), OUT)
    assert [v.rule for v in violations(broken, SPECS, prototype=True)] == ["sources_are_named"]


def test_a_scale_may_miss_the_limit_by_rounding() -> None:
    node = replace(LOWPASS, scale_db=24 + 1e-9)
    check(nodes(VOICE, node, OUT, graph=replace(GOOD, energy="frozen")), SPECS)
