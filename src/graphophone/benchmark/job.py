"""What is to be done, said once for everyone who tries."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

Shape = Literal["series", "console", "graphs", "stream"]
TRACKS = 8
GROUPS = 2
"""Of the console; tracks go to its subgroups by turns."""
BLOCK = 64
"""Samples of a block of a stream: what an interface asks for at a time."""


@dataclass(frozen=True, slots=True)
class Swing:
    """A sine that moves a knob.

    Attributes:
        knob: The knob.
        hertz: Swings per second.
        reach: How far it moves to either side, as a share of the knob's travel.
    """

    knob: str
    hertz: float
    reach: float


@dataclass(frozen=True, slots=True)
class Stage:
    """One processor with its settings, in our terms.

    Attributes:
        type: Its name in the catalogue.
        knobs: Settings in physical units; the others keep their default.
        swing: What moves one of them.
    """

    type: str
    knobs: Mapping[str, float] = field(default_factory=dict)
    swing: Swing | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A case as contenders see it.

    Attributes:
        shape: ``series``: stages one after the other on each clip. ``console``: 8 tracks with
            these stages each, in two subgroups with these stages again. ``graphs``: random graphs.
            ``stream``: the series, a block of 64 samples a run, each going on from the last.
        rate: Samples per second.
        stages: The processors.
        gradient: Whether the gradient of the result's mean square to all settings is wanted.
        task: Which random graphs, ``singing`` or ``drums``.
        device: Where tensors are, in PyTorch's words.
        copies: How often each random graph is rendered in a run.
    """

    shape: Shape
    rate: int
    stages: tuple[Stage, ...] = ()
    gradient: bool = False
    task: str = ""
    device: str = "cpu"
    copies: int = 1

    @property
    def types(self) -> tuple[str, ...]:
        """The processors' names in their order."""
        return tuple(stage.type for stage in self.stages)

    @property
    def stages_at_rest(self) -> tuple[Stage, ...]:
        """The processors without movement."""
        return tuple(replace(stage, swing=None) for stage in self.stages)

    @property
    def judged_at_rest(self) -> bool:
        """Whether something moves for which there is no law but at rest; a chorus has one."""
        return any(stage.swing and stage.type != "chorus" for stage in self.stages)
