"""What a stopped fit of a console leaves: all that it takes to go on at the very step."""

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from graphophone.errors import FormatError, StorageError, UsageError
from graphophone.fitting.console.desk import Desk
from graphophone.fitting.console.tuning import Tuning
from graphophone.fitting.pair import Pair
from graphophone.fitting.state import key_of

FORMAT = "1"


@dataclass
class Saved:
    """A fit of a console.

    Attributes:
        tuning: Where it stands.
        curve: Distance at each step, on the piece of that step.
        loss_full: Distance of the whole console when pruning began.
        seconds: Time spent so far, over all runs.
    """

    tuning: Tuning
    curve: list[float]
    loss_full: float | None
    seconds: float


def save(path: Path, pair: Pair, seed: int, saved: Saved) -> None:
    """Write a state under a temporary name, then put it in place.

    Raises:
        StorageError: It cannot be written.
    """
    tuning, desk = saved.tuning, saved.tuning.desk
    numbers = {"step": tuning.step, "loss_full": saved.loss_full, "seconds": saved.seconds}
    tensors = {
        "travel": desk.travel,
        "shares": desk.shares,
        "kept": desk.kept.clone(),
        "curve": torch.tensor(saved.curve, dtype=torch.float64),
        **{f"first_{i}": t.clone() for i, t in enumerate(tuning.first)},
        **{f"second_{i}": t.clone() for i, t in enumerate(tuning.second)},
    }
    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    meta = {
        "format": FORMAT,
        "key": key_of(pair, seed),
        "groups": json.dumps(desk.groups),
        "numbers": json.dumps(numbers),
    }
    try:
        save_file({n: t.contiguous() for n, t in tensors.items()}, temporary, meta)
        temporary.replace(path)
    except (OSError, SafetensorError) as error:
        temporary.unlink(missing_ok=True)
        raise StorageError(f"{path}: the state cannot be written ({error})") from None


def load(path: Path, pair: Pair, seed: int, empty: Desk) -> Saved | None:
    """Read a state; nothing where there is none.

    Args:
        path: The file.
        pair: Stems and mix that are fitted now.
        seed: The seed of now.
        empty: An untouched console of them.

    Raises:
        UsageError: It belongs to other recordings, groups or another seed.
        FormatError: The file is no state of a console, or is damaged.
    """
    if not path.is_file():
        return None
    try:
        with safe_open(path, "pt") as file:
            meta = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        numbers = json.loads(meta["numbers"])
        if meta["format"] != FORMAT:
            raise FormatError(f"{path}: a state of another version (--fresh starts anew)")
        same = meta["key"] == key_of(pair, seed) and meta["groups"] == json.dumps(empty.groups)
        if not same:
            raise UsageError(
                f"{path} is the state of a fit of other recordings, groups or of another seed: "
                "give another folder (--out), or start anew (--fresh)"
            )
        desk = replace(empty, **{n: tensors[n] for n in ("travel", "shares", "kept")})
        first, second = (
            (tensors[f"{name}_0"], tensors[f"{name}_1"]) for name in ("first", "second")
        )
        return Saved(
            Tuning(desk, int(numbers["step"]), first, second),
            tensors["curve"].tolist(),
            numbers["loss_full"],
            float(numbers["seconds"]),
        )
    except (FormatError, UsageError):
        raise
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        raise FormatError(
            f"{path}: not the state of a console, or damaged ({error}); --fresh starts anew"
        ) from None
