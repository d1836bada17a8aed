"""One trial of a suite, what is aimed at, and what every suite can do."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from graphophone.errors import UsageError
from graphophone.evaluation.tally import Figure
from graphophone.tensors import Stereo

Marks = tuple[tuple[float, bool], ...]
"""For each node of an estimate how sure it was, and whether it is right."""
Heard = tuple[str, str, Stereo]
"""A sound of a trial: its name, what it is, samples (2, time) at 44.1 kHz."""
Progress = Callable[[int, int], None]
WORST = 0.05
"""Share of the trials that are shown as the worst."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What was measured on one example.

    Attributes:
        line: Which line of the suite.
        index: Position in the set.
        figures: What was measured, by name.
        marks: Of the nodes of the estimate, where they can be right or wrong.
        told: Plain data for people and pages: ``truth`` and ``estimate`` as graphs in JSON where
            there are such, ``sure``, the confidence of each node of the estimate, ``source``, whose
            recording it is, and what else the suite says.
    """

    line: str
    index: int
    figures: Mapping[str, float]
    marks: Marks = ()
    told: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "line": self.line,
            "index": self.index,
            "figures": dict(self.figures),
            "marks": [[sure, right] for sure, right in self.marks],
            "told": dict(self.told),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Trial":
        """Return the trial that plain data says."""
        marks = tuple((float(sure), bool(right)) for sure, right in data["marks"])
        return cls(data["line"], data["index"], data["figures"], marks, data["told"])


@dataclass(frozen=True, slots=True)
class Aim:
    """What a figure is to reach.

    Attributes:
        value: The limit, which is allowed itself.
        least: Whether a figure is to be above it, or below.
    """

    value: float
    least: bool = True

    def reached(self, value: float) -> bool:
        """Whether a value is on the right side."""
        return value >= self.value if self.least else value <= self.value

    def __str__(self) -> str:
        return f"{'at least' if self.least else 'at most'} {self.value:g}"

    def told(self, value: float) -> str:
        """Say the aim, and how far off a value is."""
        if self.reached(value):
            return f"{self}: reached"
        side = "below" if self.least else "above"
        return f"{self}: {abs(value - self.value):.3f} {side}"


@runtime_checkable
class Suite(Protocol):
    """Makes trials and sums them up."""

    @property
    def name(self) -> str:
        """What it is called on the command line."""
        ...

    @property
    def lines(self) -> tuple[str, ...]:
        """Names of its lines, each with a trial for every index."""
        ...

    @property
    def missing(self) -> Mapping[str, str]:
        """Why a line is left out."""
        ...

    @property
    def conditions(self) -> Mapping[str, Any]:
        """Plain data that decides what every trial is, but for its line and its index."""
        ...

    @property
    def bad(self) -> str:
        """Say by what trials are the worst."""
        ...

    def trial(self, line: str, index: int) -> Trial:
        """Make one trial; the same one whoever asks, and when."""
        ...

    def figures(self, line: str, trials: Sequence[Trial], seed: int) -> dict[str, Figure]:
        """Sum up trials of one line."""
        ...

    def aims(self, line: str) -> Mapping[str, Aim]:
        """Return what figures of a line are to reach."""
        ...

    def badness(self, trial: Trial) -> float:
        """Return by how much a trial is bad, to find the worst."""
        ...

    def sounds(self, trial: Trial) -> list[Heard]:
        """Make again what there was to hear in a trial."""
        ...


def check_lines(asked: Sequence[str], allowed: Sequence[str]) -> None:
    """Make sure that a suite has the lines that are asked for.

    Raises:
        UsageError: It has one of them not.
    """
    for line in asked:
        if line not in allowed:
            raise UsageError(f"a line must be one of {', '.join(allowed)}, got {line!r}")


def worst(suite: Suite, trials: Sequence[Trial]) -> list[Trial]:
    """Return the worst 5 % of some trials, at least one of them, the worst first."""
    ranked = sorted(trials, key=lambda t: (-suite.badness(t), t.line, t.index))
    return ranked[: math.ceil(WORST * len(ranked))]
