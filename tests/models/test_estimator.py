"""An estimator gives finished, valid graphs, however little its model knows."""

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from graphophone.audio.heard import Heard
from graphophone.codec.grammar import Legal
from graphophone.codec.tokens import EDGE, END, NODE, SAID, Tokens
from graphophone.graph.rules import check
from graphophone.models.estimator import READINGS, Estimator
from graphophone.models.model import GraphModel, NextToken
from graphophone.models.vote import vote
from graphophone.models.weights import Weights, save_weights
from graphophone.models.writing import Scores, _ahead, choose, said, write
from graphophone.processors import SPECS


def heard(mel: torch.Tensor) -> Heard:
    return Heard(mel, torch.zeros(len(mel), 2, 8, 8))


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
    for guesses in estimator(heard(mel)):
        assert sum(guess.weight for guess in guesses) == pytest.approx(1)
        for guess in guesses:
            check(guess.graph, SPECS)


def test_each_window_is_read_alone(estimator: Estimator, mel: torch.Tensor) -> None:
    together, alone = estimator(heard(mel))[1], estimator(heard(mel[1:]))[0]
    assert [g.weight for g in alone] == [g.weight for g in together]
    for one, other in zip(alone, together, strict=True):
        assert [n.kind for n in one.graph.nodes] == [n.kind for n in other.graph.nodes]
    kinds = [[n.kind for n in graph.nodes] for graph in estimator.graphs(estimator.listen(mel))]
    assert kinds[1] == [n.kind for n in vote(together, SPECS).graph.nodes]


def test_it_can_be_loaded(tmp_path: Path, estimator: Estimator, mel: torch.Tensor) -> None:
    path = tmp_path / "weights.safetensors"
    save_weights(path, estimator.model, task="drums", step=1)
    loaded = Estimator.load(path)
    assert loaded.task == "drums"
    sources = {
        n.source for guess in loaded(heard(mel))[0] for n in guess.graph.nodes if n.type == "in"
    }
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
    again = said(model, latents, written, estimator.grammar)
    for one, tokens in zip(written, again, strict=True):
        assert tokens == list(one.rows())[1:]


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
    assert choose(scores(NODE, node_kinds=2, sources=4, targets=3), None, 1) == (NODE, 2, 4, 3)
    assert choose(scores(EDGE, edge_kinds=1, sources=2, targets=1), None, 3) == (EDGE, 1, 2, 1)
    assert choose(scores(END), None, 3) == (END, -1, -1, -1)


def test_drawn_tokens_come_as_often_as_they_are_probable() -> None:
    legal = Legal(np.array([True, True, False, True]), np.array([[1, 0, 0], [2, 0, 1]]), end=True)
    one = scores(NODE, node_kinds=2, sources=2)
    rng = np.random.default_rng(0)
    drawn = Counter(choose(one, legal, 1, draw) for draw in rng.random((40_000, 2)))
    e = math.exp(3)
    node, edge = e / (e + 2), 1 / (e + 2)
    expected = {  # the loud node is illegal; each cable is loud once
        **{(NODE, kind, 1, 1): node / 3 for kind in (0, 1, 3)},
        (EDGE, 0, 1, 0): edge * e / (e + e),
        (EDGE, 1, 2, 0): edge * e / (e + e),
        (END, -1, -1, -1): edge,
    }
    assert drawn.keys() == expected.keys()
    for token, p in expected.items():
        assert drawn[token] / 40_000 == pytest.approx(p, abs=5 * (p / 40_000) ** 0.5)


def test_label_smoothing_is_taken_back() -> None:
    true = torch.tensor([0.7, 0.25, 0.05, 0.0])
    learnt = NextToken(*[(0.9 * true + 0.1 / 4).log()] * 5)
    for head in _ahead(learnt, smoothing=0.1):
        np.testing.assert_allclose(np.exp(head), true, atol=1e-6)


def test_what_readings_share_is_told(estimator: Estimator, mel: torch.Tensor) -> None:
    guesses, read = estimator(heard(mel))[0], 1 + READINGS
    assert len({tuple(n.kind for n in g.graph.nodes) for g in guesses}) > 1, "draws differ"
    assert all(round(g.weight * read, 6).is_integer() for g in guesses)
    assert estimator(heard(mel))[0] == guesses, "and they are the same every time"
