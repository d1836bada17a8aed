"""Sine waves that start anywhere and never drift."""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from graphophone.dsp.compile import Array, detached, kernel
from graphophone.dsp.device import apply
from graphophone.dsp.memory import recall
from graphophone.dsp.rows import PAD, to_lanes
from graphophone.tensors import Control

BLOCK = 64
"""Samples that are turned on from the same one."""

CHUNK = 512
"""Samples of a lane before the next lane has its turn."""


def sine(frequency: Control, phase: Control, *, samples: int, sample_rate: int) -> Control:
    """Return sin 2 pi (frequency t / rate + phase) for t = 0, 1, ...

    Phase is counted in float64 and wrapped to one cycle before the sine, so an hour ends as
    exactly as a second. What is remembered from block to block is t, a whole number.

    Args:
        frequency: In Hz, static, shape (batch, 1, 1).
        phase: Start in cycles, static, shape (batch, 1 or 2, 1).
        samples: Length of the result.
        sample_rate: Samples per second.

    Returns:
        Values in [-1, 1] in the dtype of ``frequency``, shape (batch, 1 or 2, samples),
        time-major.
    """
    passed = recall(lambda: np.zeros(1, dtype=np.int64))
    start = int(passed[0])
    passed[0] += samples
    begin = phase.double().expand(max(len(phase), len(frequency)), -1, -1)
    step = (frequency.double() / sample_rate).expand_as(begin)
    out: Tensor = apply(_Sine, step.reshape(-1), begin.reshape(-1), start, samples, frequency.dtype)
    return out.view(samples, *begin.shape[:2]).permute(1, 2, 0)


class _Sine(torch.autograd.Function):
    """The waves on lanes: cycles per sample and at the start (lanes,), result (time, lanes)."""

    @staticmethod
    def forward(
        ctx: Any, step: Tensor, begin: Tensor, start: int, samples: int, dtype: torch.dtype
    ) -> Tensor:
        ctx.save_for_backward(step, begin)
        ctx.start = start
        out = torch.empty((samples, len(step)), dtype=dtype)
        swing(detached(step), detached(begin), start, out.numpy())
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        step, begin = ctx.saved_tensors
        cosine, start = torch.empty(grad.shape, dtype=torch.float64), ctx.start
        swing(detached(step), detached(begin) + 0.25, start, cosine.numpy())
        pull = 2 * math.pi * grad * cosine
        time = torch.arange(start, start + len(grad), dtype=torch.float64)
        return time @ pull, pull.sum(0), None, None, None


@kernel
def swing(step: Array, begin: Array, start: int, out: Array) -> None:
    """Write sines.

    A sine is taken once in a block and turned on from there by the addition theorem. Blocks are
    counted from time 0, so a sample has the same bits wherever a clip is cut.

    Args:
        step: Cycles per sample (lanes,).
        begin: Cycles at time 0 (lanes,).
        start: Time of the first sample.
        out: Result (time, lanes).
    """
    time, count = out.shape
    rows = np.empty((count, min(CHUNK, time) + PAD))
    ahead, aside = np.empty((count, BLOCK)), np.empty((count, BLOCK))
    for i in range(count):
        for j in range(BLOCK):
            ahead[i, j] = math.cos(2 * math.pi * step[i] * j)
            aside[i, j] = math.sin(2 * math.pi * step[i] * j)
    for first in range(0, time, CHUNK):
        end = min(time, first + CHUNK)
        for i in range(count):
            row, cosines, sines = rows[i], ahead[i], aside[i]
            t = first
            while t < end:
                inside = (start + t) % BLOCK
                cycles = (start + t - inside) * step[i] + begin[i]
                angle = 2 * math.pi * (cycles - math.floor(cycles))
                s, c = math.sin(angle), math.cos(angle)
                size, place = min(BLOCK - inside, end - t), np.uint64(t - first)
                for j in range(size):
                    k = np.uint64(inside + j)
                    row[place + np.uint64(j)] = s * cosines[k] + c * sines[k]
                t += size
        to_lanes(rows, out[first:end])
