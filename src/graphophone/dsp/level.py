"""How loud a signal is at each moment."""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from graphophone.dsp.compile import as_array, detached
from graphophone.dsp.device import apply
from graphophone.dsp.hold_loops import run, run_back
from graphophone.dsp.lanes import lanes, signal
from graphophone.dsp.memory import recall
from graphophone.tensors import Audio, Control

HOLD_S = 0.01
"""How long a peak is remembered: half a period of 50 Hz, so any higher tone has a steady level."""
DB_PER_NEPER = 20 / math.log(10)


def window(sample_rate: int) -> int:
    """Return for how many samples a peak is remembered."""
    return max(1, round(HOLD_S * sample_rate))


def peak(audio: Audio, *, sample_rate: int) -> Control:
    """Return the largest magnitude among all channels and the last 10 ms.

    A plain rectifier falls to zero twice in each period, so that a compressor would distort
    low notes and a gate would chatter; holding the peak for half a period of the lowest note
    gives a steady tone a steady level, and does not delay a rise. The gradient goes to the sample
    that is the largest, if it is in the same block.

    Args:
        audio: Signal, any number of channels.
        sample_rate: Samples per second.

    Returns:
        Linear amplitude, shape (batch, 1, time).
    """
    flat = lanes(audio)
    out: Tensor = apply(_Peak, flat, audio.shape[1], window(sample_rate))
    return signal(out, 1)


def from_db(gain_db: Control) -> Control:
    """Convert dB to linear gain."""
    return (gain_db * (1 / DB_PER_NEPER)).exp_()


class _Peak(torch.autograd.Function):
    """The maximum on lanes: signal (time, lanes), result (time, clips)."""

    @staticmethod
    def forward(ctx: Any, audio: Tensor, channels: int, window: int) -> Tensor:
        plain = detached(audio)
        clips = plain.shape[1] // channels
        past = recall(lambda: np.zeros(clips * (window - 1), plain.dtype))
        out = torch.empty(len(audio), clips, dtype=audio.dtype)
        run(plain, channels, window, past, as_array(out))
        ctx.save_for_backward(audio, out)
        ctx.channels, ctx.window = channels, window
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        audio, out = map(detached, ctx.saved_tensors)
        to_audio = torch.zeros_like(ctx.saved_tensors[0])
        into = as_array(to_audio)
        run_back(audio, ctx.channels, ctx.window, out, as_array(grad.contiguous()), into)
        return to_audio, None, None
