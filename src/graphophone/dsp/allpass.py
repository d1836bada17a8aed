"""A chain of first-order all-pass filters with feedback around it, as in a phaser.

Method: V. Zavalishin, The Art of VA Filter Design, rev. 2.1.2 (2018), ch. 3 (topology-preserving
one-pole) and ch. 5 (feedback around a chain without a unit delay).
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from graphophone.dsp.compile import Array, as_array, detached, kernel
from graphophone.dsp.lanes import lanes, per_lane, signal
from graphophone.dsp.memory import recall
from graphophone.dsp.subnormals import TINY
from graphophone.tensors import Audio, Control

STAGES = 6
"""All-pass stages in the chain; two make a notch."""

BLOCK = 128
"""Samples between two looks at the state for subnormal numbers."""


def chain(audio: Audio, *, g: Control, feedback: Control, mix: Control) -> Audio:
    """Mix a signal with its copy from :data:`STAGES` equal all-pass stages.

    The loop has no unit delay: with ``y = a**n * u + (what the states give)`` and
    ``u = x + feedback * y``, the input ``u`` of the chain is solved for.

    Args:
        audio: Signal, any number of channels.
        g: Integrator gain ``tan(pi * frequency / rate)``, static or per sample, float64.
        feedback: Share of the chain's output that returns to its input, below 1; static or
            per sample.
        mix: Share of the chain's output in the result; static or per sample.

    Returns:
        Signal of the same shape and dtype as ``audio``.
    """
    controls = [per_lane(c, audio) for c in (g, feedback, mix)]
    out: Tensor = _Chain.apply(lanes(audio), *controls)  # type: ignore[no-untyped-call]
    return signal(out, audio.shape[1])


class _Chain(torch.autograd.Function):
    """The chain on lanes: signal (time, lanes), controls (1 or time, lanes)."""

    @staticmethod
    def forward(ctx: Any, audio: Tensor, *controls: Tensor) -> Tensor:
        state = recall(lambda: np.zeros((STAGES, audio.shape[1])))
        ctx.save_for_backward(audio, *controls)
        ctx.start = state.copy()
        out = torch.empty_like(audio)
        run = _static if all(len(c) == 1 for c in controls) else _moving
        g, feedback, mix = map(detached, controls)
        run(detached(audio), g, feedback, mix, state, as_array(out))
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, ...]:
        x, g, feedback, mix = map(detached, ctx.saved_tensors)
        grads = tuple(torch.zeros_like(t) for t in ctx.saved_tensors)
        into = tuple(map(as_array, grads))
        _gradient(x, g, feedback, mix, ctx.start.copy(), detached(grad.contiguous()), into)
        return grads


@kernel
def _static(audio: Array, g: Array, feedback: Array, mix: Array, state: Array, out: Array) -> None:
    time, count = audio.shape
    beta = 2 / (1 + g[0])
    alpha = g[0] * beta - 1
    cube = alpha * alpha * alpha
    solve = 1 / (1 - feedback[0] * cube * cube)
    back = feedback[0] * beta
    wet = mix[0].copy()
    s0, s1, s2 = state[0].copy(), state[1].copy(), state[2].copy()
    s3, s4, s5 = state[3].copy(), state[4].copy(), state[5].copy()
    for start in range(0, time, BLOCK):
        for t in range(start, min(start + BLOCK, time)):
            for i in range(count):
                x, a, b = np.float64(audio[t, i]), alpha[i], beta[i]
                s = s0[i], s1[i], s2[i], s3[i], s4[i], s5[i]
                y, s, _ = _stages((x + back[i] * _held(a, s)) * solve[i], a, b, s)
                s0[i], s1[i], s2[i], s3[i], s4[i], s5[i] = s
                out[t, i] = (1 - wet[i]) * x + wet[i] * y
        _flush(s0, s1, s2, s3, s4, s5)
    state[0], state[1], state[2], state[3], state[4], state[5] = s0, s1, s2, s3, s4, s5


@kernel
def _moving(audio: Array, g: Array, feedback: Array, mix: Array, state: Array, out: Array) -> None:
    time, count = audio.shape
    by_g, by_back, by_mix = int(len(g) > 1), int(len(feedback) > 1), int(len(mix) > 1)
    s0, s1, s2 = state[0].copy(), state[1].copy(), state[2].copy()
    s3, s4, s5 = state[3].copy(), state[4].copy(), state[5].copy()
    for start in range(0, time, BLOCK):
        for t in range(start, min(start + BLOCK, time)):
            for i in range(count):
                x, gain, back = np.float64(audio[t, i]), g[t * by_g, i], feedback[t * by_back, i]
                b = 2 / (1 + gain)
                a = gain * b - 1
                cube = a * a * a
                s = s0[i], s1[i], s2[i], s3[i], s4[i], s5[i]
                y0 = (x + back * b * _held(a, s)) / (1 - back * cube * cube)
                y, s, _ = _stages(y0, a, b, s)
                s0[i], s1[i], s2[i], s3[i], s4[i], s5[i] = s
                wet = mix[t * by_mix, i]
                out[t, i] = (1 - wet) * x + wet * y
        _flush(s0, s1, s2, s3, s4, s5)
    state[0], state[1], state[2], state[3], state[4], state[5] = s0, s1, s2, s3, s4, s5


@kernel
def _held(a: float, s: Any) -> float:
    """Return what the states give at the end of the chain, over ``beta``."""
    s0, s1, s2, s3, s4, s5 = s
    a2 = a * a
    held: float = s5 + a * s4 + a2 * (s3 + a * s2 + a2 * (s1 + a * s0))
    return held


@kernel
def _stages(y0: float, a: float, b: float, s: Any) -> Any:
    """Send a sample through all stages: ``y = a * x + b * s``, then ``s = (x - s) + y``.

    Returns:
        The chain's output, the new states and each stage's ``x - s``, to which the slope of its
        output over its gain is proportional.
    """
    s0, s1, s2, s3, s4, s5 = s
    y1 = a * y0 + b * s0
    y2 = a * y1 + b * s1
    y3 = a * y2 + b * s2
    y4 = a * y3 + b * s3
    y5 = a * y4 + b * s4
    y6 = a * y5 + b * s5
    d0, d1, d2, d3, d4, d5 = y0 - s0, y1 - s1, y2 - s2, y3 - s3, y4 - s4, y5 - s5
    return y6, (d0 + y1, d1 + y2, d2 + y3, d3 + y4, d4 + y5, d5 + y6), (d0, d1, d2, d3, d4, d5)


@kernel
def _flush(s0: Array, s1: Array, s2: Array, s3: Array, s4: Array, s5: Array) -> None:
    for i in range(s0.size):
        size = abs(s0[i]) + abs(s1[i]) + abs(s2[i]) + abs(s3[i]) + abs(s4[i]) + abs(s5[i])
        if size < TINY:
            s0[i] = s1[i] = s2[i] = s3[i] = s4[i] = s5[i] = 0.0


@kernel
def _gradient(
    audio: Array, g: Array, feedback: Array, mix: Array, state: Array, grad: Array, into: Any
) -> None:
    """Run the adjoint recurrence backwards in time, block by block, over signals made once more."""
    to_audio, to_g, to_feedback, to_mix = into
    time, count = audio.shape
    blocks = (time + BLOCK - 1) // BLOCK
    starts, unheard = np.empty((blocks, STAGES, count)), np.empty_like(audio[:BLOCK])
    for block in range(blocks):
        starts[block] = state
        x, gain = _part(audio, block), _part(g, block)
        back, wet = _part(feedback, block), _part(mix, block)
        _moving(x, gain, back, wet, state, unheard[: len(x)])
    slopes, ends = np.empty((BLOCK, STAGES, count)), np.empty((BLOCK, count))
    adjoint, entry = np.zeros((STAGES, count)), np.empty((BLOCK, count))
    for block in range(blocks - 1, -1, -1):
        x, gain = _part(audio, block), _part(g, block)
        back, wet, y = _part(feedback, block), _part(mix, block), _part(grad, block)
        _again(x, gain, back, starts[block], slopes, ends)
        _adjoint(y, gain, back, wet, slopes, adjoint, entry, _part(to_g, block))
        to_x, to_back, to_wet = (
            _part(to_audio, block),
            _part(to_feedback, block),
            _part(to_mix, block),
        )
        _shares(x, wet, y, ends, entry, to_x, to_back, to_wet)


@kernel
def _part(values: Array, block: int) -> Array:
    """Return one block of what moves, all of what does not."""
    return values[block * BLOCK : (block + 1) * BLOCK] if len(values) > 1 else values


@kernel
def _again(
    audio: Array, g: Array, feedback: Array, state: Array, slopes: Array, ends: Array
) -> None:
    """Write what is inside the chain at each sample of a block, and its output."""
    time, count = audio.shape
    by_g, by_back = int(len(g) > 1), int(len(feedback) > 1)
    s0, s1, s2 = state[0].copy(), state[1].copy(), state[2].copy()
    s3, s4, s5 = state[3].copy(), state[4].copy(), state[5].copy()
    for t in range(time):
        for i in range(count):
            x, gain, back = np.float64(audio[t, i]), g[t * by_g, i], feedback[t * by_back, i]
            b = 2 / (1 + gain)
            a = gain * b - 1
            cube = a * a * a
            s = s0[i], s1[i], s2[i], s3[i], s4[i], s5[i]
            y0 = (x + back * b * _held(a, s)) / (1 - back * cube * cube)
            ends[t, i], s, d = _stages(y0, a, b, s)
            s0[i], s1[i], s2[i], s3[i], s4[i], s5[i] = s
            slopes[t, 0, i], slopes[t, 1, i], slopes[t, 2, i] = d[0], d[1], d[2]
            slopes[t, 3, i], slopes[t, 4, i], slopes[t, 5, i] = d[3], d[4], d[5]


@kernel
def _adjoint(
    grad: Array,
    g: Array,
    feedback: Array,
    mix: Array,
    slopes: Array,
    adjoint: Array,
    entry: Array,
    to_g: Array,
) -> None:
    """Run one block backwards.

    With ``p0`` to ``p5`` for the adjoints of the states and ``e0`` to ``e6`` for those of the
    chain's input and of its stages' outputs, the loop ``y0 = x + feedback * y6`` becomes
    ``e6 = mix * grad + p5 + feedback * e0``, which is solved for ``e0`` as the loop is for ``y0``.
    """
    time, count = grad.shape
    by_g, by_back, by_mix = int(len(g) > 1), int(len(feedback) > 1), int(len(mix) > 1)
    p0, p1, p2 = adjoint[0].copy(), adjoint[1].copy(), adjoint[2].copy()
    p3, p4, p5 = adjoint[3].copy(), adjoint[4].copy(), adjoint[5].copy()
    for t in range(time - 1, -1, -1):
        for i in range(count):
            gain, back = g[t * by_g, i], feedback[t * by_back, i]
            b = 2 / (1 + gain)
            a = gain * b - 1
            cube = a * a * a
            d1, d2, d3 = p0[i] + p1[i], p1[i] + p2[i], p2[i] + p3[i]
            d4, d5 = p3[i] + p4[i], p4[i] + p5[i]
            d6 = mix[t * by_mix, i] * grad[t, i] + p5[i]
            e0 = p0[i] + a * (d1 + a * (d2 + a * (d3 + a * (d4 + a * (d5 + a * d6)))))
            e0 /= 1 - back * cube * cube
            entry[t, i] = e0
            e6 = d6 + back * e0
            e5 = a * e6 + d5
            e4 = a * e5 + d4
            e3 = a * e4 + d3
            e2 = a * e3 + d2
            e1 = a * e2 + d1
            early = e1 * slopes[t, 0, i] + e2 * slopes[t, 1, i] + e3 * slopes[t, 2, i]
            late = e4 * slopes[t, 3, i] + e5 * slopes[t, 4, i] + e6 * slopes[t, 5, i]
            to_g[t * by_g, i] += 0.5 * b * b * (early + late)
            p0[i], p1[i], p2[i] = b * e1 - p0[i], b * e2 - p1[i], b * e3 - p2[i]
            p3[i], p4[i], p5[i] = b * e4 - p3[i], b * e5 - p4[i], b * e6 - p5[i]
    _flush(p0, p1, p2, p3, p4, p5)
    adjoint[0], adjoint[1], adjoint[2], adjoint[3], adjoint[4], adjoint[5] = p0, p1, p2, p3, p4, p5


@kernel
def _shares(
    audio: Array,
    mix: Array,
    grad: Array,
    ends: Array,
    entry: Array,
    to_audio: Array,
    to_feedback: Array,
    to_mix: Array,
) -> None:
    """Add what one block gives to the signal, the feedback and the mix."""
    time, count = audio.shape
    by_mix, by_back = int(len(mix) > 1), int(len(to_feedback) > 1)
    for t in range(time):
        for i in range(count):
            to_audio[t, i] = (1 - mix[t * by_mix, i]) * grad[t, i] + entry[t, i]
            to_feedback[t * by_back, i] += entry[t, i] * ends[t, i]
            to_mix[t * by_mix, i] += grad[t, i] * (ends[t, i] - audio[t, i])
