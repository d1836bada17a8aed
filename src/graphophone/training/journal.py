"""What a run writes while it goes: ``metrics.jsonl``, TensorBoard, a line on a terminal."""

import json
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from graphophone.training.objective import Errors, Objective

LOSSES = ("loss", "token_loss", "parameter_loss", "hint_loss")


class Journal:
    """Collects updates and writes their means now and then.

    Args:
        folder: Where ``metrics.jsonl`` and ``tensorboard`` go; lines are appended.
        steps: Updates in all.
        first: Updates made before.
    """

    def __init__(self, folder: Path, steps: int, first: int) -> None:
        self.path = folder / "metrics.jsonl"
        self.board = _board(folder / "tensorboard")
        self.progress = Progress(
            TextColumn("{task.completed:.0f}/{task.total:.0f}"),
            BarColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[text]}"),
            console=Console(stderr=True),
            disable=not sys.stderr.isatty(),
        )
        self.task = self.progress.add_task("train", total=steps, completed=first, text="")
        self._since = time.monotonic()
        self._updates = 0
        self._sums = [0.0] * len(LOSSES)
        self._counts = [0] * len(Errors._fields)

    def __enter__(self) -> "Journal":
        self.progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.progress.stop()
        if self.board is not None:
            self.board.close()

    def count(self, result: Objective, found: Errors) -> None:
        """Add one update."""
        self._updates += 1
        self._sums = [s + float(part) for s, part in zip(self._sums, result, strict=True)]
        self._counts = [a + b for a, b in zip(self._counts, found, strict=True)]
        self.progress.advance(self.task)

    def write(self, step: int, **more: float) -> None:
        """Write the means since the last time."""
        means = {n: s / self._updates for n, s in zip(LOSSES, self._sums, strict=True)}
        node_wrong, nodes, edge_wrong, edges = self._counts
        values = {
            **means,
            "node_error": node_wrong / max(1, nodes),
            "edge_error": edge_wrong / max(1, edges),
            "seconds_per_step": (time.monotonic() - self._since) / self._updates,
            **more,
        }
        self.note("train", step, values)
        self._reset()

    def note(self, kind: str, step: int, values: dict[str, float]) -> None:
        """Write one line of values."""
        line = {"kind": kind, "step": step, **{n: float(f"{v:.6g}") for n, v in values.items()}}
        with self.path.open("a") as file:
            file.write(json.dumps(line) + "\n")
        if self.board is not None:
            for name, value in values.items():
                self.board.add_scalar(f"{kind}/{name}", value, step)
        text = f"{kind}: loss {values['loss']:.3f}, nodes wrong {values['node_error']:.1%}"
        self.progress.update(self.task, text=text)

    def _reset(self) -> None:
        self._since = time.monotonic()
        self._updates = 0
        self._sums = [0.0] * len(LOSSES)
        self._counts = [0] * len(Errors._fields)


def _board(folder: Path) -> Any:
    """Return a TensorBoard writer, or nothing where TensorBoard is not installed."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return None
    return SummaryWriter(folder)
