"""Recordings as a program hands them over and gets them back."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from graphophone.audio.files import read

Samples: TypeAlias = npt.NDArray[np.float32]
Takes: TypeAlias = npt.NDArray[Any] | Mapping[str, npt.NDArray[Any]]
"""A dry recording, or one for each source by name."""


def load(
    path: str | Path, start: float | None = None, end: float | None = None
) -> tuple[Samples, int]:
    """Read a recording, or a part of it in seconds.

    Returns:
        Samples (2, time) and the sample rate in Hz.
    """
    recording = read(path, start, end)
    return recording.audio.numpy(), recording.rate
