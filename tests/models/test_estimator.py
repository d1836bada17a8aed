"""An estimator gives finished, valid graphs, however little its model knows."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from graphophone.codec.tokens import EDGE, END, NODE, SAID, Tokens
from graphophone.graph.rules import check
from graphophone.models.estimator import Estimator
from graphophone.models.model import GraphModel
from graphophone.models.weights import Weights, save_weights
from graphophone.models.writing import Scores, Written, choose, said, write
from graphophone.processors import SPECS


@pytest.fixture
def estimator(model: GraphModel) -> Estimator:
    return Estimator(Weights(model, "singing", 0, {}))


@pytest.mark.parametrize("seed", range(4))
def test_an_untrained_model_gives_valid_graphs(
    estimator: Estimator, mel: torch.Tensor, seed: int
) -> None:
    torch.manual_seed(seed)
    for parameter in estimator.model.parameters():
        parameter.data += 0.3 * torch.randn_like(parameter)
    for guess in estimator(mel):
        check(guess.graph, SPECS)
        assert len(guess.nodes) == len(guess.graph)
        assert len(guess.edges) == len(guess.graph.edges)
        assert all(0 <= p <= 1 for p in guess.nodes + guess.edges)


def test_each_window_is_guessed_alone(estimator: Estimator, mel: torch.Tensor) -> None:
    together = estimator(mel)
    alone = estimator(mel[1:])[0]
    assert alone.graph.nodes[0].type == together[1].graph.nodes[0].type
    assert [n.kind for n in alone.graph.nodes] == [n.kind for n in together[1].graph.nodes]
    assert alone.nodes == pytest.approx(together[1].nodes, abs=1e-4)


def test_it_can_be_loaded(tmp_path: Path, estimator: Estimator, mel: torch.Tensor) -> None:
    path = tmp_path / "weights.safetensors"
    save_weights(path, estimator.model, task="drums", step=1)
    loaded = Estimator.load(path)
    assert loaded.task == "drums"
    sources = {n.source for guess in loaded(mel) for n in guess.graph.nodes if n.type == "in"}
    assert sources <= {"kick", "snare", "hat", "tom", "ride", "crash"}


def test_without_the_mask_anything_may_be_said(estimator: Estimator, mel: torch.Tensor) -> None:
    latents = estimator.listen(mel)
    for masked in (True, False):
        assert len(estimator.prototypes(latents, masked=masked)) == 2
    for prototype in estimator.prototypes(latents):
        check(prototype, SPECS, prototype=True)


def test_written_tokens_are_what_is_said_after_them(
    model: GraphModel, estimator: Estimator, mel: torch.Tensor
) -> None:
    latents = model.listen(mel)
    written = write(model, latents, estimator.grammar)
    again = said(model, latents, [w.tokens for w in written], estimator.grammar)
    for one, tokens in zip(written, again, strict=True):
        assert tokens == list(one.tokens.rows())[1:]


def test_travels_come_a_row_a_token(
    estimator: Estimator, mel: torch.Tensor, sequences: list[Tokens]
) -> None:
    rows = estimator.travels(estimator.listen(mel), sequences)
    assert [row.shape for row in rows] == [(len(s), 6) for s in sequences]
    assert len(estimator.said(estimator.listen(mel), sequences)[0]) == len(sequences[0]) - 1


def scores(type_: int, **loud: int) -> Scores:
    """Log-probabilities with one loud class a head."""
    sizes = {"types": 3, "node_kinds": 4, "edge_kinds": 3, "sources": 5, "targets": 5}
    loud["types"] = type_ - SAID[0]
    heads = {}
    for name, size in sizes.items():
        logits = np.zeros(size, np.float32)
        logits[loud.get(name, 0)] = 3
        heads[name] = logits - np.log(np.exp(logits).sum())
    return Scores(**heads)


def test_freely_every_head_has_its_say() -> None:
    token, sure = choose(scores(NODE, node_kinds=2, sources=4, targets=3), None, 1) or ((), 0)
    assert token == (NODE, 2, 4, 3)
    e = math.exp(3)
    assert sure == pytest.approx(e / (e + 2) * e / (e + 3))
    token, sure = choose(scores(EDGE, edge_kinds=1, sources=2, targets=1), None, 3) or ((), 0)
    assert token == (EDGE, 1, 2, 1)
    assert sure == pytest.approx((e / (e + 2)) ** 2 * (e / (e + 4)) ** 2)
    assert choose(scores(END), None, 3) == ((END, -1, -1, -1), pytest.approx(e / (e + 2)))


def test_a_sequence_is_as_probable_as_its_tokens_together() -> None:
    tokens = Tokens((0, NODE, END), (-1, 0, -1), (-1, 0, -1), (-1, 0, -1))
    written = Written(tokens, (1.0, 0.5, 0.25))
    assert written.ended
    assert written.log_probability == pytest.approx(math.log(0.125))
