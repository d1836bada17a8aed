"""Weight files: tensors in safetensors, all that explains them as JSON in the header."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from graphophone.codec.tokens import Vocabulary
from graphophone.errors import WeightsError
from graphophone.models.config import ModelConfig
from graphophone.models.model import GraphModel
from graphophone.processors import CATALOGUE_HASH

FORMAT = 1
TASKS = ("singing", "drums")


@dataclass(frozen=True, slots=True)
class Weights:
    """A model as loaded from a file.

    Attributes:
        model: Ready to estimate (in evaluation mode).
        task: What it was trained for.
        step: Updates it was trained for.
        notes: Whatever else the file says about its making.
    """

    model: GraphModel
    task: str
    step: int
    notes: Mapping[str, Any]


def save_weights(
    path: Path,
    model: GraphModel,
    *,
    task: str,
    step: int,
    notes: Mapping[str, Any] | None = None,
    dtype: torch.dtype = torch.float16,
) -> None:
    """Write a model; floats are stored as ``dtype``.

    Args:
        path: Where to; replaced at once when the file is whole.
        model: The model.
        task: What it was trained for.
        step: Updates it was trained for.
        notes: Plain data kept beside it.
        dtype: How to store it; half precision halves the file.
    """
    about = {
        "graphophone_weights": FORMAT,
        "catalogue": CATALOGUE_HASH,
        "task": task,
        "step": step,
        "config": model.config.model_dump(mode="json"),
        "vocabulary": model.vocabulary.to_json(),
        "knobs": model.knobs,
        "notes": dict(notes or {}),
    }
    tensors = {
        name: tensor.detach().to("cpu", dtype).contiguous()
        for name, tensor in model.state_dict().items()
    }
    temporary = path.with_name(path.name + ".tmp")
    save_file(tensors, temporary, {"about": json.dumps(about)})
    temporary.replace(path)


def load_weights(path: Path, device: torch.device | str = "cpu") -> Weights:
    """Read a model.

    Raises:
        WeightsError: The file is missing, no weight file, of another catalogue, or damaged.
    """
    if not path.is_file():
        raise WeightsError(f"there are no weights at {path}")
    try:
        with safe_open(path, "pt") as file:
            header = (file.metadata() or {}).get("about")
            tensors = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise WeightsError(f"{path} is not a safetensors file: {error}") from None
    if header is None:
        raise WeightsError(f"{path} holds tensors but is no Graphophone weight file")
    try:
        about = json.loads(header)
        catalogue, task, step = str(about["catalogue"]), str(about["task"]), int(about["step"])
        config = ModelConfig.model_validate(about["config"])
        vocabulary = Vocabulary.from_json(about["vocabulary"])
        knobs, notes = int(about["knobs"]), dict(about["notes"])
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        raise WeightsError(f"{path} has damaged metadata: {type(error).__name__} {error}") from None
    if catalogue != CATALOGUE_HASH:
        raise WeightsError(
            f"{path} was trained with catalogue {catalogue}, this version has {CATALOGUE_HASH}; "
            "processors have changed, so it has to be trained again"
        )
    model = GraphModel(config, vocabulary, knobs)
    try:
        model.load_state_dict(tensors)
    except RuntimeError as error:
        first = str(error).splitlines()[-1].strip()
        raise WeightsError(f"{path} does not fit its own description: {first}") from None
    return Weights(model.to(device).eval(), task, step, notes)


def pretrained_path(task: str) -> Path:
    """Return where the shipped weights of a task lie.

    Raises:
        WeightsError: There is no such task.
    """
    if task not in TASKS:
        raise WeightsError(f"task must be one of {', '.join(TASKS)}, got {task!r}")
    return Path(__file__).parent / f"weights_{task}.safetensors"


def shipped() -> tuple[str, ...]:
    """Name the tasks for which a model is installed."""
    return tuple(task for task in TASKS if pretrained_path(task).is_file())


def pretrained(task: str, device: torch.device | str = "cpu") -> Weights:
    """Load the shipped weights of a task."""
    return load_weights(pretrained_path(task), device)
