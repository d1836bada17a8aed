"""Sine waves that start anywhere and never drift."""

import math

import numpy as np
import torch

from graphophone.dsp.memory import recall
from graphophone.tensors import Control


def sine(frequency: Control, phase: Control, *, samples: int, sample_rate: int) -> Control:
    """Return sin 2 pi (frequency t / rate + phase) for t = 0, 1, ...

    Phase is counted in float64 and wrapped to one cycle before the sine, so an hour ends as
    exactly as a second. What is remembered from block to block is t, a whole number.

    Args:
        frequency: In Hz, static, shape (batch, 1, 1).
        phase: Start in cycles, static, shape (batch, 1 or 2, 1).
        samples: Length of the result.
        sample_rate: Samples per second.

    Returns:
        Values in [-1, 1] in the dtype of ``frequency``, shape (batch, 1 or 2, samples),
        time-major.
    """
    passed = recall(lambda: np.zeros(1, dtype=np.int64))
    start = int(passed[0])
    passed[0] += samples
    time = torch.arange(start, start + samples, dtype=torch.float64).view(-1, 1, 1)
    step, begin = (c.permute(2, 0, 1) for c in (frequency.double() / sample_rate, phase))
    cycles = time * step + begin
    return torch.sin(cycles.frac_().mul_(2 * math.pi)).to(frequency.dtype).permute(1, 2, 0)
