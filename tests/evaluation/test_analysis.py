"""Errors by their kind, counted by hand."""

import pytest

from graphophone.codec.steps import Step, steps_of
from graphophone.codec.tokens import END, NODE, Token, Tokens, Vocabulary, encode
from graphophone.evaluation.analysis import analyses, before_destructive, destroys
from graphophone.evaluation.prototype import token_errors
from graphophone.evaluation.tally import Tally
from graphophone.graph.build import GraphBuilder
from graphophone.graph.canonical import prototype
from graphophone.graph.model import Graph, Node
from graphophone.processors import SPECS
from tests.evaluation.graphs import chain, kit

VOCABULARY = Vocabulary.of(SPECS)


def said(tokens: Tokens, changes: dict[int, str]) -> list[Token]:
    """What is true, but for the kinds of some nodes by number."""
    rows = list(tokens.rows())[1:]
    return [
        (t, VOCABULARY.node(changes[s]), s, g) if t == NODE and s in changes else (t, k, s, g)
        for t, k, s, g in rows
    ]


def count(graph: Graph, changes: dict[int, str], *, by_track: bool = False) -> dict[str, Tally]:
    tokens = encode(graph, VOCABULARY, SPECS)
    answer = said(tokens, changes)
    free = prototype(graph)
    return analyses(graph, tokens, answer, free, VOCABULARY, by_track=by_track)


def test_an_error_is_order_only_if_the_type_comes_later() -> None:
    # decoded from the end: out, bitcrush, phaser, chorus, in
    graph = chain("chorus", "phaser", "bitcrush")
    assert count(graph, {1: "phaser"})["order_only"] == Tally(1, 1)
    assert count(graph, {2: "bitcrush"})["order_only"] == Tally(0, 1), "it has been there"
    assert count(graph, {1: "chorus", 2: "distortion", 3: "phaser"})["order_only"] == Tally(1, 3)
    assert count(graph, {})["order_only"] == Tally(0, 0)


def test_in_a_mix_an_order_is_one_within_a_track() -> None:
    graph = kit(kick=("phaser", "chorus"), hat=("vibrato",))
    written = [t[1] for t in encode(graph, VOCABULARY, SPECS).rows() if t[0] == NODE]
    chorus = written.index(VOCABULARY.node("chorus"))
    assert chorus < written.index(VOCABULARY.node("vibrato"))
    assert count(graph, {chorus: "phaser"}, by_track=True)["order_only"] == Tally(1, 1)
    assert count(graph, {chorus: "vibrato"}, by_track=True)["order_only"] == Tally(0, 1)
    assert count(graph, {chorus: "vibrato"})["order_only"] == Tally(1, 1)


def test_a_graph_is_order_only_if_all_its_types_are_right_and_it_is_not() -> None:
    truth = chain("chorus", "bitcrush")
    tokens = encode(truth, VOCABULARY, SPECS)

    def free(graph: Graph | None) -> Tally:
        right = list(tokens.rows())[1:]
        found = analyses(truth, tokens, right, graph, VOCABULARY, by_track=False)
        return found["order_only_free"]

    assert free(prototype(truth)) == Tally(0, 0)
    assert free(prototype(chain("bitcrush", "chorus"))) == Tally(1, 1)
    assert free(prototype(chain("bitcrush", "phaser"))) == Tally(0, 1)
    assert free(None) == Tally(0, 1)


@pytest.mark.parametrize(
    ("bit", "expected"), [(4.0, True), (6.5, True), (7.5, False), (10.0, False)]
)
def test_a_bitcrush_destroys_if_few_bits_are_left(bit: float, expected: bool) -> None:
    assert destroys(Node("bitcrush").with_knobs({"bit": bit})) is expected
    assert not destroys(Node("bell").with_knobs(SPECS["bell"].defaults()))


def test_what_goes_on_through_a_destructive_node_is_before_it() -> None:
    patch = GraphBuilder(SPECS)
    voice, key, crush = patch.add("in", source="voice"), patch.add("bell"), patch.add("bitcrush")
    gate, out = patch.add("noisegate"), patch.add("out")
    patch.connect(voice, gate)
    patch.connect(voice, key)
    patch.connect(key, gate, inlet="sidechain")
    patch.connect(gate, crush)
    patch.connect(crush, out)
    graph = patch.graph()
    kinds = [node.kind for node in graph.nodes]
    assert dict(zip(kinds, before_destructive(graph), strict=True)) == {
        "in:voice": True,
        "bell": False,  # it opens the gate, and is not heard through it
        "noisegate": True,
        "bitcrush": False,  # nothing destroys after it
        "out": False,
    }


def test_errors_before_a_destructive_node_stand_beside_all_nodes_there() -> None:
    graph = chain("chorus", "phaser", "bitcrush", "bell")  # its default is six bits
    found = count(graph, {1: "lowpass", 3: "lowpass"})  # bell, phaser
    assert found["before_destructive"] == Tally(1, 2)
    assert found["nodes_before_destructive"] == Tally(3, 6)


def test_cables_of_a_step_are_compared_as_sets() -> None:
    graph = kit(kick=("bell",), hat=())
    tokens = encode(graph, VOCABULARY, SPECS)
    steps = steps_of(tokens)
    cables = sum(len(step.cables) for step in steps)
    assert token_errors(tokens, steps) == {
        "node_error": Tally(0, len(graph)),
        "edge_error": Tally(0, cables),
    }
    (_, mix, *_), place = steps, 2
    one = next(iter(steps[place].cables))
    other: Token = (one[0], one[1], one[2], 0)
    assert other != one

    def edges(cables: set[Token]) -> Tally:
        changed = list(steps)
        changed[place] = Step(steps[place].node, frozenset(cables))
        return token_errors(tokens, changed)["edge_error"]

    assert edges({other}) == Tally(1, cables), "exchanged: one error"
    assert edges({one, other}) == Tally(1, cables + 1), "one too many"
    assert edges(set()) == Tally(1, cables), "one missed"
    early = list(steps)
    early[1] = Step((END, -1, -1, -1), mix.cables)
    assert token_errors(tokens, early, "_masked")["node_error_masked"] == Tally(1, len(graph))
