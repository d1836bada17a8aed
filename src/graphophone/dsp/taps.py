"""Several echoes read from one delay line, between samples by a straight line.

Source: U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd ed. (2011), ch. 2.6.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from graphophone.dsp.compile import Array, as_array, detached, kernel
from graphophone.dsp.device import apply
from graphophone.dsp.lanes import lanes, per_lane, signal
from graphophone.dsp.memory import recall
from graphophone.tensors import Audio, Control

TILE = 512
"""Samples of all lanes that are summed before the next ones."""


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
    out: Tensor = apply(_Taps, lanes(audio), *rows, longest)
    return signal(out, audio.shape[1])


class _Taps(torch.autograd.Function):
    """Signal (time, lanes), delays and gains (taps, lanes)."""

    @staticmethod
    def forward(ctx: Any, audio: Tensor, delay: Tensor, gain: Tensor, longest: float) -> Tensor:
        count = audio.shape[1]
        past = recall(lambda: np.zeros((int(longest) + 2, count)))
        ctx.save_for_backward(audio, delay, gain)
        ctx.longest = longest
        out = torch.empty_like(audio)
        line = np.empty((len(past) + len(audio), count), as_array(out).dtype)
        line[: len(past)] = past
        line[len(past) :] = detached(audio)
        _taps(line, detached(delay), detached(gain), longest, as_array(out))
        past[:] = line[len(line) - len(past) :]
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
def _taps(line: Array, delay: Array, gain: Array, longest: float, out: Array) -> None:
    """Read a line that ends with the signal, tap after tap, in tiles that stay in a cache."""
    time, count = out.shape
    past = len(line) - time
    total = np.empty((TILE, count))
    for start in range(0, time, TILE):
        size = min(TILE, time - start)
        total[:] = 0.0
        for j in range(delay.shape[0]):
            for i in range(count):
                d = min(max(delay[j, i], 0.0), longest)
                whole = int(d)
                part, factor = d - whole, gain[j, i]
                at = past + start - whole
                near, far = line[at : at + size, i], line[at - 1 : at - 1 + size, i]
                for t in range(size):
                    later = np.float64(near[t])
                    total[t, i] += factor * (later + part * (np.float64(far[t]) - later))
        for t in range(size):
            for i in range(count):
                out[start + t, i] = total[t, i]


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
