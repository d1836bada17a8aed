"""Errors by token and by best assignment, validity, and overlap of node types."""

from dataclasses import replace

import pytest

from graphophone.codec.tokens import EDGE, END, NODE, Token, Tokens, Vocabulary, encode
from graphophone.evaluation.prototype import free_errors, iou, is_valid, token_errors
from graphophone.evaluation.tally import Tally
from graphophone.graph.canonical import prototype
from graphophone.graph.model import Edge, Graph, Node
from graphophone.processors import SPECS
from tests.evaluation.graphs import chain, kit

VOCABULARY = Vocabulary.of(SPECS)


def rows(tokens: Tokens) -> list[Token]:
    return list(zip(tokens.types, tokens.kinds, tokens.sources, tokens.targets, strict=True))


def test_what_is_said_right_counts_as_no_error() -> None:
    tokens = encode(chain("lowpass", "distortion"), VOCABULARY, SPECS)
    assert token_errors(tokens, rows(tokens)[1:]) == {
        "node_error": Tally(0, 4),
        "edge_error": Tally(0, 3),
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [(0, EDGE), (0, END), (1, 0), (2, 9)],
    ids=["token type", "end too early", "node type", "node id"],
)
def test_any_wrong_part_makes_a_node_token_wrong_once(field: int, value: int) -> None:
    tokens = encode(chain("lowpass"), VOCABULARY, SPECS)
    said = rows(tokens)[1:]
    place = next(i for i, row in enumerate(said) if row[0] == NODE and i > 0)
    wrong = list(said[place])
    wrong[field] = value
    said[place] = (wrong[0], wrong[1], wrong[2], wrong[3])
    assert token_errors(tokens, said)["node_error"] == Tally(1, 3)
    assert token_errors(tokens, said)["edge_error"] == Tally(0, 2)


@pytest.mark.parametrize("field", [1, 2, 3], ids=["edge type", "source", "target"])
def test_any_wrong_part_makes_an_edge_token_wrong_once(field: int) -> None:
    tokens = encode(chain("lowpass"), VOCABULARY, SPECS)
    said = rows(tokens)[1:]
    place = next(i for i, row in enumerate(said) if row[0] == EDGE)
    wrong = list(said[place])
    wrong[field] += 1
    said[place] = (wrong[0], wrong[1], wrong[2], wrong[3])
    assert token_errors(tokens, said, "_masked") == {
        "node_error_masked": Tally(0, 3),
        "edge_error_masked": Tally(1, 2),
    }


def test_the_end_token_is_neither_node_nor_edge() -> None:
    tokens = encode(chain(), VOCABULARY, SPECS)
    said = [*rows(tokens)[1:-1], (NODE, 0, 2, 2)]
    assert token_errors(tokens, said) == {"node_error": Tally(0, 2), "edge_error": Tally(0, 1)}


def test_a_decoded_graph_may_list_its_nodes_in_any_order() -> None:
    graph = kit(kick=("distortion",), snare=("bell", "panning"))
    shuffled = graph.reordered((3, 6, 0, 5, 2, 1, 4))
    assert free_errors(graph, shuffled) == {
        "node_error_free": Tally(0, 7),
        "edge_error_free": Tally(0, 6),
    }


def test_a_missing_node_costs_itself_and_its_cables() -> None:
    truth, decoded = chain("bell", "distortion"), chain("bell")
    assert free_errors(truth, decoded) == {
        "node_error_free": Tally(1, 4),
        "edge_error_free": Tally(2, 3),  # bell -> distortion and distortion -> out
    }


def test_too_much_costs_as_much_as_too_little() -> None:
    assert free_errors(chain("bell"), chain("bell", "distortion"), "_masked") == {
        "node_error_free_masked": Tally(1, 4),
        "edge_error_free_masked": Tally(2, 3),
    }


def test_a_cable_in_the_wrong_port_is_wrong() -> None:
    truth = kit(kick=(), snare=())
    moved = truth.with_parts(
        truth.nodes, (replace(e, inlet="side") if e.source == 0 else e for e in truth.edges)
    )
    assert free_errors(truth, moved)["edge_error_free"] == Tally(1, 3)


def test_validity_is_that_of_the_rules() -> None:
    graph = prototype(chain("bell"))
    assert is_valid(graph)
    assert not is_valid(graph.with_parts(graph.nodes, graph.edges[1:]))


def test_cables_to_nodes_that_were_never_decoded_are_errors_and_no_accident() -> None:
    truth = prototype(chain("bell"))
    loose = truth.with_parts(truth.nodes, (*truth.edges, Edge(40, 1)))
    assert not is_valid(loose)
    assert free_errors(truth, loose)["edge_error_free"] == Tally(1, 3)
    assert iou(truth, loose, by_track=False) == Tally(1.0)


def test_overlap_counts_how_often_a_type_occurs() -> None:
    """in:voice and bell are shared; the other bell and the distortion are not: 2 of 4."""
    assert iou(chain("bell", "bell"), chain("bell", "distortion"), by_track=False) == Tally(0.5)


def test_overlap_of_a_mix_is_averaged_over_tracks_and_bus() -> None:
    """Kick: in:kick of in:kick and bell, 1/2. Snare is missing: 0. Bus: mix on both sides, 1."""
    truth, decoded = kit(kick=("bell",), snare=()), kit(kick=(), hat=())
    assert iou(truth, decoded, by_track=True).total == pytest.approx((0.5 + 0 + 0 + 1) / 4)


def test_what_cannot_be_split_into_tracks_scores_nothing() -> None:
    truth = prototype(kit(kick=(), snare=()))
    mix = next(i for i, node in enumerate(truth.nodes) if node.type == "mix")
    cyclic = truth.with_parts(truth.nodes, (*truth.edges, Edge(mix, mix)))
    two_outs = Graph((*truth.nodes, Node("out")), truth.edges)
    assert iou(truth, cyclic, by_track=True) == Tally(0.0)
    assert iou(truth, two_outs, by_track=True) == Tally(0.0)
