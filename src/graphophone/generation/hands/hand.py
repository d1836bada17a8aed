"""What another make of a processor is."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from torch import Tensor

from graphophone.tensors import Audio

Hand: TypeAlias = Callable[[Audio, Mapping[str, Tensor], int], Audio]
"""A signal (1, 2, time), the knobs as control tensors and the sample rate to a signal alike."""


def knob(controls: Mapping[str, Tensor], name: str) -> float:
    """Return a knob that stands still."""
    return float(controls[name].reshape(-1)[0])
