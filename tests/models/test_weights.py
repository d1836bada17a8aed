"""Weights survive the file; what is no weight file is refused in a sentence."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from graphophone.errors import WeightsError
from graphophone.models.model import GraphModel
from graphophone.models.weights import load_weights, pretrained, pretrained_path, save_weights


def rewritten(path: Path, change: Any) -> None:
    """Change what a weight file says about itself."""
    with safe_open(path, "pt") as file:
        about = json.loads(file.metadata()["about"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    save_file(tensors, path, {"about": change(about)})


@pytest.fixture
def path(tmp_path: Path, model: GraphModel) -> Path:
    path = tmp_path / "weights.safetensors"
    save_weights(path, model, task="singing", step=7, notes={"name": "a test"})
    return path


def test_a_model_survives_the_file(path: Path, model: GraphModel, mel: torch.Tensor) -> None:
    save_weights(path, model, task="singing", step=7, notes={"name": "a test"}, dtype=torch.float32)
    loaded = load_weights(path)
    assert (loaded.task, loaded.step, loaded.notes) == ("singing", 7, {"name": "a test"})
    assert loaded.model.config == model.config
    assert not loaded.model.training
    torch.testing.assert_close(loaded.model.listen(mel), model.listen(mel), atol=0, rtol=0)


def test_tensors_are_stored_in_half_precision(path: Path, model: GraphModel) -> None:
    numbers = sum(p.numel() for p in model.parameters())
    header = 8 + int.from_bytes(path.read_bytes()[:8], "little")
    assert path.stat().st_size - header == 2 * numbers


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"there are no weights at .*none\.safetensors"):
        load_weights(tmp_path / "none.safetensors")


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "song.safetensors"
    path.write_bytes(b"RIFF" * 100)
    with pytest.raises(WeightsError, match=r"song\.safetensors is not a safetensors file"):
        load_weights(path)


def test_foreign_tensors_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"a": torch.zeros(2)}, path)
    with pytest.raises(WeightsError, match="holds tensors but is no Graphophone weight file"):
        load_weights(path)


def test_weights_of_another_catalogue_are_refused(path: Path) -> None:
    rewritten(path, lambda about: json.dumps(about | {"catalogue": "older"}))
    with pytest.raises(WeightsError, match="trained with catalogue older, this version has"):
        load_weights(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda about: "{",
        lambda about: json.dumps({k: v for k, v in about.items() if k != "config"}),
        lambda about: json.dumps(about | {"config": {"width": "wide"}}),
        lambda about: json.dumps(about | {"vocabulary": {"node_kinds": 3}}),
    ],
    ids=["no JSON", "no config", "wrong config", "no vocabulary"],
)
def test_damaged_metadata_is_refused(path: Path, change: Any) -> None:
    rewritten(path, change)
    with pytest.raises(WeightsError, match="has damaged metadata"):
        load_weights(path)


def test_tensors_that_do_not_fit_are_refused(path: Path) -> None:
    rewritten(path, lambda about: json.dumps(about | {"knobs": 9}))
    with pytest.raises(WeightsError, match=r"does not fit its own description: .*knob_head"):
        load_weights(path)


def test_only_shipped_tasks_can_be_asked_for() -> None:
    assert pretrained_path("drums").name == "weights_drums.safetensors"
    with pytest.raises(WeightsError, match="task must be one of singing, drums, got 'piano'"):
        pretrained("piano")
