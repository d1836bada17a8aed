"""Where a voice sounds: neither silence, nor the noise of a room, nor breath.

A frame of 50 ms counts where it is loud enough and has a pitch. Loud enough is within 40 dB of the
loud frames, and 6 dB above the noise between them. A pitch shows in the normalised
autocorrelation, which is near 1 at the period of a voice and near 0 for breath and noise (L. R.
Rabiner, On the use of autocorrelation analysis for pitch detection, IEEE Trans. Acoust., Speech,
Signal Process. 25(1), 1977; the division by the window's own autocorrelation is that of
P. Boersma, Accurate short-term analysis of the fundamental frequency, Proc. Inst. Phonetic
Sciences 17, 1993). Consonants have none, so a gap of up to 150 ms between voiced frames counts too.
"""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import scipy.fft
import soxr

from graphophone.sources.dry import Mono

FRAME_SECONDS = 0.05
RATE = 8_000
PITCH_HERTZ = (60.0, 1_200.0)
VOICED = 0.5
EMPHASIS = 0.95
LOUD_QUANTILE = 0.95
WITHIN_DB = 40.0
ABOVE_NOISE_DB = 6.0
NOISE_QUANTILE = 0.05
SILENT_DB = -70.0
GAP_FRAMES = 3

Frames = npt.NDArray[np.bool_]


def sounding(mono: Mono, rate: int) -> Frames:
    """Return for each frame of 50 ms of a recording (time,) whether anything is heard in it.

    That is: within 40 dB of the loud frames, and above -70 dBFS. It serves instruments, whose
    noises belong to them.
    """
    level = _levels(mono, max(1, round(FRAME_SECONDS * rate)))
    if len(level) == 0:
        return np.zeros(0, np.bool_)
    return level > max(float(np.quantile(level, LOUD_QUANTILE)) - WITHIN_DB, SILENT_DB)


def voiced(mono: Mono, rate: int) -> Frames:
    """Return for each frame of 50 ms of a recording (time,) whether a voice sounds in it.

    Noise is the level of the quietest frames; where a recording is never quiet, as one
    sustained note is not, none is assumed.
    """
    frame = max(1, round(FRAME_SECONDS * rate))
    level = _levels(mono, frame)
    if len(level) == 0:
        return np.zeros(0, np.bool_)
    loud, noise = (float(np.quantile(level, q)) for q in (LOUD_QUANTILE, NOISE_QUANTILE))
    least = max(loud - WITHIN_DB, SILENT_DB)
    if loud - noise > 2 * ABOVE_NOISE_DB:
        least = max(least, noise + ABOVE_NOISE_DB)
    pitched = _periodicity(mono, rate, len(level)) >= VOICED
    return _closed((level > least) & pitched) & (level > least - WITHIN_DB / 2)


def _levels(mono: Mono, frame: int) -> npt.NDArray[np.float64]:
    """Return the level in dB of consecutive frames, the last padded with zeros."""
    padded = np.pad(mono, (0, -len(mono) % frame)).reshape(-1, frame)
    power = np.einsum("ij,ij->i", padded, padded, dtype=np.float64) / frame
    return np.asarray(10 * np.log10(power + 1e-12))


def _periodicity(mono: Mono, rate: int, count: int) -> npt.NDArray[np.float64]:
    """Return the height of the highest peak of the autocorrelation at a voice's periods."""
    slow = soxr.resample(np.asarray(mono, np.float32), rate, RATE, quality="MQ")
    slow = slow - EMPHASIS * np.concatenate([[0], slow[:-1]])  # rumble is alike at short lags
    hop = round(FRAME_SECONDS * RATE)
    window = np.hanning(hop + 2)[1:-1]
    padded = np.pad(slow, (0, max(0, count * hop - len(slow))))[: count * hop]
    frames = padded.reshape(count, hop).astype(np.float64)
    frames = (frames - frames.mean(1, keepdims=True)) * window
    size = scipy.fft.next_fast_len(2 * hop, real=True)

    def correlated(part: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        spectrum = scipy.fft.rfft(part, size)
        result: npt.NDArray[np.float64] = scipy.fft.irfft(np.square(np.abs(spectrum)), size)
        return result

    low, high = round(RATE / PITCH_HERTZ[1]), round(RATE / PITCH_HERTZ[0])
    own = correlated(window[None])[:, : high + 1]
    heights = np.zeros(count)
    for start in range(0, count, 1_024):
        part = correlated(frames[start : start + 1_024])[:, : high + 1]
        normal = part / np.maximum(part[:, :1], 1e-12) / (own / own[:, :1])
        heights[start : start + 1_024] = normal[:, low:].max(1)
    return heights


def _closed(active: Frames) -> Frames:
    """Return the frames with short gaps between active ones filled."""
    filled = active.copy()
    at = np.flatnonzero(active)
    for before, after in pairwise(at):
        if 1 < after - before <= GAP_FRAMES + 1:
            filled[before:after] = True
    return filled
