"""Energies of clips, added up in one fixed order."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from graphophone.dsp.compile import Array, as_array, detached, kernel
from graphophone.dsp.lanes import lanes
from graphophone.tensors import Audio


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
    out: Tensor = _Energy.apply(flat, audio.shape[0])  # type: ignore[no-untyped-call]
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
    time, count = audio.shape
    # Four partial sums a lane hide the latency of an addition; their order is part of the result.
    s0, s1, s2, s3 = np.zeros(count), np.zeros(count), np.zeros(count), np.zeros(count)
    whole = time - time % 4
    for t in range(0, whole, 4):
        for i in range(count):
            x0, x1 = np.float64(audio[t, i]), np.float64(audio[t + 1, i])
            x2, x3 = np.float64(audio[t + 2, i]), np.float64(audio[t + 3, i])
            s0[i] += x0 * x0
            s1[i] += x1 * x1
            s2[i] += x2 * x2
            s3[i] += x3 * x3
    for t in range(whole, time):
        for i in range(count):
            x0 = np.float64(audio[t, i])
            s0[i] += x0 * x0
    channels = count // len(out)
    for i in range(count):
        out[i // channels] += (s0[i] + s1[i]) + (s2[i] + s3[i])
