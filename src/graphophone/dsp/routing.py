"""Moving signals between planes, one a signal, and groups of lanes, where they are computed.

A plane is a stereo signal alone, time-major; a buffer holds many of them one behind the other. A
group takes its signals from anywhere in it and puts them side by side. Both ways go by tiles
of time that stay in the fastest cache, and every plane is read or written straight on.
"""

import torch
from torch import Tensor

from graphophone.dsp.compile import Array, as_array, kernel
from graphophone.dsp.device import apply
from graphophone.dsp.lanes import lanes
from graphophone.dsp.vectors import fused, load, pair, store
from graphophone.tensors import Audio

TILE = 256
"""Samples of all clips of a group that are moved together."""


def gather(buffer: Tensor, starts: Array, planes: Array, factors: Array) -> Audio:
    """Return sums of planes, one clip for each sum.

    Args:
        buffer: Signals, shape (planes, time, 2).
        starts: Where the terms of each sum begin; one more entry than there are sums.
        planes: Plane of each term.
        factors: Factor of each term; terms are added up in order.

    Returns:
        Clips, shape (sums, 2, time), time-major.
    """
    shape = buffer.shape[1], len(starts) - 1, 2
    out = torch.empty(shape, dtype=buffer.dtype, device=buffer.device)
    apply(_gathered, buffer, starts, planes, factors, out)
    return out.permute(1, 2, 0)


def scatter(audio: Audio, factors: Tensor, planes: Array, buffer: Tensor) -> None:
    """Write clips, each times its factor, into planes of a buffer.

    Args:
        audio: Clips, shape (batch, 2, time).
        factors: One a clip, float64.
        planes: Where each goes.
        buffer: Signals, shape (planes, time, 2).
    """
    apply(_scattered, lanes(audio), factors, planes, buffer)


def _gathered(buffer: Tensor, starts: Array, planes: Array, factors: Array, out: Tensor) -> None:
    _gather(as_array(buffer), starts, planes, factors, as_array(out))


def _scattered(audio: Tensor, factors: Tensor, planes: Array, buffer: Tensor) -> None:
    _scatter(as_array(audio), as_array(factors), planes, as_array(buffer))


@kernel
def _gather(buffer: Array, starts: Array, planes: Array, factors: Array, out: Array) -> None:
    time, clips, _ = out.shape
    signals, rows = buffer.reshape(len(buffer), -1), out.reshape(time, -1)
    both = pair(buffer)
    for begin in range(0, time, TILE):
        end = min(time, begin + TILE)
        for i in range(clips):
            plane, factor = planes[starts[i]], both + factors[starts[i]]
            for t in range(begin, end):
                store(rows, t, 2 * i, factor * load(signals, plane, 2 * t, both))
            for k in range(starts[i] + 1, starts[i + 1]):
                plane, factor = planes[k], both + factors[k]
                for t in range(begin, end):
                    more = load(signals, plane, 2 * t, both)
                    store(rows, t, 2 * i, fused(factor, more, load(rows, t, 2 * i, both)))


@kernel
def _scatter(audio: Array, factors: Array, planes: Array, buffer: Array) -> None:
    time, signals, both = len(audio), buffer.reshape(len(buffer), -1), pair(buffer)
    for begin in range(0, time, TILE):
        end = min(time, begin + TILE)
        for i in range(len(planes)):
            plane, factor = planes[i], both + factors[i]
            for t in range(begin, end):
                store(signals, plane, 2 * t, factor * load(audio, t, 2 * i, both))
