"""What is made small is small exactly where the answer is right."""

import pytest
import torch

from graphophone.codec.tokens import NODE, SAID, Tokens, Vocabulary, encode
from graphophone.graph import Edge, Graph, Node
from graphophone.models.batch import TokenBatch
from graphophone.models.model import NextToken
from graphophone.processors import SPECS
from graphophone.training.objective import errors, knob_distance, token_loss

VOCABULARY = Vocabulary.of(SPECS)
GRAPH = Graph((Node("out"), Node("bell"), Node("in", source="voice")), (Edge(1, 0), Edge(2, 1)))
TOKENS = encode(GRAPH, VOCABULARY, SPECS)


def sure(tokens: Tokens, *, of: float = 30.0) -> NextToken:
    """Scores of a decoder that knows the sequence."""
    truth = TokenBatch.of([tokens]).future()
    sizes = (3, len(VOCABULARY.node_kinds), len(VOCABULARY.edge_kinds), 8, 8)
    labels = (truth.types - SAID[0], truth.kinds, truth.kinds, truth.sources, truth.targets)
    return NextToken(
        *(
            of * torch.nn.functional.one_hot(label.clamp(0, size - 1), size).float()
            for label, size in zip(labels, sizes, strict=True)
        )
    )


def test_a_perfect_answer_costs_nothing_and_has_no_errors() -> None:
    truth = TokenBatch.of([TOKENS]).future()
    assert float(token_loss(sure(TOKENS), truth, 0.0)) == pytest.approx(0, abs=1e-6)
    assert errors(sure(TOKENS), truth) == (0, 3, 0, 2)


def test_knowing_nothing_costs_the_logarithm_of_the_classes() -> None:
    truth = TokenBatch.of([TOKENS]).future()
    sizes = torch.tensor([3, len(VOCABULARY.node_kinds), len(VOCABULARY.edge_kinds), 8, 8])
    expected = float(sizes.log().sum())
    assert float(token_loss(sure(TOKENS, of=0.0), truth, 0.1)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("head", ["types", "sources", "targets", "node_kinds"])
def test_a_node_is_wrong_if_any_part_of_it_is(head: str) -> None:
    scores, truth = sure(TOKENS), TokenBatch.of([TOKENS]).future()
    place = 1 + int((truth.types[0, 1:] == NODE).nonzero()[0])
    wrong = getattr(scores, head).clone()
    wrong[0, place] = wrong[0, place].roll(1)
    assert errors(scores._replace(**{head: wrong}), truth) == (1, 3, 0, 2)
    other = scores.edge_kinds.roll(1, -1)
    assert errors(scores._replace(edge_kinds=other), truth) == (0, 3, 2, 2)


def test_padding_changes_nothing() -> None:
    wire = encode(
        Graph((Node("out"), Node("in", source="voice")), (Edge(1, 0),)), VOCABULARY, SPECS
    )
    truth = TokenBatch.of([wire, TOKENS]).future()
    short, long = sure(wire), sure(TOKENS)
    n = len(wire) - 1
    both = NextToken(
        *(
            torch.cat([torch.cat([a, torch.randn_like(b)[:, n:]], 1), b])
            for a, b in zip(short, long, strict=True)
        )
    )
    assert errors(both, truth) == (0, 5, 0, 3)
    assert float(token_loss(both, truth, 0.0)) == pytest.approx(0, abs=1e-6)


def test_a_circular_knob_wraps() -> None:
    a, b = torch.tensor([0.95, 0.95]), torch.tensor([0.05, 0.05])
    gap = knob_distance(a, b, torch.tensor([True, False]))
    assert gap.tolist() == pytest.approx([0.1, 0.9])
