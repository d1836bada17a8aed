"""What a decoder that writes node by node makes small, and what is counted of it."""

import math

import pytest
import torch
import torch.nn.functional as F

from graphophone.codec.steps import by_step
from graphophone.codec.tokens import NODE, SAID, Vocabulary, encode
from graphophone.codec.travel import width
from graphophone.evaluation.prototype import token_errors
from graphophone.models.batch import TokenBatch
from graphophone.models.cables import NodePlaces, true_cables
from graphophone.models.config import ModelConfig
from graphophone.models.model import GraphModel, NextStep, NextToken
from graphophone.models.stepping import said_steps
from graphophone.processors import SPECS
from graphophone.training.steps import step_counts, step_loss
from tests.evaluation.graphs import chain, kit

VOCABULARY = Vocabulary.of(SPECS)
KINDS = len(VOCABULARY.edge_kinds)
GRAPHS = (chain("bell", "chorus"), kit(kick=("bell",), hat=("compressor", "phaser")), chain())
TOKENS = [by_step(encode(graph, VOCABULARY, SPECS)) for graph in GRAPHS]
BATCH = TokenBatch.of(TOKENS)


def sure(*, of: float) -> NextStep:
    """Scores of a decoder that knows the graphs, or nothing where ``of`` is 0."""
    truth, nodes = BATCH.future(), NodePlaces.of(BATCH)
    sizes = (3, len(VOCABULARY.node_kinds), KINDS, 8, 8)
    labels = (truth.types - SAID[0], truth.kinds, truth.kinds, truth.sources, truth.targets)
    ahead = NextToken(
        *(
            of * F.one_hot(label.clamp(0, size - 1), size).float()
            for label, size in zip(labels, sizes, strict=True)
        )
    )
    cables = true_cables(BATCH, nodes.places.shape[1], KINDS)
    return NextStep(ahead, of * (2 * cables.float() - 1), nodes)


def test_a_perfect_answer_costs_nothing_and_has_no_errors() -> None:
    assert float(step_loss(sure(of=40), BATCH, 0.0)) == pytest.approx(0, abs=1e-6)
    edges = sum(len(graph.edges) for graph in GRAPHS)
    assert step_counts(sure(of=40), BATCH) == (0, sum(map(len, GRAPHS)), 0, edges)


def test_knowing_nothing_costs_a_bit_a_cable_that_could_be() -> None:
    nodes = sum(map(len, GRAPHS))
    pairs = sum(len(graph) * (len(graph) - 1) // 2 for graph in GRAPHS)
    expected = math.log(3) + math.log(len(VOCABULARY.node_kinds))
    expected += pairs * 2 * KINDS * math.log(2) / nodes
    assert float(step_loss(sure(of=0), BATCH, 0.0)) == pytest.approx(expected, rel=1e-5)


def test_cables_of_nodes_that_are_not_there_cost_nothing() -> None:
    scores = sure(of=40)
    noise = scores.cables.masked_fill(~scores.nodes.pairs[..., None], 40.0)
    loud = scores._replace(cables=noise)
    assert float(step_loss(loud, BATCH, 0.0)) == pytest.approx(0, abs=1e-6)
    assert step_counts(loud, BATCH) == step_counts(scores, BATCH)


def test_training_counts_what_evaluation_counts() -> None:
    torch.manual_seed(2)
    config = ModelConfig(
        width=16,
        layers=1,
        heads=2,
        dropout=0.0,
        channels=(8,) * 7,
        max_nodes=12,
        decoding="nodes",
    )
    model = GraphModel(config, VOCABULARY, width(SPECS)).eval()
    for parameter in model.parameters():
        parameter.data += 0.3 * torch.randn_like(parameter)
    model.cables.ways.bias.data += 5  # type: ignore[union-attr]  # some cables are said, some not
    latents = torch.randn(len(TOKENS), 1, 16)
    with torch.inference_mode():
        counted = step_counts(model.write_steps(latents, BATCH.history()), BATCH)
    found = [
        token_errors(tokens, said)
        for tokens, said in zip(TOKENS, said_steps(model, latents, TOKENS), strict=True)
    ]
    sums = [
        sum(getattr(one[name], part) for one in found)
        for name in ("node_error", "edge_error")
        for part in ("total", "count")
    ]
    assert list(counted) == sums
    assert 0 < counted[2] < counted[3]
    assert counted[1] == int((BATCH.types == NODE).sum())
