"""Moving signals between the columns of one large buffer and groups of lanes.

A buffer holds many stereo signals side by side, (time, columns, 2). A row of it fits into the
fastest cache, so columns may be picked in any order at no cost.
"""

import torch
from torch import Tensor

from graphophone.dsp.compile import Array, as_array, kernel
from graphophone.tensors import Audio


def gather(buffer: Tensor, starts: Array, columns: Array, factors: Array) -> Audio:
    """Return sums of columns, one clip for each sum.

    Args:
        buffer: Signals, shape (time, columns, channels).
        starts: Where the terms of each sum begin; one more entry than there are sums.
        columns: Column of each term.
        factors: Factor of each term; terms are added up in order.

    Returns:
        Clips, shape (sums, channels, time), time-major.
    """
    time, _, channels = buffer.shape
    out = torch.empty((time, len(starts) - 1, channels), dtype=buffer.dtype)
    _gather(as_array(buffer), starts, columns, factors, as_array(out))
    return out.permute(1, 2, 0)


def scatter(audio: Audio, factors: Array, columns: Array, buffer: Tensor) -> None:
    """Write clips, each times its factor, into columns of a buffer.

    Args:
        audio: Clips, shape (batch, channels, time).
        factors: One a clip.
        columns: Where each goes.
        buffer: Signals, shape (time, columns, channels).
    """
    _scatter(as_array(audio.permute(2, 0, 1).contiguous()), factors, columns, as_array(buffer))


@kernel
def _gather(buffer: Array, starts: Array, columns: Array, factors: Array, out: Array) -> None:
    time, clips, channels = out.shape
    for t in range(time):
        for i in range(clips):
            for c in range(channels):
                first = starts[i]
                total = factors[first] * buffer[t, columns[first], c]
                for k in range(first + 1, starts[i + 1]):
                    total += factors[k] * buffer[t, columns[k], c]
                out[t, i, c] = total


@kernel
def _scatter(audio: Array, factors: Array, columns: Array, buffer: Array) -> None:
    time, clips, channels = audio.shape
    for t in range(time):
        for i in range(clips):
            for c in range(channels):
                buffer[t, columns[i], c] = audio[t, i, c] * factors[i]
