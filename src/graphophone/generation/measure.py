"""What a draw may know of a signal: coarse figures, the same on every machine.

Two machines agree on samples to about 1e-6 and not to the last bit, since their Fourier transforms
and exponential functions differ. If exact figures decided draws, now and then an example would be
another graph elsewhere. So whatever decides a draw is rounded to a grid first: shares of energy
to 1/64, levels and ratios of power to 0.5 dB, movements of knobs to 0.005 of their travel.

A figure that changes by d then changes a draw only if it lies within d of a boundary between two
steps. A relative change of 1e-6 of every sample, all in one direction, moves a level by 9e-6 dB, so
it changes one rounding in 60,000; errors of rounding have no direction and move it far less.
"""

import math
from functools import cached_property, lru_cache

import numpy as np
import torch

from graphophone.dsp.compile import Array, as_array, kernel
from graphophone.dsp.energy import energy
from graphophone.dsp.lanes import lanes
from graphophone.tensors import Audio

SHARE_STEP = 1 / 64
STEP_DB = 0.5
TRAVEL_STEP = 0.005
SILENCE_DB = -100.0
"""Level that stands for all below it."""
FRAME = 4_096
"""Samples of a frame of the spectrum."""
FRAMES = 16
"""How many of them are looked at, spread over the clip: enough to place a filter."""
BANDS = 64


class Measured:
    """A signal at an inlet; each figure is measured when it is first asked for.

    Args:
        signal: One clip, shape (1, 2, time).
        sample_rate: Samples per second.
        power: Its energy over both channels, where that is known already.
    """

    def __init__(self, signal: Audio, sample_rate: int, power: float | None = None) -> None:
        self.signal, self.sample_rate = signal, sample_rate
        self._energy = power

    @cached_property
    def energy(self) -> float:
        """Sum of squares over both channels; exact, so only ratios in decibels may decide."""
        return float(energy(self.signal)[0]) if self._energy is None else self._energy

    @cached_property
    def level_db(self) -> float:
        """Mean power in dBFS."""
        return decibels(self.energy / self.signal.numel())

    @cached_property
    def below(self) -> tuple[float, ...]:
        """Share of the energy below each of the :func:`band_edges`, of a few frames."""
        flat = as_array(lanes(self.signal))
        hop = max(1, (len(flat) - FRAME) // (FRAMES - 1))
        frames = np.zeros((FRAMES, FRAME), flat.dtype)
        _cut(flat, hop, _window(), frames)
        spectrum = torch.fft.rfft(torch.from_numpy(frames))
        parts = torch.view_as_real(spectrum).square().flatten(1).sum(0)
        total = (parts[::2] + parts[1::2]).double().cumsum(0).numpy()
        shares = total[_bins(self.sample_rate)] / max(float(total[-1]), 1e-30)
        return tuple((np.round(shares / SHARE_STEP) * SHARE_STEP).tolist())

    @cached_property
    def deciles_db(self) -> tuple[float, ...]:
        """Deciles of the peaks of 10 ms frames in dBFS, silence left out, quietest first."""
        size = max(1, self.sample_rate // 100)
        flat = as_array(lanes(self.signal))
        peaks = np.zeros(len(flat) // size, flat.dtype)
        _peaks(flat[: len(peaks) * size].reshape(len(peaks), -1), peaks)
        levels = np.sort(np.round(20 * np.log10(np.maximum(peaks, 1e-9)) / STEP_DB) * STEP_DB)
        heard = levels[levels > max(-80.0, float(levels[-1]) - 60)]
        heard = heard if len(heard) else levels[-1:]
        return tuple(float(heard[int(q / 10 * (len(heard) - 1))]) for q in range(11))

    def frequency_at(self, share: float) -> int:
        """Return the number of the band edge below which a share of the energy lies."""
        return min(sum(below < share for below in self.below), BANDS - 1)


def decibels(power: float) -> float:
    """Return a power, or a ratio of two, in decibels on the grid."""
    return on_grid(10 * math.log10(max(power, 10 ** (SILENCE_DB / 10))), STEP_DB)


def on_grid(value: float, step: float) -> float:
    """Round to the nearest multiple of a step."""
    return round(value / step) * step


@lru_cache(maxsize=4)
def band_edges(sample_rate: int) -> tuple[float, ...]:
    """Return 64 frequencies in Hz, log-spaced from 30 Hz to near the Nyquist frequency."""
    ratio = 0.49 * sample_rate / 30
    return tuple(30 * ratio ** (i / (BANDS - 1)) for i in range(BANDS))


def difference(a: Audio, b: Audio) -> float:
    """Return the energy of what sets two clips (1, 2, time) apart, without a third one."""
    one, two = as_array(lanes(a)), as_array(lanes(b))
    return float(_difference(one.reshape(-1), two.reshape(-1)))


@lru_cache(maxsize=1)
def _window() -> Array:
    return torch.hann_window(FRAME).numpy()


@lru_cache(maxsize=4)
def _bins(sample_rate: int) -> Array:
    """Return the bin of a spectrum in which each band ends."""
    edges = np.array(band_edges(sample_rate)) * FRAME / sample_rate
    return np.minimum(edges.astype(np.int64), FRAME // 2)


@kernel
def _cut(audio: Array, hop: int, window: Array, out: Array) -> None:
    """Write frames of what both channels of a clip (time, 2) add up to, times a window.

    What is short of a first frame counts as silence, and later ones are whole.
    """
    time, size = len(audio), len(window)
    for row in range(len(out)):
        start = row * hop
        if row > 0 and start + size > time:
            break
        for t in range(min(size, time - start)):
            out[row, t] = (audio[start + t, 0] + audio[start + t, 1]) * window[t]


@kernel
def _peaks(frames: Array, out: Array) -> None:
    """Write down the largest magnitude of each row."""
    count, size = frames.shape
    whole = size - size % 4
    for row in range(count):
        a = b = c = d = frames[row, 0] * 0
        for i in range(0, whole, 4):
            a = max(a, abs(frames[row, i]))
            b = max(b, abs(frames[row, i + 1]))
            c = max(c, abs(frames[row, i + 2]))
            d = max(d, abs(frames[row, i + 3]))
        for i in range(whole, size):
            a = max(a, abs(frames[row, i]))
        out[row] = max(max(a, b), max(c, d))


@kernel
def _difference(a: Array, b: Array) -> float:
    """Add up squares of differences in float64, in eight sums that hide each other's latency."""
    size = len(a)
    whole = size - size % 8
    parts = np.zeros(8)
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = 0.0
    for i in range(0, whole, 8):
        d0, d1 = np.float64(a[i] - b[i]), np.float64(a[i + 1] - b[i + 1])
        d2, d3 = np.float64(a[i + 2] - b[i + 2]), np.float64(a[i + 3] - b[i + 3])
        d4, d5 = np.float64(a[i + 4] - b[i + 4]), np.float64(a[i + 5] - b[i + 5])
        d6, d7 = np.float64(a[i + 6] - b[i + 6]), np.float64(a[i + 7] - b[i + 7])
        s0, s1, s2, s3 = s0 + d0 * d0, s1 + d1 * d1, s2 + d2 * d2, s3 + d3 * d3
        s4, s5, s6, s7 = s4 + d4 * d4, s5 + d5 * d5, s6 + d6 * d6, s7 + d7 * d7
    parts[:] = s0, s1, s2, s3, s4, s5, s6, s7
    for i in range(whole, size):
        rest = np.float64(a[i] - b[i])
        parts[i - whole] += rest * rest
    total: float = parts.sum()
    return total
