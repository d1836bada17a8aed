"""Loudness of a whole recording in LUFS: ITU-R BS.1770-4, Annex 1.

Both channels pass a high shelf (the head) and a high-pass, their powers add up over blocks of
400 ms that begin every 100 ms, and blocks count that are above -70 LUFS and within 10 LU of the
mean of those. A sine of 1 kHz at -23 dBFS peak in both channels reads -23.0 LUFS.
"""

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.signal import sosfilt

from graphophone.tensors import Stereo

Array = npt.NDArray[np.float64]

TABLE_RATE = 48_000
SHELF = (1_682.0, (1.53512485958697, -2.69169618940638, 1.19839281085285))
SHELF_POLES = (1.0, -1.69065929318241, 0.73248077421585)
HIGHPASS = (38.0, (1.0, -2.0, 1.0))
HIGHPASS_POLES = (1.0, -1.99004745483398, 0.99007225036621)
"""Corner in Hz and coefficients at 48 kHz (Tables 1 and 2)."""

BLOCK_SECONDS = 0.4
HOP_SECONDS = 0.1
OFFSET_DB = -0.691
GATE_LUFS = -70.0
WITHIN_LU = 10.0


def loudness(audio: Stereo, rate: int) -> float:
    """Return the gated loudness in LUFS, minus infinity where all is below -70 LUFS.

    A recording shorter than a block is one block.

    Args:
        audio: Shape (2, time).
        rate: Samples a second.
    """
    if not audio.shape[-1]:
        return -math.inf
    weighted = sosfilt(weighting(rate), audio.detach().double().cpu().numpy(), axis=-1)
    powers = _blocks(np.square(weighted).sum(0), rate)
    heard = powers[powers > _power(GATE_LUFS)]
    if not len(heard):
        return -math.inf
    heard = heard[heard > heard.mean() * 10 ** (-WITHIN_LU / 10)]
    return OFFSET_DB + 10 * math.log10(heard.mean())


@lru_cache(maxsize=8)
def weighting(rate: int) -> Array:
    """Return the two filters as second-order sections (2, 6) for a sample rate.

    The recommendation prints them for 48 kHz; elsewhere their analogue prototypes are taken
    through the bilinear transform again, true at each filter's corner.
    """
    return np.array(
        [
            _section(*SHELF, SHELF_POLES, rate),
            _section(*HIGHPASS, HIGHPASS_POLES, rate),
        ]
    )


def _section(corner: float, zeros: tuple[float, ...], poles: tuple[float, ...], rate: int) -> Array:
    """Move a section from 48 kHz to another rate."""
    squeeze = math.tan(math.pi * corner / TABLE_RATE) / math.tan(math.pi * corner / rate)
    above, below = _moved(zeros, squeeze), _moved(poles, squeeze)
    section: Array = np.concatenate([above, below]) / below[0]
    return section


def _moved(polynomial: tuple[float, ...], squeeze: float) -> Array:
    """Write a polynomial in 1/z as one in v = (z - 1) / (z + 1), stretch v, and go back."""
    to_v = np.array([[1.0, 1.0, 1.0], [2.0, 0.0, -2.0], [1.0, -1.0, 1.0]])
    stretched = (to_v @ np.array(polynomial)) * squeeze ** np.arange(3)
    result: Array = np.linalg.solve(to_v, stretched)
    return result


def _blocks(power: Array, rate: int) -> Array:
    """Return the mean power of each block."""
    length, hop = round(BLOCK_SECONDS * rate), round(HOP_SECONDS * rate)
    if len(power) < length:
        return np.array([power.mean()])
    total = np.concatenate([[0.0], np.cumsum(power)])
    starts = np.arange(0, len(power) - length + 1, hop)
    means: Array = (total[starts + length] - total[starts]) / length
    return means


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - OFFSET_DB) / 10))
