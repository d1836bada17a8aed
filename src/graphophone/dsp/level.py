"""How loud a signal is at each moment."""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from graphophone.dsp.compile import Array, as_array, detached, kernel
from graphophone.dsp.lanes import lanes, signal
from graphophone.dsp.memory import recall
from graphophone.tensors import Audio, Control

HOLD_S = 0.01
"""How long a peak is remembered: half a period of 50 Hz, so any higher tone has a steady level."""
FLOOR_DB = -120.0
"""Level of silence."""
DB_PER_NEPER = 20 / math.log(10)


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
    window = max(1, round(HOLD_S * sample_rate))
    flat = lanes(audio)
    out: Tensor = _Peak.apply(flat, audio.shape[1], window)  # type: ignore[no-untyped-call]
    return signal(out, 1)


def to_db(amplitude: Control) -> Control:
    """Convert linear amplitude to dB, with silence at -120 dB."""
    return amplitude.clamp(min=10 ** (FLOOR_DB / 20)).log_().mul_(DB_PER_NEPER)


def from_db(gain_db: Control) -> Control:
    """Convert dB to linear gain."""
    return (gain_db * (1 / DB_PER_NEPER)).exp_()


class _Peak(torch.autograd.Function):
    """The maximum on lanes: signal (time, lanes), result (time, clips)."""

    @staticmethod
    def forward(ctx: Any, audio: Tensor, channels: int, window: int) -> Tensor:
        plain = detached(audio)
        batch, dtype = plain.shape[1] // channels, plain.dtype

        def fresh() -> tuple[Array, Array, Array, Array]:
            ends, block = np.zeros((2, window, batch), dtype)
            return ends, block, np.zeros(batch, dtype), np.zeros(1, np.int64)

        out = torch.empty(len(audio), batch, dtype=audio.dtype)
        ends, block, so_far, position = recall(fresh)
        _peak(plain, ends, block, so_far, position, as_array(out))
        ctx.save_for_backward(audio, out)
        ctx.window = window
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        audio, out = map(detached, ctx.saved_tensors)
        to_audio = torch.zeros_like(ctx.saved_tensors[0])
        _gradient(audio, out, as_array(grad.contiguous()), ctx.window, as_array(to_audio))
        return to_audio, None, None


@kernel
def _peak(
    audio: Array, ends: Array, block: Array, so_far: Array, position: Array, out: Array
) -> None:
    """Slide a maximum over the past in three comparisons a sample (van Herk, Gil and Werman).

    Time is cut into blocks as long as the window. The last ``window`` samples are the end of
    the block before, whose maxima are kept from each position to its end, and the block so far.
    ``ends`` keeps them one position earlier, where they are wanted: its last row stays zero.
    """
    window, batch = block.shape
    channels, p = audio.shape[1] // batch, position[0]
    for t in range(len(audio)):
        if channels == 2:  # stated, so that the compiler knows how lanes alternate
            for b in range(batch):
                block[p, b] = max(abs(audio[t, 2 * b]), abs(audio[t, 2 * b + 1]))
        else:
            _loudest(audio, t, block, p)
        for b in range(batch):
            so_far[b] = max(so_far[b], block[p, b])
            out[t, b] = max(so_far[b], ends[p, b])
        p += 1
        if p == window:
            for i in range(window - 1, 0, -1):
                for b in range(batch):
                    ends[i - 1, b] = max(ends[i, b], block[i, b])
            so_far[:] = 0
            p = 0
    position[0] = p


@kernel
def _loudest(audio: Array, t: int, out: Array, row: int) -> None:
    """Write the largest magnitude among the channels of each clip at one time into a row."""
    batch = out.shape[1]
    channels = audio.shape[1] // batch
    for b in range(batch):
        out[row, b] = 0
        for i in range(b * channels, (b + 1) * channels):
            out[row, b] = max(out[row, b], abs(audio[t, i]))


@kernel
def _gradient(audio: Array, peaks: Array, grad: Array, window: int, to_audio: Array) -> None:
    """Slide once more, over indices, and pass each gradient on to where the maximum is.

    A peak that none of these samples reaches was heard in an earlier block, which is closed.
    """
    time, count = audio.shape
    batch = peaks.shape[1]
    channels = count // batch
    level = np.empty((time, batch), audio.dtype)
    for t in range(time):
        _loudest(audio, t, level, t)
    ends, best = np.full((window, batch), -1), np.full(batch, -1)
    for t in range(time):
        p = t % window
        for b in range(batch):
            if p == 0 or level[t, b] >= level[best[b], b]:
                best[b] = t
            at, old = best[b], ends[p, b]
            if old >= 0 and level[old, b] > level[at, b]:
                at = old
            if level[at, b] < peaks[t, b]:
                continue
            for i in range(b * channels, (b + 1) * channels):
                if abs(audio[at, i]) == level[at, b]:
                    to_audio[at, i] += np.sign(audio[at, i]) * grad[t, b]
                    break
        if p == window - 1:
            first = t - p + 1
            for b in range(batch):
                last = t
                for i in range(window - 2, -1, -1):
                    if level[first + i, b] > level[last, b]:
                        last = first + i
                    ends[i, b] = last
