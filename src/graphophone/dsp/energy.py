"""Energies of clips, added up in one fixed order."""

from typing import Any

import numpy as np
import torch
from numba import literal_unroll
from torch import Tensor

from graphophone.dsp.compile import Array, as_array, detached, kernel
from graphophone.dsp.device import apply
from graphophone.dsp.lanes import lanes
from graphophone.dsp.vectors import fused, load, store, width, zeros
from graphophone.tensors import Audio

PARTS = 8
"""Partial sums of each lane."""

BLOCK = 512
"""Samples of all lanes that are added up together."""


def energy(audio: Audio) -> Tensor:
    """Sum the squares of each clip over channels and time in float64.

    A library's reduction may split its sum by the number of threads or clips; this one never
    does, so a clip has the same energy to the last bit in any batch.

    Args:
        audio: Clips, shape (batch, channel, time).

    Returns:
        Energies, float64, shape (batch,).
    """
    flat = lanes(audio)
    out: Tensor = apply(_Energy, flat, audio.shape[0])
    return out


class _Energy(torch.autograd.Function):
    """The sum on lanes (time, lanes), as many of them side by side as a clip has channels."""

    @staticmethod
    def forward(ctx: Any, audio: Tensor, batch: int) -> Tensor:
        ctx.save_for_backward(audio)
        out = torch.zeros(batch, dtype=torch.float64)
        _energy(detached(audio), as_array(out))
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        (audio,) = ctx.saved_tensors
        slope = (2 * grad).to(audio.dtype).repeat_interleave(audio.shape[1] // len(grad))
        return audio * slope, None


@kernel
def _energy(audio: Array, out: Array) -> None:
    """Add up in as many partial sums a lane as :data:`PARTS`, which hide the latency of a sum.

    Which sample goes to which sum, and in what order they are added up, is part of the result.
    """
    time, count = audio.shape
    whole = time - time % PARTS
    sums = np.zeros((PARTS, count))
    if count == 2:  # the parts of two lanes fill two registers, laid out as the samples are
        flat, parts = audio[:whole].reshape(-1, 2 * PARTS), sums.reshape(1, -1)
        one, two = zeros(PARTS), zeros(PARTS)
        for row in range(len(flat)):
            x, y = load(flat, row, 0, one), load(flat, row, PARTS, one)
            one, two = fused(x, x, one), fused(y, y, two)
        store(parts, 0, 0, one)
        store(parts, 0, PARTS, two)
    else:
        for start in range(0, whole, BLOCK):
            stop, lane = min(start + BLOCK, whole), 0
            for like in literal_unroll((zeros(8), zeros(4), zeros(2), zeros(1))):
                while lane + width(like) <= count:
                    _add(lane, like, audio, start, stop, sums)
                    lane += width(like)
    single = zeros(1)
    for t in range(whole, time):
        for i in range(count):
            rest = load(audio, t, i, single)
            store(sums, t - whole, i, fused(rest, rest, load(sums, t - whole, i, single)))
    channels = count // len(out)
    for i in range(count):
        total = 0.0
        for part in range(PARTS):
            total += sums[part, i]
        out[i // channels] += total


@kernel
def _add(lane: int, like: Any, audio: Array, start: int, stop: int, sums: Array) -> None:
    """Add squares of some lanes."""
    for part in range(PARTS):
        total = load(sums, part, lane, like)
        for t in range(start + part, stop, PARTS):
            x = load(audio, t, lane, like)
            total = fused(x, x, total)
        store(sums, part, lane, total)
