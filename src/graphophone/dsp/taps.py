"""Several echoes read from one delay line, between samples by a straight line.

Source: U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd ed. (2011), ch. 2.6.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from graphophone.dsp.compile import Array, as_array, detached, kernel
from graphophone.dsp.lanes import lanes, per_lane, signal
from graphophone.dsp.memory import recall
from graphophone.tensors import Audio, Control


def echoes(
    audio: Audio, *, delays: tuple[Control, ...], gains: tuple[Control, ...], longest: float
) -> Audio:
    """Add delayed copies of a signal up.

    Args:
        audio: Signal, any number of channels.
        delays: Delay of each tap in samples, static, at least 0.
        gains: Factor of each tap, static.
        longest: Largest delay, in samples.

    Returns:
        The sum of the taps, without the signal itself, same shape and dtype as ``audio``.
    """
    rows = [torch.cat([per_lane(c, audio) for c in part]) for part in (delays, gains)]
    out: Tensor = _Taps.apply(lanes(audio), *rows, longest)  # type: ignore[no-untyped-call]
    return signal(out, audio.shape[1])


class _Taps(torch.autograd.Function):
    """Signal (time, lanes), delays and gains (taps, lanes)."""

    @staticmethod
    def forward(ctx: Any, audio: Tensor, delay: Tensor, gain: Tensor, longest: float) -> Tensor:
        size = 1 << int(longest + 2).bit_length()
        line = recall(lambda: np.zeros((size, audio.shape[1])))
        now = recall(lambda: np.zeros(1, np.int64))
        ctx.save_for_backward(audio, delay, gain)
        ctx.longest = longest
        out = torch.empty_like(audio)
        _taps(detached(audio), detached(delay), detached(gain), longest, line, now, as_array(out))
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        audio, delay, gain = ctx.saved_tensors
        grads = tuple(torch.zeros_like(t) for t in (audio, delay, gain))
        into = tuple(map(as_array, grads))
        _gradient(
            detached(audio),
            detached(delay),
            detached(gain),
            ctx.longest,
            detached(grad.contiguous()),
            into,
        )
        return *grads, None


@kernel
def _taps(
    audio: Array, delay: Array, gain: Array, longest: float, line: Array, now: Array, out: Array
) -> None:
    time, count = audio.shape
    mask = line.shape[0] - 1
    start = now[0]
    for t in range(time):
        at = start + t
        for i in range(count):
            line[at & mask, i] = audio[t, i]
            total = 0.0
            for j in range(delay.shape[0]):
                d = min(max(delay[j, i], 0.0), longest)
                whole = int(d)
                part = d - whole
                near, far = line[(at - whole) & mask, i], line[(at - whole - 1) & mask, i]
                total += gain[j, i] * (near + part * (far - near))
            out[t, i] = total
    now[0] = start + time


@kernel
def _gradient(
    audio: Array, delay: Array, gain: Array, longest: float, grad: Array, into: Any
) -> None:
    to_audio, to_delay, to_gain = into
    time, count = audio.shape
    for j in range(delay.shape[0]):
        for i in range(count):
            d = min(max(delay[j, i], 0.0), longest)
            whole = int(d)
            part = d - whole
            along_delay = along_gain = 0.0
            for t in range(whole, time):
                y = np.float64(grad[t, i])
                near = np.float64(audio[t - whole, i])
                far = np.float64(audio[t - whole - 1, i]) if t > whole else 0.0
                along_gain += y * (near + part * (far - near))
                along_delay += y * (far - near)
                to_audio[t - whole, i] += gain[j, i] * (1 - part) * y
                if t > whole:
                    to_audio[t - whole - 1, i] += gain[j, i] * part * y
            to_gain[j, i] = along_gain
            if 0.0 <= delay[j, i] <= longest:
                to_delay[j, i] = gain[j, i] * along_delay
