"""The whole of an evaluation, on a few examples and a model that knows nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from graphophone.codec.tokens import Vocabulary
from graphophone.codec.travel import width
from graphophone.errors import UsageError, WeightsError
from graphophone.evaluation import suites
from graphophone.evaluation.report import table
from graphophone.evaluation.result import METRICS, EvaluationResult
from graphophone.evaluation.suites import evaluate
from graphophone.models.config import ModelConfig
from graphophone.models.model import GraphModel
from graphophone.models.weights import save_weights
from graphophone.processors import SPECS

TINY = {
    "width": 16,
    "layers": 1,
    "heads": 2,
    "channels": (8, 8, 8, 8, 8, 8, 8),
    "max_nodes": 8,
}


def tiny(path: Path, task: str, conditioning: str, seed: int) -> Path:
    torch.manual_seed(seed)
    config = ModelConfig.model_validate({**TINY, "conditioning": conditioning})
    model = GraphModel(config, Vocabulary.of(SPECS), width(SPECS))
    save_weights(path, model, task=task, step=3)
    return path


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("weights")
    return (
        tiny(folder / "model.safetensors", "singing", "wet", 0),
        tiny(folder / "row2.safetensors", "singing", "none", 1),
    )


def run(
    weights: tuple[Path, Path],
    count: int,
    seed: int = 0,
    told: list[tuple[int, int]] | None = None,
    copies: tuple[str, ...] = (),
) -> EvaluationResult:
    return evaluate(
        "singing",
        "unseen",
        "procedural",
        count,
        weights=weights[0],
        row2_weights=weights[1],
        seed=seed,
        reference_count=2,
        copies=copies,
        progress=None if told is None else lambda done, total: told.append((done, total)),
    )


@pytest.fixture(scope="module", autouse=True)
def small_examples() -> Iterator[None]:
    """Graphs of a size that the tiny model's ids can count, guessed from few readings."""
    patch = pytest.MonkeyPatch()
    patch.setattr("graphophone.models.estimator.READINGS", 2)
    patch.setattr("graphophone.generation.item.draw_size", lambda rng, mix: rng.randint(1, 2))
    yield
    patch.undo()


@pytest.fixture(scope="module")
def told() -> list[tuple[int, int]]:
    return []


@pytest.fixture(scope="module")
def clean(
    weights: tuple[Path, Path], small_examples: None, told: list[tuple[int, int]]
) -> EvaluationResult:
    return run(weights, 3, told=told)


def test_every_metric_has_a_figure(clean: EvaluationResult, told: list[tuple[int, int]]) -> None:
    assert set(clean.metrics) == set(METRICS)
    assert list(clean.baselines) == [
        "no_latent",
        "mean_parameters",
        "most_frequent_graph",
        "nearest_neighbour",
    ]
    assert told[-1] == (5, 5)
    assert sorted(told) == told
    assert clean.weights == "weights model.safetensors after 3 steps"
    assert "`node_error_free_masked`" in table(clean)
    for name in METRICS:
        figure = clean.metrics[name]
        assert figure is not None
        assert 0 <= figure.low <= figure.value <= figure.high


def test_copies_are_of_the_same_examples_and_a_gain_is_not_heard(
    weights: tuple[Path, Path], clean: EvaluationResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int]] = []
    words = ("gain", "shift", "mp3=64")
    both = run(weights, 3, told=told, copies=words)
    assert told[-1] == (2 + 3 * 4, 2 + 3 * 4)
    assert both.metrics == clean.metrics
    assert both.baselines == clean.baselines
    assert clean.copies == {}
    assert tuple(both.copies) == words
    for name in METRICS:
        gain, figure = both.copies["gain"].changes[name], both.metrics[name]
        assert gain is not None
        assert figure is not None
        assert gain.value == pytest.approx(0.0, abs=0.01), name
    changed = [both.copies[word].changes["mss_oracle"] for word in words[1:]]
    assert all(figure is not None and figure.value != 0 for figure in changed)

    monkeypatch.setattr(suites, "BATCH", 2)
    again = run(weights, 3, copies=("shift",))
    for name in METRICS:
        for one, other in (
            (both.metrics[name], again.metrics[name]),
            (both.copies["shift"].metrics[name], again.copies["shift"].metrics[name]),
        ):
            assert one is not None
            assert other is not None
            assert one.value == pytest.approx(other.value, abs=1e-4), name
    assert again.baselines["nearest_neighbour"] == clean.baselines["nearest_neighbour"]


def test_weights_of_another_task_are_refused(tmp_path: Path) -> None:
    path = tiny(tmp_path / "drums.safetensors", "drums", "wet", 0)
    with pytest.raises(UsageError, match=r"drums\.safetensors was trained for drums, not for sing"):
        evaluate("singing", "unseen", "procedural", 1, weights=path)


def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"there are no weights at .*nothing"):
        evaluate("singing", "unseen", "procedural", 1, weights=tmp_path / "nothing")


@pytest.mark.parametrize(
    ("count", "reference", "message"),
    [
        (0, 1, "an evaluation needs at least one example, got 0"),
        (1, 0, "the baselines need at least one example, got 0"),
    ],
)
def test_an_empty_set_is_refused(count: int, reference: int, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        evaluate("singing", "unseen", "procedural", count, reference_count=reference)


def test_evaluation_sets_share_no_seed_with_training_sets() -> None:
    assert suites.REFERENCE_SEED > suites.EVALUATION_SEEDS >= 1_000_000_000
