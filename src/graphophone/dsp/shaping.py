"""Memoryless curves: saturation and quantisation, one sample at a time."""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from graphophone.dsp.allocation import empty_like
from graphophone.dsp.compile import Array, as_array, detached, kernel
from graphophone.dsp.device import apply
from graphophone.dsp.exponentials import exp2_less_1
from graphophone.dsp.lanes import lanes, per_lane, signal
from graphophone.tensors import Audio, Control

REACH = 15.0
"""Where tanh(x) is 1 to the last bit of a double or nearly so; beyond, exp would overflow."""

TWICE = 2 / math.log(2)
"""Makes a power of two the square of one of e."""

PERIOD = 512
"""Samples of all lanes for which static controls are written out, to be read as if they moved."""


def saturate(audio: Audio, *, hardness: Control, bias: Control) -> Audio:
    """Bend a signal with ``f(x + bias) - f(bias)``, f between tanh and a hard clip.

    Both parts are written so that zero gives exactly zero:
    tanh(x + a) - tanh(a) = e (1 - b^2) / (e (1 + b) + 2) with e = exp(2 x) - 1 and b = tanh(a),
    and clip(x + a) - clip(a) is x held within [-1 - a, 1 - a] as long as a is within [-1, 1].

    Args:
        audio: Signal; the curve bends at about 1.
        hardness: 0 is tanh, 1 is the hard clip, and between them their weighted sum.
        bias: Offset before the curve, in [-1, 1].

    Returns:
        Bent signal, within [-1 - f(bias), 1 - f(bias)].
    """
    flat, h, a = lanes(audio), per_lane(hardness, audio), per_lane(bias, audio)
    length = max(len(h), len(a))
    out: Tensor = apply(_Saturate, flat, h.expand(length, -1), a.expand(length, -1))
    return signal(out, audio.shape[1])


def quantise(audio: Audio, *, bits: Control) -> Audio:
    """Round to the nearest of 2^bits levels a full scale apart, zero being one of them.

    A staircase is flat: its gradient to the signal is zero, and its gradient to ``bits`` only
    tells how the levels move, not which one a sample is on.

    Args:
        audio: Signal whose full scale is [-1, 1].
        bits: Word length; the levels are 2^(1 - bits) apart. Need not be a whole number.

    Returns:
        Staircase version of the signal (a mid-tread quantiser, half to even).
    """
    levels = per_lane(torch.exp(math.log(2) * (bits - 1)), audio)
    out: Tensor = apply(_Quantise, lanes(audio), levels)
    return signal(out, audio.shape[1])


class _Saturate(torch.autograd.Function):
    """The curve on lanes: signal (time, lanes), both controls (1, lanes) or (time, lanes).

    A curve has no order in time, so all samples of all lanes are one long vector.
    """

    @staticmethod
    def forward(ctx: Any, audio: Tensor, hardness: Tensor, bias: Tensor) -> Tensor:
        ctx.save_for_backward(audio, hardness, bias)
        out = empty_like(audio)
        _bend(_flat(audio), _written_out(hardness), _written_out(bias), as_array(out).reshape(-1))
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, ...]:
        audio, hardness, bias = ctx.saved_tensors
        h, a = _written_out(hardness), _written_out(bias)
        to_audio = torch.empty_like(audio)
        to_hardness, to_bias = np.zeros_like(h), np.zeros_like(a)
        into = as_array(to_audio).reshape(-1), to_hardness, to_bias
        _gradient(_flat(audio), h, a, _flat(grad.contiguous()), into)
        rest = (to_hardness, to_bias)
        sums = (torch.from_numpy(g.reshape(-1, *hardness.shape).sum(0)) for g in rest)
        return to_audio, *sums


class _Quantise(torch.autograd.Function):
    """The staircase on lanes: signal (time, lanes), levels (1, lanes) or (time, lanes)."""

    @staticmethod
    def forward(ctx: Any, audio: Tensor, levels: Tensor) -> Tensor:
        out = empty_like(audio)
        x, y = _flat(audio), as_array(out).reshape(-1)
        _round(x, _written_out(levels).astype(x.dtype), y)
        ctx.save_for_backward(out, levels)
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor | None]:
        out, levels = ctx.saved_tensors
        to_audio = torch.zeros_like(grad)
        if not ctx.needs_input_grad[1]:
            return to_audio, None
        return to_audio, (-grad.double() * out / levels).sum_to_size(levels.shape)


def _flat(tensor: Tensor) -> Array:
    return detached(tensor).reshape(-1)


def _written_out(control: Tensor) -> Array:
    """Return a moving control as it is, and many periods of one that is static."""
    periods = max(1, PERIOD // control.shape[1]) if len(control) == 1 else 1
    return np.tile(_flat(control), periods)


@kernel
def _round(audio: Array, levels: Array, out: Array) -> None:
    for start in range(0, audio.size, levels.size):
        x, y = audio[start : start + levels.size], out[start : start + levels.size]
        for i in range(x.size):
            y[i] = np.rint(x[i] * levels[i]) / levels[i]


@kernel
def _growth(x: float) -> float:
    """Return ``exp(2 x) - 1``, x being held within reach, without a branch."""
    near = REACH if x > REACH else x
    return exp2_less_1(TWICE * (-REACH if near < -REACH else near))


@kernel
def _bend(audio: Array, hardness: Array, bias: Array, out: Array) -> None:
    offset = np.tanh(bias)
    for start in range(0, audio.size, bias.size):
        x, y = audio[start : start + bias.size], out[start : start + bias.size]
        for i in range(x.size):
            a, b, h = bias[i], offset[i], hardness[i]
            e = _growth(x[i])
            soft = e * (1 - b * b) / (e * (1 + b) + 2)
            hard = 1 - a if x[i] > 1 - a else x[i]
            hard = -1 - a if hard < -1 - a else hard
            y[i] = soft * (1 - h) + hard * h


@kernel
def _gradient(audio: Array, hardness: Array, bias: Array, grad: Array, into: Any) -> None:
    to_audio, to_hardness, to_bias = into
    offset = np.tanh(bias)
    for start in range(0, audio.size, bias.size):
        end = start + bias.size
        x, g, to_x = audio[start:end], grad[start:end], to_audio[start:end]
        for i in range(x.size):
            a, b, h = bias[i], offset[i], hardness[i]
            e = _growth(x[i])
            soft = e * (1 - b * b) / (e * (1 + b) + 2)
            hard = 1 - a if x[i] > 1 - a else x[i]
            hard = -1 - a if hard < -1 - a else hard
            free = 1.0 if hard == x[i] else 0.0
            slope = 1 - (b + soft) * (b + soft)
            to_x[i] = g[i] * (slope * (1 - h) + free * h)
            to_hardness[i] += g[i] * (hard - soft)
            to_bias[i] += g[i] * ((slope - (1 - b * b)) * (1 - h) - (1 - free) * h)
