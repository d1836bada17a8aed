"""Placing sounds between two channels."""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from graphophone.dsp.compile import Array, as_array, detached, kernel
from graphophone.dsp.device import apply
from graphophone.dsp.lanes import lanes, signal
from graphophone.tensors import Audio, Control


def balance(audio: Audio, *, pan: Control) -> Audio:
    """Weigh left against right so that the sum of both gains' squares stays 2.

    Args:
        audio: Two channels.
        pan: -1 is left, 0 leaves both as they are, 1 is right.

    Returns:
        Two channels with gains sqrt(2) cos and sqrt(2) sin of (pan + 1) pi / 4.
    """
    angle = (pan + 1) * (math.pi / 4)
    left, right = torch.cos(angle[:, :1]), torch.sin(angle[:, -1:])
    return _mixed(audio, math.sqrt(2) * left, 0.0, 0.0, math.sqrt(2) * right)


def widen(audio: Audio, *, width: Control) -> Audio:
    """Scale the difference of both channels.

    Args:
        audio: Two channels.
        width: Gain of the difference: 0 is mono, 1 leaves the signal as it is.

    Returns:
        Two channels whose half sum is unchanged.
    """
    stay, cross = 0.5 * (1 + width), 0.5 * (1 - width)
    return _mixed(audio, stay[:, :1], cross[:, :1], cross[:, -1:], stay[:, -1:])


def split(audio: Audio) -> tuple[Audio, Audio]:
    """Return what both channels share and what sets them apart, each as dual mono.

    Each holds half the sum or half the difference twice, so that their energies add up to
    the input's.
    """
    return _mixed(audio, 0.5, 0.5, 0.5, 0.5), _mixed(audio, 0.5, -0.5, 0.5, -0.5)


def merge(mid: Audio, side: Audio) -> Audio:
    """Undo :func:`split`; channels that have become different keep to their own side."""
    return torch.addcmul(mid, side, side.new_tensor([1.0, -1.0]).view(1, 2, 1))


def _mixed(audio: Audio, *weights: Control | float) -> Audio:
    """Return two weighted sums of two channels.

    Args:
        audio: Two channels.
        weights: Of left and right in left, then of left and right in right; static or per
            sample, of one channel.
    """
    flat = lanes(audio)
    columns = [_per_clip(weight, audio) for weight in weights]
    out: Tensor = apply(_Mixer, flat, *columns)
    return signal(out, 2)


def _per_clip(weight: Control | float, audio: Audio) -> Tensor:
    """Return a weight as (1, clips), or (time, clips) if it moves."""
    if isinstance(weight, float):
        return audio.new_full((1, len(audio)), weight)
    return weight[:, 0].expand(len(audio), -1).T.to(audio.dtype).contiguous()


class _Mixer(torch.autograd.Function):
    """Pairs of lanes mixed: signal (time, lanes), weights (1 or time, clips)."""

    @staticmethod
    def forward(ctx: Any, audio: Tensor, a: Tensor, b: Tensor, c: Tensor, d: Tensor) -> Tensor:
        ctx.save_for_backward(audio, a, b, c, d)
        out = torch.empty_like(audio)
        _mix(detached(audio), detached(a), detached(b), detached(c), detached(d), as_array(out))
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, ...]:
        audio, a, b, c, d = map(detached, ctx.saved_tensors)
        to_audio = torch.empty_like(grad, memory_format=torch.contiguous_format)
        sums = tuple(np.zeros(weight.shape) for weight in (a, b, c, d))
        _gradient(audio, a, b, c, d, detached(grad.contiguous()), as_array(to_audio), sums)
        return to_audio, *(torch.from_numpy(s).to(grad.dtype) for s in sums)


@kernel
def _mix(audio: Array, a: Array, b: Array, c: Array, d: Array, out: Array) -> None:
    time, count = audio.shape
    by_a, by_b, by_c, by_d = int(len(a) > 1), int(len(b) > 1), int(len(c) > 1), int(len(d) > 1)
    for t in range(time):
        for i in range(count // 2):
            left, right = audio[t, 2 * i], audio[t, 2 * i + 1]
            out[t, 2 * i] = a[t * by_a, i] * left + b[t * by_b, i] * right
            out[t, 2 * i + 1] = c[t * by_c, i] * left + d[t * by_d, i] * right


@kernel
def _gradient(
    audio: Array, a: Array, b: Array, c: Array, d: Array, grad: Array, to_audio: Array, sums: Any
) -> None:
    time, count = audio.shape
    to_a, to_b, to_c, to_d = sums
    by_a, by_b, by_c, by_d = int(len(a) > 1), int(len(b) > 1), int(len(c) > 1), int(len(d) > 1)
    for t in range(time):
        ta, tb, tc, td = t * by_a, t * by_b, t * by_c, t * by_d
        for i in range(count // 2):
            left, right = np.float64(audio[t, 2 * i]), np.float64(audio[t, 2 * i + 1])
            one, two = np.float64(grad[t, 2 * i]), np.float64(grad[t, 2 * i + 1])
            to_audio[t, 2 * i] = a[ta, i] * one + c[tc, i] * two
            to_audio[t, 2 * i + 1] = b[tb, i] * one + d[td, i] * two
            to_a[ta, i] += one * left
            to_b[tb, i] += one * right
            to_c[tc, i] += two * left
            to_d[td, i] += two * right
