"""Sine waves that start anywhere and never drift."""

import math

import torch

from graphophone.tensors import Control


def sine(frequency: Control, phase: Control, *, samples: int, sample_rate: int) -> Control:
    """Return sin 2 pi (frequency t / rate + phase) for t = 0, 1, ...

    Phase is counted in float64 and wrapped to one cycle before the sine, so an hour ends as
    exactly as a second.

    Args:
        frequency: In Hz, static, shape (batch, 1, 1).
        phase: Start in cycles, static, shape (batch, 1 or 2, 1).
        samples: Length of the result.
        sample_rate: Samples per second.

    Returns:
        Values in [-1, 1] in the dtype of ``frequency``, shape (batch, 1 or 2, samples).
    """
    time = torch.arange(samples, dtype=torch.float64)
    cycles = time * (frequency.double() / sample_rate) + phase
    return torch.sin(cycles.frac() * (2 * math.pi)).to(frequency.dtype)
