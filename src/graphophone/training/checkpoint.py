"""The whole state of a run in one file, so that a killed run goes on as if nothing happened.

Randomness is no part of it: every update seeds itself by the run's seed and its own number.
"""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from graphophone.errors import WeightsError

MOMENTS = ("exp_avg", "exp_avg_sq")


def save_checkpoint(
    path: Path, model: nn.Module, optimizer: torch.optim.AdamW, about: dict[str, Any]
) -> None:
    """Write model, optimizer moments and ``about`` (with the step), whole or not at all."""
    tensors = {f"model/{name}": t for name, t in model.state_dict().items()}
    for name, parameter in model.named_parameters():
        state = optimizer.state.get(parameter, {})
        tensors |= {f"{m}/{name}": state[m] for m in MOMENTS if m in state}
    temporary = path.with_name(path.name + ".tmp")
    save_file(
        {name: t.detach().cpu().contiguous() for name, t in tensors.items()},
        temporary,
        {"about": json.dumps(about)},
    )
    temporary.replace(path)


def read_about(path: Path) -> dict[str, Any]:
    """Return what a checkpoint says about itself.

    Raises:
        WeightsError: It is not a checkpoint.
    """
    try:
        with safe_open(path, "pt") as file:
            about: dict[str, Any] = json.loads((file.metadata() or {})["about"])
            return about
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        raise WeightsError(f"{path} is not a checkpoint: {error}") from None


def restore(path: Path, model: nn.Module, optimizer: torch.optim.AdamW) -> None:
    """Put a checkpoint's tensors into a model and its optimizer."""
    step = float(read_about(path)["step"])
    with safe_open(path, "pt") as file:
        names = set(file.keys())
        model.load_state_dict(
            {name: file.get_tensor(f"model/{name}") for name in model.state_dict()}
        )
        for name, parameter in model.named_parameters():
            if f"{MOMENTS[0]}/{name}" in names:
                state = {  # laid out in memory as the parameter is
                    m: torch.empty_like(parameter, requires_grad=False).copy_(
                        file.get_tensor(f"{m}/{name}")
                    )
                    for m in MOMENTS
                }
                optimizer.state[parameter] = {"step": torch.tensor(step), **state}
