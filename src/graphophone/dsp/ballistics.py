"""Attack and release: a one-pole smoother that rises and falls at different speeds."""

import numpy as np
import torch

from graphophone.dsp.compile import Array, as_array, kernel
from graphophone.tensors import Control

TINY = 1e-30
"""Magnitude below which the state is zero, far above the numbers that slow a processor down."""


@kernel
def _follow(
    target: Array,
    rise: Array,
    fall: Array,
    start: Array,
    out: Array,
) -> None:
    batch, channels, time = target.shape
    for b in range(batch):
        up, down = rise[b], fall[b]
        for c in range(channels):
            state = start[b]
            for t in range(time):
                if t & 63 == 0 and abs(state) < TINY:
                    state = 0.0
                gap = target[b, c, t] - state
                state += (up if gap > 0 else down) * gap
                out[b, c, t] = state


def coefficient(time_s: Control, sample_rate: int) -> Array:
    """Return the share of the gap that is closed in one sample, in float64, shape (batch,).

    After ``time_s`` seconds of a steady target 1 - 1/e of the gap is closed, at any rate.
    """
    seconds = time_s.detach()[:, 0, 0].to(torch.float64).numpy()
    return np.asarray(-np.expm1(-1 / (seconds * sample_rate)))


def follow(
    target: Control, *, attack: Control, release: Control, start: Control, sample_rate: int
) -> Control:
    """Follow a target with one time constant upwards and another downwards.

    This is the smooth branching smoother of Giannoulis, Massberg and Reiss (2012), eq. 17:
    its output approaches the target exponentially and never overshoots.

    Args:
        target: Where to go, shape (batch, channel, time), in any unit.
        attack: Time constant in seconds while the target is above, shape (batch, 1, 1).
        release: Time constant in seconds while it is below, shape (batch, 1, 1).
        start: Value before the first sample, shape (batch, 1, 1).
        sample_rate: Samples per second.

    Returns:
        The smoothed target, same shape and dtype; the state is kept in float64.
    """
    out = torch.empty_like(target, memory_format=torch.contiguous_format)
    _follow(
        as_array(target),
        coefficient(attack, sample_rate),
        coefficient(release, sample_rate),
        start.detach()[:, 0, 0].to(torch.float64).numpy(),
        out.numpy(),
    )
    return out
