"""Attack and release: a one-pole smoother that rises and falls at different speeds."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from graphophone.dsp.compile import Array, as_array, detached, kernel
from graphophone.dsp.lanes import lanes, per_lane, signal
from graphophone.dsp.memory import recall
from graphophone.dsp.subnormals import TINY
from graphophone.tensors import Control

BLOCK = 64
"""Samples between two looks at the state for tiny numbers: the fastest attack does not reach
subnormal ones of single precision in that time."""


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
    out: Tensor = _Follow.apply(lanes(target), *controls)  # type: ignore[no-untyped-call]
    return signal(out, target.shape[1])


class _Follow(torch.autograd.Function):
    """The smoother on lanes: target (time, lanes), coefficients and start (1, lanes)."""

    @staticmethod
    def forward(ctx: Any, target: Tensor, rise: Tensor, fall: Tensor, start: Tensor) -> Tensor:
        begin = detached(start)[0].copy()
        state = recall(lambda: begin)
        ctx.save_for_backward(target, rise, fall)
        ctx.start, ctx.first = state.copy(), state is begin
        out = torch.empty_like(target)
        _follow(detached(target), detached(rise), detached(fall), state, as_array(out))
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        target, rise, fall = map(detached, ctx.saved_tensors)
        states = np.empty((len(target) + 1, target.shape[1]))
        states[0] = ctx.start
        _follow(target, rise, fall, ctx.start.copy(), states[1:])
        to_target, to_rise, to_fall = (torch.zeros_like(t) for t in ctx.saved_tensors)
        to_start = torch.zeros_like(to_rise)
        into = tuple(map(as_array, (to_target, to_rise, to_fall, to_start)))
        _gradient(target, rise, fall, states, detached(grad.contiguous()), into)
        return to_target, to_rise, to_fall, to_start if ctx.first else None


@kernel
def _follow(target: Array, rise: Array, fall: Array, state: Array, out: Array) -> None:
    time, count = target.shape
    up, down, s = rise[0].copy(), fall[0].copy(), state.copy()
    for start in range(0, time, BLOCK):
        _flush(s)
        for t in range(start, min(start + BLOCK, time)):
            for i in range(count):
                gap = target[t, i] - s[i]
                s[i] += (up[i] if gap > 0 else down[i]) * gap
                out[t, i] = s[i]
    state[:] = s


@kernel
def _flush(state: Array) -> None:
    for i in range(state.size):
        if abs(state[i]) < TINY:
            state[i] = 0.0


@kernel
def _gradient(
    target: Array, rise: Array, fall: Array, states: Array, grad: Array, into: Any
) -> None:
    """Run the adjoint recurrence backwards in time; ``p`` is that of the state."""
    to_target, to_rise, to_fall, to_start = into
    time, count = target.shape
    p = np.zeros(count)
    for t in range(time - 1, -1, -1):
        for i in range(count):
            gap = target[t, i] - states[t, i]
            speed = rise[0, i] if gap > 0 else fall[0, i]
            p[i] += grad[t, i]
            share = p[i] * gap
            to_target[t, i] = speed * p[i]
            to_rise[0, i] += share if gap > 0 else 0.0
            to_fall[0, i] += 0.0 if gap > 0 else share
            p[i] *= 1 - speed
        if t % BLOCK == 0:
            _flush(p)
    to_start[0] = p
