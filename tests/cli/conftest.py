"""Commands run in this process, on small files, with a small model."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from graphophone.cli.main import main
from graphophone.codec.tokens import Vocabulary
from graphophone.codec.travel import width
from graphophone.graph.build import GraphBuilder
from graphophone.models.config import ModelConfig
from graphophone.models.estimator import Estimator
from graphophone.models.model import GraphModel
from graphophone.models.vote import Guess
from graphophone.models.weights import save_weights
from graphophone.processors import SPECS
from tests.cli.sounds import Ran, sound


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)  # small tensors, and other tests run beside these


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Return a function that runs a command line."""

    def call(*words: str | Path) -> Ran:
        capsys.readouterr()
        status = main([str(word) for word in words])
        return Ran(status, *capsys.readouterr())

    return call


@pytest.fixture
def wet(tmp_path: Path) -> Path:
    """A short recording."""
    return sound(tmp_path / "wet.wav")


def small_model(task: str) -> GraphModel:
    """A model of the smallest size that has learned nothing."""
    torch.manual_seed(5)
    config = ModelConfig(width=16, layers=1, heads=2, channels=(8,) * 7, max_nodes=8)
    return GraphModel(config, Vocabulary.of(SPECS), width(SPECS))


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with weights for both tasks."""
    folder = tmp_path_factory.mktemp("models")
    for task in ("singing", "drums"):
        save_weights(folder / f"{task}.safetensors", small_model(task), task=task, step=0)
    return folder


@pytest.fixture
def weights(models: Path) -> Path:
    """Weights of a model for voices."""
    return models / "singing.safetensors"


def guess(task: str) -> Guess:
    """What a model that has learned might say."""
    builder = GraphBuilder(SPECS)
    names = ("voice",) if task == "singing" else ("kick", "snare")
    mix = builder.add("mix") if len(names) > 1 else None
    drive, out = builder.add("distortion", gain=30.0), builder.add("out")
    for name in names:
        builder.connect(builder.add("in", source=name), drive if mix is None else mix)
    if mix is not None:
        builder.connect(mix, drive)
    builder.connect(drive, out)
    graph = builder.graph()
    return Guess(graph)


@pytest.fixture
def ear(monkeypatch: pytest.MonkeyPatch, models: Path) -> Path:
    """Let every model hear distortion, and ship one for each task."""

    def hear(self: Estimator, mel: Any) -> list[list[Guess]]:
        return [[guess(self.task)] for _ in mel]

    monkeypatch.setattr(Estimator, "__call__", hear)
    target = "graphophone.models.weights.pretrained_path"
    monkeypatch.setattr(target, lambda t: models / f"{t}.safetensors")
    return models
