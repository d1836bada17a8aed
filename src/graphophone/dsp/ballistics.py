"""Attack and release: a one-pole smoother that rises and falls at different speeds."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from graphophone.dsp.ballistics_loops import run, run_back
from graphophone.dsp.compile import Array, as_array, detached
from graphophone.dsp.device import apply
from graphophone.dsp.lanes import lanes, per_lane, signal
from graphophone.dsp.memory import recall
from graphophone.dsp.tiles import tiles
from graphophone.tensors import Control


def coefficient(time_s: Control, sample_rate: int) -> Control:
    """Return the share of the gap that is closed in one sample, in float64.

    After ``time_s`` seconds of a steady target 1 - 1/e of the gap is closed, at any rate.
    """
    return -torch.expm1(-1 / (time_s.double() * sample_rate))


def follow(
    target: Control, *, attack: Control, release: Control, start: Control, sample_rate: int
) -> Control:
    """Follow a target with one time constant upwards and another downwards.

    This is the smooth branching smoother of Giannoulis, Massberg and Reiss (2012), eq. 17:
    its output approaches the target exponentially and never overshoots. Its gradient is that of
    the branches it took.

    Args:
        target: Where to go, shape (batch, channel, time), in any unit.
        attack: Time constant in seconds while the target is above, shape (batch, 1, 1).
        release: Time constant in seconds while it is below, shape (batch, 1, 1).
        start: Value before the first sample of the first block, shape (batch, 1, 1).
        sample_rate: Samples per second.

    Returns:
        The smoothed target, same shape and dtype; the state is kept in float64.
    """
    speeds = (coefficient(attack, sample_rate), coefficient(release, sample_rate))
    controls = [per_lane(c, target) for c in (*speeds, start)]
    out: Tensor = apply(_Follow, lanes(target), *controls)
    return signal(out, target.shape[1])


class _Follow(torch.autograd.Function):
    """The smoother on lanes: target (time, lanes), coefficients and start (1, lanes)."""

    @staticmethod
    def forward(ctx: Any, target: Tensor, rise: Tensor, fall: Tensor, start: Tensor) -> Tensor:
        begin = detached(start)[0].copy()
        state: Array = recall(lambda: begin)
        ctx.first = state is begin
        ctx.save_for_backward(target, rise, fall)
        wanted = any(ctx.needs_input_grad)
        ctx.starts = np.empty((tiles(*target.shape) if wanted else 0, len(begin)))
        out = torch.empty_like(target)
        speeds = detached(rise)[0], detached(fall)[0]
        run(detached(target), *speeds, state, ctx.starts, as_array(out))
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        target, rise, fall = map(detached, ctx.saved_tensors)
        to_target = torch.empty_like(ctx.saved_tensors[0])
        to_speeds, to_start = np.empty((2, *rise.shape)), np.zeros(rise.shape)
        into = as_array(to_target), to_speeds[0, 0], to_speeds[1, 0], to_start[0]
        run_back(target, rise[0], fall[0], ctx.starts, detached(grad.contiguous()), into)
        speeds = map(torch.from_numpy, to_speeds)
        return to_target, *speeds, torch.from_numpy(to_start) if ctx.first else None
