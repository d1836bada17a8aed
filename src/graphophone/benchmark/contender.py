"""Who takes part in a case, and what they are held to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
from torch import Tensor

from graphophone.benchmark.job import Job

Array = npt.NDArray[np.float64]
Effect = Callable[[Tensor], Array]
"""Audio (clips, 2, time) in, audio out."""
Run = Callable[[], Any]
Prepare = Callable[[Tensor], Run]
"""Takes signals and returns what is timed: settings, plans and conversions of the signals to a
tool's own form come before, as they would for a user who renders more than once."""
Unit = Literal["relative L2", "relative", "dB"]

FAILURES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What other software may raise where it cannot do a job."""


@dataclass(frozen=True, slots=True)
class Law:
    """What a result ought to be.

    Attributes:
        text: The law, in words that follow "against".
        unit: What the deviation is counted in.
        deviation: Takes an effect and the case's signals; returns how far it is off.
    """

    text: str
    unit: Unit
    deviation: Callable[[Effect, Tensor], float]


@dataclass(frozen=True, slots=True)
class Contender:
    """One tool's way of doing a job.

    Attributes:
        tool: Its name, with the variant if there are several.
        prepare: Does all that need not be repeated.
        law: What its result is held against, if there is such a law.
        note: What a reader must know: where its settings mean something else than ours.
        still: The same without movement, where the law is about that.
        traffic: Bytes that a run on some signals reads and writes at least, where the share of
            the memory's bandwidth is of interest.
    """

    tool: str
    prepare: Prepare
    law: Law | None = None
    note: str = ""
    still: Prepare | None = None
    traffic: Callable[[Tensor], int] | None = None


@runtime_checkable
class Peer(Protocol):
    """Other software behind our words. Nothing of it is imported before it is needed."""

    name: str

    def missing(self) -> str | None:
        """Say in one sentence why it cannot take part, or nothing."""
        ...

    def remark(self) -> str | None:
        """Say what had to be done to make it run, if anything."""
        ...

    def versions(self) -> dict[str, str]:
        """Return the versions of it and what it computes with."""
        ...

    def contenders(self, job: Job) -> Sequence[Contender]:
        """Return its ways of doing a job, none where it cannot; imports nothing."""
        ...


def as_audio(result: Any) -> Array:
    """Return whatever a tool gave as one array: a tensor, an array, or a list of them."""
    if isinstance(result, Tensor):
        return result.detach().double().cpu().numpy()
    if isinstance(result, list | tuple):
        return np.stack([as_audio(part) for part in result])
    return np.asarray(result, dtype=np.float64)


def effect(prepare: Prepare) -> Effect:
    """Return a contender as a function of audio."""
    return lambda audio: as_audio(prepare(audio)())
