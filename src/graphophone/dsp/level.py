"""How loud a signal is at each moment."""

import math

import numpy as np
import torch

from graphophone.dsp.compile import Array, as_array, kernel
from graphophone.tensors import Audio, Control

HOLD_S = 0.01
"""How long a peak is remembered: half a period of 50 Hz, so any higher tone has a steady level."""
FLOOR_DB = -120.0
"""Level of silence."""
DB_PER_NEPER = 20 / math.log(10)


@kernel
def _peak(audio: Array, window: int, out: Array) -> None:
    """Slide a maximum over the past in three comparisons a sample (van Herk, Gil and Werman).

    Time is cut into blocks as long as the window. The last ``window`` samples are the end of
    the block before, whose maxima are kept from each position to its end, and the block so far.
    """
    batch, channels, time = audio.shape
    ends = np.empty(window + 1, audio.dtype)
    block = np.empty(window, audio.dtype)
    for b in range(batch):
        ends[:] = 0
        for start in range(0, time, window):
            size = min(window, time - start)
            block[:] = 0
            for c in range(channels):
                for i in range(size):
                    block[i] = max(block[i], abs(audio[b, c, start + i]))
            so_far = block[0]
            for i in range(size):
                so_far = max(so_far, block[i])
                out[b, 0, start + i] = max(so_far, ends[i + 1])
            ends[window] = 0
            for i in range(window - 1, -1, -1):
                ends[i] = max(ends[i + 1], block[i])


def peak(audio: Audio, *, sample_rate: int) -> Control:
    """Return the largest magnitude among all channels and the last 10 ms.

    A plain rectifier falls to zero twice in each period, so that a compressor would distort
    low notes and a gate would chatter; holding the peak for half a period of the lowest note
    gives a steady tone a steady level, and does not delay a rise.

    Args:
        audio: Signal, any number of channels.
        sample_rate: Samples per second.

    Returns:
        Linear amplitude, shape (batch, 1, time).
    """
    batch, _, time = audio.shape
    out = torch.empty(batch, 1, time, dtype=audio.dtype)
    _peak(as_array(audio), max(1, round(HOLD_S * sample_rate)), out.numpy())
    return out


def to_db(amplitude: Control) -> Control:
    """Convert linear amplitude to dB, with silence at -120 dB."""
    return amplitude.clamp(min=10 ** (FLOOR_DB / 20)).log() * DB_PER_NEPER


def from_db(gain_db: Control) -> Control:
    """Convert dB to linear gain."""
    return torch.exp(gain_db * (1 / DB_PER_NEPER))
