"""Whether a voice was recorded dry: how abruptly it falls silent, and whether it repeats itself.

A dry voice now and then falls by 25 dB and more within a tenth of a second: at a stop
consonant, at the end of a word. Behind a reverb it cannot, for the room dies at its own pace.
Reverberation so shows in the distribution of a signal's decay rates, at its steep end
(J. Y. C. Wen, E. A. P. Habets and P. A. Naylor, Blind estimation of reverberation time based on
the distribution of signal decay rates, ICASSP 2008; R. Ratnam et al., Blind estimation of
reverberation time, J. Acoust. Soc. Am. 114(5), 2003). We take one quantile of it and ask whether
it is dry, not how long the room rings.

An echo multiplies the spectrum by a ripple, which is a line in the cepstrum at its delay
(B. P. Bogert, M. J. R. Healy and J. W. Tukey, The quefrency alanysis of time series for echoes,
1963). The pitch of a voice leaves no such lines beyond some tens of milliseconds. Played
instruments and loops repeat themselves and fade slowly: neither figure says anything of them.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.fft
import soxr
from scipy.ndimage import uniform_filter1d

from graphophone.sources.dry import Mono

RATE = 16_000
BAND_HERTZ = (250.0, 5_000.0)
LONGEST_SECONDS = 60.0
SHORTEST_SECONDS = 2.0
HOP_SECONDS = 0.005
SMOOTH_HOPS = 5
FALL_HOPS = 20
STEEP_SHARE = 0.01
LOUD_DB = 15.0
RANGE_DB = 20.0
ECHO_SECONDS = (0.06, 1.0)
RIPPLE_HERTZ = 30.0

Wave = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Dryness:
    """What speaks for a dry recording, or against it.

    Attributes:
        fall_db: How far the level falls within 100 ms where it falls most steeply: the
            hundredth part of all loud moments falls by more. None where nothing can be told:
            the recording is shorter than 2 s, or has no 20 dB between loud and quiet.
        echo: Height of the highest line in the cepstrum over its noise.
        echo_seconds: The delay at which it stands.
    """

    fall_db: float | None
    echo: float
    echo_seconds: float


def dryness(mono: Mono, rate: int) -> Dryness:
    """Measure a voice.

    Args:
        mono: Samples (time,), of which the first minute is heard.
        rate: Samples a second.
    """
    audio = np.asarray(mono[: round(LONGEST_SECONDS * rate)], np.float64)
    if rate != RATE:
        audio = soxr.resample(audio, rate, RATE, quality="MQ")
    if len(audio) < SHORTEST_SECONDS * RATE or not audio.any():
        return Dryness(None, 0.0, 0.0)
    length = scipy.fft.next_fast_len(len(audio), real=True)
    spectrum = scipy.fft.rfft(audio, length)
    hertz = np.arange(len(spectrum)) * (RATE / length)
    inside = (hertz >= BAND_HERTZ[0]) & (hertz < BAND_HERTZ[1])
    banded = scipy.fft.irfft(np.where(inside, spectrum, 0), length)[: len(audio)]
    echo, seconds = _echo(spectrum, inside, length)
    return Dryness(_steepest_fall(banded), echo, seconds)


def _steepest_fall(banded: Wave) -> float | None:
    """Return the hundredth quantile of falls in 100 ms from loud moments, in dB."""
    hop = round(HOP_SECONDS * RATE)
    frames = np.square(banded[: len(banded) // hop * hop]).reshape(-1, hop).mean(1)
    level = 10 * np.log10(uniform_filter1d(frames, SMOOTH_HOPS) + 1e-12)
    loud, quiet = np.quantile(level, (0.95, 0.05))
    if loud - quiet < RANGE_DB:
        return None
    falls = (level[:-FALL_HOPS] - level[FALL_HOPS:])[level[:-FALL_HOPS] > loud - LOUD_DB]
    return float(np.quantile(falls, 1 - STEEP_SHARE))


def _echo(
    spectrum: npt.NDArray[np.complex128], inside: npt.NDArray[np.bool_], length: int
) -> tuple[float, float]:
    """Return the highest line of the cepstrum over its noise, and its delay in seconds."""
    power = np.square(np.abs(spectrum))
    log = np.log(power[inside] + 1e-12 * power.max())
    log -= uniform_filter1d(log, max(3, round(RIPPLE_HERTZ * length / RATE)))
    flat = np.zeros(len(power))
    flat[inside] = log * np.hanning(len(log))
    low, high = (round(seconds * RATE) for seconds in ECHO_SECONDS)
    lines = np.abs(scipy.fft.irfft(flat, length)[low : min(high, length // 2)])
    at = int(lines.argmax())
    noise = float(np.median(lines)) / 0.6745  # of a normal distribution
    return float(lines[at]) / max(noise, 1e-30), (low + at) / RATE
