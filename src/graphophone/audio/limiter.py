"""A limiter that sees peaks coming, and a recording as loud as is asked for.

The gain that the louder channel needs is held back to the beginning of a window that ends at
its peak, rises again by a fixed number of decibels a second, and is averaged over that window:
a mean of gains that are each small enough for a peak is small enough for it (P. Hämäläinen,
Smoothing of the control signal without clipped output in digital peak limiters, DAFx 2002).
The gain turns before a peak arrives, and the sound is not delayed, since all of it is there.
"""

import math

import numpy as np
import numpy.typing as npt
import torch
from scipy.ndimage import maximum_filter1d
from scipy.signal import oaconvolve

from graphophone.audio.loudness import loudness
from graphophone.tensors import Stereo

Array = npt.NDArray[np.float64]

AHEAD_SECONDS = 0.005
RELEASE_DB = 150.0
"""How fast the gain comes back, in dB a second."""
CEILING_DB = -1.0
MOST_DB = 24.0
"""How far beyond the gain that would do without a limiter a recording is driven at most."""
CLOSE_LU = 0.05
STEPS = 30


class Limiter:
    """A recording that is to be limited at one drive after another.

    Args:
        audio: Shape (2, time).
        rate: Samples a second.
        ceiling_db: Where the largest sample may lie, in dBFS.
    """

    def __init__(self, audio: Stereo, rate: int, ceiling_db: float = CEILING_DB) -> None:
        self._samples: Array = audio.detach().double().cpu().numpy()
        self._ahead = max(1, round(AHEAD_SECONDS * rate))
        self._rise = RELEASE_DB / rate * np.arange(self._samples.shape[-1])
        self._peaks = _coming(self._samples, self._ahead)
        self._ceiling = float(10 ** (ceiling_db / 20))
        self._dtype = audio.dtype

    def __call__(self, drive_db: float = 0.0) -> Stereo:
        """Return the recording, raised by ``drive_db`` and then held below the ceiling.

        No sample is beyond the ceiling; its waveform between samples may be.
        """
        drive = 10 ** (drive_db / 20)
        limited = torch.from_numpy(self._samples * (drive * self._gain(drive)))
        return _below(limited, self._ceiling, self._dtype)

    def _gain(self, drive: float) -> Array:
        """Return the smooth gain of each sample."""
        needed = self._ceiling / np.maximum(self._peaks * drive, self._ceiling)
        # In dB a steady rise is a line, so the lowest of all lines before is a running minimum.
        lines = np.minimum.accumulate(20 * np.log10(needed) - self._rise)
        held = 10 ** ((lines + self._rise) / 20)
        return _smoothed(held, self._ahead)


def limited(audio: Stereo, rate: int, ceiling_db: float = CEILING_DB) -> Stereo:
    """Return a recording (2, time) without samples beyond ``ceiling_db`` dBFS."""
    return Limiter(audio, rate, ceiling_db)()


def to_loudness(
    audio: Stereo, rate: int, lufs: float, ceiling_db: float = CEILING_DB
) -> tuple[Stereo, float]:
    """Return a recording at a loudness, its peaks limited, and the drive in dB.

    A limiter takes loudness away, so it is driven until the loudness is reached within
    0.05 LU, by the secant method; but no more than 24 dB beyond the gain that would do if
    nothing were limited. What has taller peaks than that allows stays softer. Silence stays.

    Args:
        audio: Shape (2, time).
        rate: Samples a second.
        lufs: Loudness (BS.1770).
        ceiling_db: Where the largest sample may lie, in dBFS.
    """
    before = loudness(audio, rate)
    if math.isinf(before):
        return limited(audio, rate, ceiling_db), 0.0
    limiter = Limiter(audio, rate, ceiling_db)
    drive = first = lufs - before
    slope = 1.0
    done = limiter(drive)
    missing = lufs - loudness(done, rate)
    for _ in range(STEPS):
        if abs(missing) <= CLOSE_LU or (drive >= first + MOST_DB and missing > 0):
            break
        further = min(drive + missing / slope, first + MOST_DB)
        done = limiter(further)
        after = lufs - loudness(done, rate)
        if further != drive:
            slope = min(max((missing - after) / (further - drive), 0.1), 1.0)
        drive, missing = further, after
    return done, drive


def _coming(samples: Array, ahead: int) -> Array:
    """Return the highest peak of either channel from each sample to ``ahead`` later."""
    peaks = np.pad(np.abs(samples), ((0, 0), (0, ahead))).max(0)
    highest: Array = maximum_filter1d(peaks, ahead + 1, mode="constant")
    return highest[(ahead + 1) // 2 :][: samples.shape[-1]]


def _smoothed(gain: Array, ahead: int) -> Array:
    """Return means over ``ahead`` gains before each and itself, by a Hann window.

    Before the first, all are as the first.
    """
    if not gain.size:
        return gain
    padded = np.pad(gain, (ahead, 0), mode="edge")
    window = np.sin(np.pi * np.arange(1, ahead + 2) / (ahead + 2)) ** 2
    smooth: Array = oaconvolve(padded, window / window.sum(), mode="valid")
    return smooth


def _below(audio: torch.Tensor, ceiling: float, dtype: torch.dtype) -> torch.Tensor:
    """Return samples in another precision, of which rounding brings none above the ceiling."""
    most = torch.tensor(ceiling, dtype=torch.float64).to(dtype)
    if float(most) > ceiling:
        most = torch.nextafter(most, torch.zeros_like(most))
    return audio.to(dtype).clamp(-most, most)
