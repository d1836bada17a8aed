"""What a voice is like apart from its pitch: spectral envelopes, and how much of it is noise."""

import numpy as np
import numpy.typing as npt
from scipy import fft

from graphophone.dsp.compile import kernel
from graphophone.sources.pitch import HOP, frames

Array = npt.NDArray[np.float64]
Real = npt.NDArray[np.float32]

SIZE = 2_048
HALF = SIZE // 2 + 1
UNVOICED_HERTZ = 220.0
FLOOR = np.float32(1e-14)
MARGIN = 64
PERIODS = 4.0
EDGES = (100, 700, 1_500, 2_500, 3_500, 5_000, 7_000, 10_000, 14_000, 20_000)


def envelopes(samples: Array, hertz: Array, rate: int) -> Real:
    """Return the power spectral density (frame, HALF) of every frame, without its harmonics.

    A Hann window of three periods makes power independent of where in a period it lies,
    a running mean of two thirds of the fundamental fills the gaps between harmonics, and a
    lifter takes what is left of them out of the cepstrum (M. Morise, CheapTrick, a spectral
    envelope estimator for high-quality speech synthesis, Speech Communication 67, 2015).

    Args:
        samples: (time,).
        hertz: Fundamental of every HOP samples, 0 where there is none.
        rate: Samples a second.
    """
    pitch = np.where(hertz > 0, hertz, UNVOICED_HERTZ)
    power = _power(samples, 3 * rate / pitch, slice(None))
    width = pitch * (2 / 3) * SIZE / rate
    smooth = running_mean(power, width)
    cepstrum = fft.irfft(np.log(smooth + FLOOR), SIZE, axis=1)[:, :HALF]
    turns = np.arange(HALF) * (pitch / rate)[:, None]
    lifter = np.sinc(turns) * (1.18 - 0.18 * np.cos(2 * np.pi * turns))
    cepstrum *= lifter.astype(np.float32)
    cepstrum[:, 1:-1] *= 2
    envelope: Real = np.exp(fft.rfft(cepstrum, SIZE, axis=1).real)
    return envelope


def aperiodicity(samples: Array, hertz: Array, rate: int) -> Real:
    """Return the share (frame, HALF) of the power that does not repeat; 1 where unvoiced.

    In each band, the autocorrelation at one period, over that of the window: 1 for what
    repeats, 0 for noise (Boersma 1993, band by band).
    """
    share = np.ones((len(hertz), HALF), np.float32)
    voiced = hertz > 0
    pitch = hertz[voiced]
    length = np.minimum(PERIODS * rate / pitch, SIZE - 2)
    power = _power(samples, length, voiced)
    angle = np.arange(HALF) * (2 * np.pi * rate / SIZE / pitch)[:, None]
    wave = np.cos(angle.astype(np.float32))
    edges = [round(edge * SIZE / rate) for edge in EDGES]
    total = np.add.reduceat(power, edges, axis=1)[:, :-1]
    alike = np.add.reduceat(power * wave, edges, axis=1)[:, :-1]
    lag = rate / pitch / length  # of the window
    own = (1 - lag) * (2 / 3 + np.cos(2 * np.pi * lag) / 3) + np.sin(2 * np.pi * lag) / (2 * np.pi)
    periodic = np.clip(alike / np.maximum(total, 1e-20) / own[:, None], 0, 1)
    centres = np.sqrt(np.array(EDGES[:-1], float) * np.array(EDGES[1:]))
    frequency = np.arange(HALF) * rate / SIZE
    spread = np.stack([np.interp(frequency, centres, row) for row in np.eye(len(centres))])
    share[voiced] = np.clip(1 - periodic.astype(np.float32) @ spread.astype(np.float32), 1e-3, 1)
    return share


def _power(samples: Array, length: Array, which: slice | npt.NDArray[np.bool_]) -> Real:
    """Return the power spectral density (frame, HALF) through Hann windows of ``length``."""
    cut = frames(samples.astype(np.float32), SIZE, HOP)[which]
    offset = np.arange(SIZE, dtype=np.float32) - SIZE // 2
    place = np.clip(offset * (2 / length)[:, None].astype(np.float32), -1, 1)
    window = 0.5 + 0.5 * np.cos(np.float32(np.pi) * place)
    cut *= window
    cut -= window * (cut.sum(1) / window.sum(1))[:, None]
    power: Real = np.abs(fft.rfft(cut, axis=1)) ** 2 / np.square(window).sum(1)[:, None]
    return power


@kernel
def running_mean(rows: Real, widths: Array) -> Real:
    """Return rows (frame, HALF) averaged over ``widths`` bins (frame,), mirrored at both ends."""
    out = np.empty_like(rows)
    last = rows.shape[1] - 1
    total = np.zeros(rows.shape[1] + 2 * MARGIN + 1)
    for f in range(rows.shape[0]):
        for i in range(total.shape[0] - 1):
            bin = abs(i - MARGIN)
            total[i + 1] = total[i] + rows[f, bin if bin <= last else 2 * last - bin]
        half = widths[f] / 2
        for i in range(last + 1):
            above, below = i + MARGIN + 0.5 + half, i + MARGIN + 0.5 - half
            a, b = int(above), int(below)
            top = total[a] + (above - a) * (total[a + 1] - total[a])
            bottom = total[b] + (below - b) * (total[b + 1] - total[b])
            out[f, i] = (top - bottom) / widths[f]
    return out
