"""Graphs and token sequences say the same."""

import itertools
import json

import pytest
from hypothesis import given, settings

from graphophone.codec.tokens import EDGE, END, NODE, START, Vocabulary, decode, encode
from graphophone.errors import FormatError
from graphophone.graph import Edge, Graph, Node
from graphophone.graph.order import decoding_order
from graphophone.processors import CATALOGUE, SPECS
from graphophone.spec import SOURCES
from tests.strategies import LAW, graphs

VOCABULARY = Vocabulary.of(SPECS)


@given(graphs(SPECS, prototype=True))
@settings(LAW, max_examples=80)
def test_decoding_undoes_encoding_up_to_the_order_of_nodes(graph: Graph) -> None:
    tokens = encode(graph, VOCABULARY, SPECS)
    assert decode(tokens, VOCABULARY) == graph.reordered(decoding_order(graph, SPECS).nodes)


@given(graphs(SPECS, prototype=True))
@settings(LAW, max_examples=40)
def test_ids_count_nodes_and_a_new_node_is_followed_by_its_cable(graph: Graph) -> None:
    rows = list(encode(graph, VOCABULARY, SPECS).rows())
    nodes = [row for row in rows if row[0] == NODE]
    assert [row[2:] for row in nodes] == [(i, i) for i in range(len(graph))]
    for row, after in itertools.pairwise(rows[2:]):
        if row[0] == NODE:
            assert after[0] == EDGE
            assert after[2] == row[2]
    assert len(rows) == len(graph) + len(graph.edges) + 2


def test_a_split_voice_is_written_from_its_end() -> None:
    graph = Graph(
        (Node("in", source="voice"), Node("crossover"), Node("mix"), Node("out")),
        (
            Edge(0, 1),
            Edge(1, 2, "low"),
            Edge(1, 2, "high"),
            Edge(2, 3),
        ),
    )
    tokens = encode(graph, VOCABULARY, SPECS)
    said = [
        VOCABULARY.node_kinds[kind]
        if type_ == NODE
        else (VOCABULARY.edge_kinds[kind], source, target)
        if type_ == EDGE
        else type_
        for type_, kind, source, target in tokens.rows()
    ]
    assert said == [
        START,
        "out",
        "mix",
        (("out", "in"), 1, 0),
        "crossover",
        (("low", "in"), 2, 1),
        (("high", "in"), 2, 1),
        "in:voice",
        (("out", "in"), 3, 2),
        END,
    ]


def test_the_vocabulary_lists_what_the_catalogue_can_say_and_survives_json() -> None:
    assert len(VOCABULARY.node_kinds) == 1 + len(SOURCES) + len(CATALOGUE)
    assert ("lfo", "frequency") in VOCABULARY.edge_kinds
    assert ("lfo", "in") not in VOCABULARY.edge_kinds
    assert Vocabulary.from_json(json.loads(json.dumps(VOCABULARY.to_json()))) == VOCABULARY


def test_what_the_vocabulary_does_not_know_is_named() -> None:
    graph = Graph((Node("in", source="kazoo"), Node("out")), (Edge(0, 1),))
    with pytest.raises(FormatError, match="no node kind 'in:kazoo'"):
        encode(graph, VOCABULARY, SPECS)
    with pytest.raises(FormatError, match="no edge kind 'lfo' -> 'in'"):
        VOCABULARY.edge(("lfo", "in"))
