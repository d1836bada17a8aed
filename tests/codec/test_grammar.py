"""Whatever a decoder prefers, what it may say is a valid graph."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphophone.codec.grammar import MIX_TAKES, Grammar, Legal, State, finish
from graphophone.codec.tokens import EDGE, END, NODE, Token, Tokens, Vocabulary, decode
from graphophone.graph import Edge, Graph, Node
from graphophone.graph.rules import check
from graphophone.processors import SPECS
from graphophone.spec import SOURCES
from tests.strategies import LAW

VOCABULARY = Vocabulary.of(SPECS)
VOICE = Grammar(VOCABULARY, SPECS, ("voice",))
END_TOKEN: Token = (END, -1, -1, -1)


def node(kind: str, number: int) -> Token:
    return (NODE, VOCABULARY.node(kind), number, number)


def cable(source: int, target: int, outlet: str = "out", inlet: str = "in") -> Token:
    return (EDGE, VOCABULARY.edge((outlet, inlet)), source, target)


def after(*tokens: Token, grammar: Grammar = VOICE) -> State:
    state = State(grammar)
    for token in tokens:
        state.push(token)
    return state


def kinds(legal: Legal) -> set[str]:
    return {VOCABULARY.node_kinds[i] for i in np.flatnonzero(legal.nodes)}


def pick(state: State, rng: np.random.Generator, haste: float) -> Token | None:
    """Take a random legal token; ``haste`` is how much an end is preferred."""
    legal = state.legal()
    options = [t for t, there in ((NODE, legal.nodes.any()), (EDGE, len(legal.edges))) if there]
    if legal.end and (not options or rng.random() < haste):
        return END_TOKEN
    if not options:
        return None
    if rng.choice(options) == NODE:
        kind, new = int(rng.choice(np.flatnonzero(legal.nodes))), len(state.kinds)
        return (NODE, kind, new, new)
    source, target, kind = rng.choice(legal.edges).tolist()
    return (EDGE, kind, source, target)


@given(
    seed=st.integers(0, 2**32),
    haste=st.sampled_from((0.02, 0.3)),
    most=st.integers(2, 20),
    longest=st.integers(4, 60),
    drums=st.booleans(),
)
@settings(LAW, max_examples=300)
def test_random_choices_always_give_a_valid_graph(
    seed: int, haste: float, most: int, longest: int, drums: bool
) -> None:
    rng = np.random.default_rng(seed)
    sources = SOURCES[1:] if drums else SOURCES[:1]
    state = State(Grammar(VOCABULARY, SPECS, sources, most, longest))
    while not state.ended and (token := pick(state, rng, haste)):
        state.push(token)
    assert len(state.rows) <= longest
    assert len(state.kinds) <= most
    graph = decode(state.tokens, VOCABULARY)
    if state.ended:
        assert finish(graph, SPECS, sources) == graph
    graph = check(finish(graph, SPECS, sources), SPECS, prototype=True)
    assert {graph.nodes[i].source for i in graph.inputs} <= set(sources)
    for (target, _), fed in Counter((e.target, e.inlet) for e in graph.edges).items():
        assert fed >= MIX_TAKES if graph.nodes[target].type == "mix" else fed == 1


def test_a_graph_begins_with_out_and_a_new_node_with_its_cable() -> None:
    assert kinds(after().legal()) == {"out"}
    legal = after(node("out", 0), node("lowpass", 1)).legal()
    assert not legal.nodes.any()
    assert legal.edges.tolist() == [[1, 0, VOCABULARY.edge(("out", "in"))]]
    assert not legal.end


def test_an_unprocessed_recording_is_a_legal_answer() -> None:
    state = after(node("out", 0), node("in:voice", 1), cable(1, 0))
    assert state.legal().end
    state.push(END_TOKEN)
    assert not state.legal().anything
    assert decode(state.tokens, VOCABULARY) == Graph(
        (Node("out"), Node("in", source="voice")), (Edge(1, 0),)
    )


def test_a_source_enters_once_and_only_those_of_the_task_do() -> None:
    state = after(node("out", 0), node("mix", 1), cable(1, 0))
    assert {kind for kind in kinds(state.legal()) if kind.startswith("in:")} == {"in:voice"}
    state.push(node("in:voice", 2))
    state.push(cable(2, 1))
    assert not any(kind.startswith("in:") for kind in kinds(state.legal()))


def test_a_mix_waits_for_a_second_cable_and_the_same_cable_is_no_second() -> None:
    begin = (node("out", 0), node("mix", 1), cable(1, 0), node("in:voice", 2), cable(2, 1))
    state = after(*begin)
    assert not state.legal().end
    assert [2, 1, VOCABULARY.edge(("out", "in"))] not in state.legal().edges.tolist()
    assert after(*begin, node("bell", 3), cable(3, 1), cable(2, 3)).legal().end


def test_no_cable_closes_a_cycle() -> None:
    state = after(
        node("out", 0),
        *(node("compressor", 1), cable(1, 0)),
        *(node("lowpass", 2), cable(2, 1)),
        *(node("in:voice", 3), cable(3, 2)),
    )
    ends = {(source, target) for source, target, _ in state.legal().edges.tolist()}
    assert (2, 1) in ends  # into the sidechain
    assert not ends & {(1, 2), (1, 1), (0, 1)}


def test_near_the_limit_only_what_closes_is_legal() -> None:
    tight = Grammar(VOCABULARY, SPECS, ("voice",), max_tokens=8)
    state = after(node("out", 0), node("mix", 1), cable(1, 0), grammar=tight)
    assert kinds(state.legal()) == {"in:voice"}  # the mix needs two cables, the source a token


def test_the_state_can_go_two_ways() -> None:
    state = after(node("out", 0))
    other = state.copy()
    other.push(node("in:voice", 1))
    assert len(state.rows) == 2
    assert kinds(state.legal()) >= {"bell", "in:voice"}


def test_what_was_cut_short_is_closed() -> None:
    cut = Graph(
        (Node("out"), Node("mix"), Node("reverse"), Node("midside_merge"), Node("mix")),
        (Edge(1, 0), Edge(3, 1)),
    )
    specs = {**SPECS, "reverse": SPECS["bell"]}
    graph = finish(cut, specs, ("voice",))
    assert graph == Graph(
        (Node("out"), Node("midside_merge"), Node("in", source="voice")),
        (Edge(1, 0), Edge(2, 1, inlet="mid"), Edge(2, 1, inlet="side")),
    )


def test_two_wires_that_become_one_are_one() -> None:
    cut = Graph(
        (Node("out"), Node("mix"), Node("mix"), Node("in", source="kick")),
        (Edge(1, 0), Edge(2, 1), Edge(3, 1), Edge(3, 2)),
    )
    assert finish(cut, SPECS, ("kick",)) == Graph(
        (Node("out"), Node("in", source="kick")), (Edge(1, 0),)
    )


@pytest.mark.parametrize("cut", [2, 5, 9])
def test_tokens_so_far_are_a_sequence(cut: int) -> None:
    rng = np.random.default_rng(cut)
    state = State(VOICE)
    while len(state.rows) < cut and (token := pick(state, rng, 0)):
        state.push(token)
    assert isinstance(state.tokens, Tokens)
    assert len(state.tokens) == cut
