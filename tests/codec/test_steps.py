"""Tokens in steps are the same tokens, each cable at the later of its ends."""

import numpy as np
from hypothesis import given, settings

from graphophone.codec.steps import by_step, step_order, steps_of
from graphophone.codec.tokens import EDGE, END, NODE, Vocabulary, decode, encode
from graphophone.graph import Edge, Graph, Node
from graphophone.processors import SPECS
from tests.strategies import LAW, graphs

VOCABULARY = Vocabulary.of(SPECS)


@given(graphs(SPECS, prototype=True))
@settings(LAW, max_examples=60)
def test_the_graph_of_steps_is_the_graph(graph: Graph) -> None:
    tokens = encode(graph, VOCABULARY, SPECS)
    stepped = by_step(tokens)
    assert sorted(stepped.rows()) == sorted(tokens.rows())
    assert encode(decode(stepped, VOCABULARY), VOCABULARY, SPECS) == tokens
    assert by_step(stepped) == stepped


@given(graphs(SPECS, prototype=True))
@settings(LAW, max_examples=60)
def test_a_step_is_a_node_and_its_cables_to_those_before_it(graph: Graph) -> None:
    tokens = encode(graph, VOCABULARY, SPECS)
    steps = steps_of(tokens)
    assert [step.node for step in steps[:-1]] == [t for t in tokens.rows() if t[0] == NODE]
    assert steps[-1].node[0] == END
    for number, step in enumerate(steps[:-1]):
        assert all(max(source, target) == number for _, _, source, target in step.cables)
    assert sum(len(step.cables) for step in steps) == len(graph.edges)
    assert not steps[-1].cables


def test_a_cable_waits_for_the_later_of_its_ends() -> None:
    graph = Graph(
        (Node("out"), Node("mix"), Node("bell"), Node("in", source="voice")),
        (Edge(1, 0), Edge(2, 1), Edge(3, 1), Edge(3, 2)),
    )
    written = [row[0] for row in encode(graph, VOCABULARY, SPECS).rows()][1:-1]
    stepped = [row[0] for row in by_step(encode(graph, VOCABULARY, SPECS)).rows()][1:-1]
    assert written == [NODE, NODE, EDGE, NODE, EDGE, NODE, EDGE, EDGE]
    assert stepped == [NODE, NODE, EDGE, NODE, EDGE, NODE, EDGE, EDGE]
    last = list(by_step(encode(graph, VOCABULARY, SPECS)).rows())[-3:-1]
    assert [row[2:] for row in last] == [(3, 1), (3, 2)]
    tokens = encode(graph, VOCABULARY, SPECS)
    order = step_order(tokens.types, tokens.kinds, tokens.sources, tokens.targets)
    np.testing.assert_array_equal(np.sort(order), np.arange(len(tokens)))
