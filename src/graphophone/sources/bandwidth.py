"""How far up a recording really goes, whatever its sample rate says.

Resampling and lossy coding leave a cliff in the long-term spectrum: sound below, the floor of
the format above. A dull sound has no cliff: it slopes. So the bandwidth is the foot of the
highest cliff above which nothing comes back, and half the sample rate where there is none.
Long-term spectra: P. D. Welch, The use of fast Fourier transform for the estimation of power
spectra, IEEE Trans. Audio Electroacoust. 15(2), 1967.
"""

import numpy as np
import scipy.fft
from scipy.ndimage import median_filter

from graphophone.sources.dry import Mono

BINS = 1_024
BESIDE_HERTZ = (350.0, 850.0)
LOWEST_HERTZ = 2_500.0
CLIFF_DB = 32.0
BACK_DB = 8.0
ALIKE_DB = 3.0
HIGHEST = 0.95
"""Of half the rate: filters against aliasing end there in any file."""
EMPTY_DB = -140.0


def bandwidth(mono: Mono, rate: int) -> float:
    """Return the frequency in Hz above which a recording (time,) holds no sound.

    A cliff is 32 dB deep, from the median of half a kilohertz to that of another 1.2 kHz higher;
    a voice alone does not fall so steeply. It lies above 2.5 kHz, for what is darker than that
    was never bright. The measure is good to about a tenth.

    Args:
        mono: Samples, half a second at least for a figure that means something.
        rate: Samples a second.
    """
    step = rate / (2 * BINS)
    level = _long_term(mono)
    near, far = (round(hertz / step) for hertz in BESIDE_HERTZ)
    width = far - near
    # medians, so that neither a harmonic nor a whistle counts
    smooth = median_filter(level, width, mode="nearest")
    half = near + width // 2
    first = max(round(LOWEST_HERTZ / step), half)
    candidates = np.arange(first, min(len(level) - half, round(HIGHEST * BINS)))
    if len(candidates) == 0:
        return rate / 2
    drop = smooth[candidates - half] - smooth[candidates + half]
    above = np.maximum.accumulate(smooth[::-1])[::-1]  # loudest from here up
    back = above[candidates + half] - smooth[candidates + half]
    steep = (drop >= CLIFF_DB) & (back < BACK_DB)
    if not steep.any():
        return rate / 2
    # the foot of the lowest cliff after which nothing comes back
    begin = int(np.flatnonzero(steep)[0])
    end = begin + int(np.argmin(np.append(steep[begin:], False)))
    deep = drop[begin:end]
    middle = candidates[begin:end][deep > deep.max() - ALIKE_DB].mean()
    return float(middle * step)


def _long_term(mono: Mono) -> np.ndarray:
    """Return the mean power spectrum in dB of frames that overlap by half."""
    size = 2 * BINS
    padded = np.pad(mono, (0, max(0, size - len(mono))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::BINS]
    window = np.hanning(size).astype(np.float32)
    power = np.zeros(BINS + 1)
    for start in range(0, len(frames), 256):
        spectra = scipy.fft.rfft(frames[start : start + 256] * window, axis=1)
        power += np.square(np.abs(spectra)).sum(0)
    power /= max(len(frames), 1) * np.square(window).sum()
    level: np.ndarray = 10 * np.log10(power + 10 ** (EMPTY_DB / 10))
    return level
