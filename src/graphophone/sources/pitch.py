"""The fundamental frequency of one voice, frame by frame."""

import numpy as np
import numpy.typing as npt
from scipy import fft

Array = npt.NDArray[np.float64]
Real = npt.NDArray[np.float32]

HOP = 220  # samples at 44.1 kHz: 5 ms
DOWN = 2  # periods are found at half the rate
LOWEST, HIGHEST = 65.0, 900.0
WINDOW_SECONDS = 0.046  # three periods of the lowest pitch
CANDIDATES = 6
VOICING = 0.45
SILENCE = 0.03
OCTAVE_COST = 0.03
JUMP_COST = 0.35
SWITCH_COST = 0.14


def frames(samples: Real, length: int, hop: int) -> Real:
    """Return (frame, length) centred on every ``hop``-th sample; beyond the ends lies silence."""
    count = 1 + (len(samples) - 1) // hop
    padded = np.pad(samples, (length // 2, length + hop))
    view = np.lib.stride_tricks.sliding_window_view(padded, length)
    return np.ascontiguousarray(view[: count * hop : hop])


def fundamental(samples: Array, rate: int) -> Array:
    """Return the fundamental in Hz of every frame of 5 ms, 0 where the voice has none.

    Periods are the peaks of the autocorrelation, normalised by that of the window; the path
    through them costs least: low strength, octave jumps and changes of voicing all cost
    (P. Boersma, Accurate short-term analysis of the fundamental frequency and the
    harmonics-to-noise ratio of a sampled sound, IFA Proceedings 17, 1993).

    Args:
        samples: (time,) of one voice.
        rate: Samples a second, about 44.1 kHz, for HOP is in samples.
    """
    count = 1 + (len(samples) - 1) // HOP
    low = _decimated(samples)
    rate = rate // DOWN
    length = round(WINDOW_SECONDS * rate)
    size = fft.next_fast_len(length + int(rate / LOWEST) + 2, real=True)
    window = np.hanning(length)
    cut = frames(low.astype(np.float32), length, HOP // DOWN)
    peak = np.abs(cut).max(1) / max(np.abs(low).max(), 1e-9)
    cut = (cut - cut.mean(1, keepdims=True)) * window.astype(np.float32)
    own = fft.irfft(np.abs(fft.rfft(window, size)) ** 2, size)
    likeness = fft.irfft(np.abs(fft.rfft(cut, size, axis=1)) ** 2, size, axis=1)
    likeness /= np.maximum(likeness[:, :1], 1e-12)
    shortest, longest = int(rate / HIGHEST), int(rate / LOWEST)
    likeness = likeness[:, : longest + 2].astype(np.float64) / (own[: longest + 2] / own[0])
    hertz, strength = _candidates(likeness, shortest, rate)
    unvoiced = VOICING + np.maximum(0, 2 - peak / SILENCE * (1 + VOICING))
    hertz = np.concatenate((np.zeros((len(hertz), 1)), hertz), 1)
    strength = np.concatenate((unvoiced[:, None], strength), 1)
    path = _cheapest(hertz, strength)
    return np.pad(path, (0, max(0, count - len(path))))[:count]


def _decimated(samples: Array) -> Array:
    """Return every other sample of what lies below a quarter of the rate."""
    size = fft.next_fast_len(len(samples) + HOP, real=True)
    size += size % DOWN  # what rings past the end must not come round to the beginning
    spectrum = fft.rfft(samples, size)[: size // DOWN // 2 + 1]
    low: Array = fft.irfft(spectrum / DOWN, size // DOWN)
    return low[: -(-len(samples) // DOWN)]


def _candidates(likeness: Array, shortest: int, rate: int) -> tuple[Array, Array]:
    """Return (frame, CANDIDATES) pitches in Hz and how strongly each repeats."""
    before, here, after = likeness[:, :-2], likeness[:, 1:-1], likeness[:, 2:]
    lags = np.arange(1, likeness.shape[1] - 1)
    peaks = (here > before) & (here >= after) & (lags >= shortest) & (here > 0.2)
    bend = before - 2 * here + after
    shift = 0.5 * (before - after) / np.where(bend < 0, bend, -1.0)
    height = np.minimum(here - 0.25 * (before - after) * shift, 1.0)
    score = np.where(peaks, height - OCTAVE_COST * np.log2(LOWEST * lags / rate), -1.0)
    best = np.argpartition(-score, CANDIDATES - 1, axis=1)[:, :CANDIDATES]
    period = np.take_along_axis(lags + shift, best, 1)
    return rate / period, np.take_along_axis(score, best, 1)


def _cheapest(hertz: Array, strength: Array) -> Array:
    """Return the pitch of every frame along the path of least cost."""
    voiced = hertz > 0
    octaves = np.log2(np.where(voiced, hertz, 1.0))
    cost = -strength[0]
    back = np.zeros(hertz.shape, np.int64)
    for i in range(1, len(hertz)):
        jump = JUMP_COST * np.abs(octaves[i][:, None] - octaves[i - 1][None, :])
        both = voiced[i][:, None] & voiced[i - 1][None, :]
        switch = voiced[i][:, None] != voiced[i - 1][None, :]
        total = cost[None, :] + np.where(both, jump, SWITCH_COST * switch)
        back[i] = total.argmin(1)
        cost = total[np.arange(len(cost)), back[i]] - strength[i]
    path = np.zeros(len(hertz))
    state = int(cost.argmin())
    for i in range(len(hertz) - 1, -1, -1):
        path[i] = hertz[i, state]
        state = int(back[i, state])
    return path
