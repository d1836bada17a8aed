"""Whether two recordings are one performance: what they share beyond what chance gives.

Any two recordings of music are a little alike. So each likeness is held against the same recordings
shifted against each other in time, where it can only be chance (surrogate data: T. Schreiber and
A. Schmitz, Surrogate time series, Physica D 142, 2000).
"""

from dataclasses import asdict, dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

SIZE = 4_096
"""Samples of a frame; effects answer within it, but for echoes and long rooms."""
HOP = 1_024
BANDS = 24
DEEP_DB = 60.0
"""Levels further below the loudest are silence."""
APART_SECONDS = 0.5
"""Recordings that are shifted by this much share nothing but their kind."""
SLOW_SECONDS = 1.0
LEAST_SHIFTS, MOST_SHIFTS = 24, 100
"""So many frames have to be left to shift by, or nothing is said; no more are tried."""
SURE = (0.3, 0.45)
"""Coherence and correlation of levels above which no chance is asked."""
CLEARLY = 1.25
"""How many times what chance gives is more than chance."""
INTERVAL = 4
"""Bands by which a shift of pitch may have moved all, up or down: more than an octave."""


@dataclass(frozen=True, slots=True)
class Kinship:
    """What a dry and a wet recording share.

    Attributes:
        coherence: Share of the wet recording's energy that a linear system makes of the dry one.
        coherence_by_chance: The largest where one of both is shifted in time.
        levels: Correlation of their levels over time, mean over bands.
        levels_by_chance: The largest where one of both is shifted.
    """

    coherence: float
    coherence_by_chance: float
    levels: float
    levels_by_chance: float

    @property
    def is_one_performance(self) -> bool:
        """Whether one of both likenesses is clear, or more than chance."""
        return self.coherence > min(
            SURE[0], CLEARLY * self.coherence_by_chance
        ) or self.levels > min(SURE[1], CLEARLY * self.levels_by_chance)

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        numbers = {name: round(value, 4) for name, value in asdict(self).items()}
        return {"one_performance": self.is_one_performance, **numbers}

    def doubt(self) -> str:
        """Say what speaks against one performance; nothing where all is well."""
        if self.is_one_performance:
            return ""
        return (
            "dry and wet do not seem to be one performance: their coherence is "
            f"{self.coherence:.2f} and their levels correlate by {self.levels:.2f}, and both reach "
            f"as much by chance ({self.coherence_by_chance:.2f} and {self.levels_by_chance:.2f} "
            "where one is shifted in time)"
        )


def kinship(dry: Tensor, wet: Tensor, rate: int) -> Kinship | None:
    """Measure what two aligned recordings share; nothing where they are too short to tell.

    Coherence is Welch's, over frames of 4,096 samples, each frequency weighed by the energy that
    the wet recording has there (J. S. Bendat and A. G. Piersol, Random Data, 4th ed., 2010, ch. 6).
    It sees filters, echoes within a frame and mild curves, but no shift of pitch and no long room;
    the levels of 24 bands over time see those. All bands may have moved up or down together.

    Args:
        dry: Shape (2, time), aligned; the sum of several recordings.
        wet: The same shape.
        rate: Samples a second.
    """
    one, two = _frames(dry), _frames(wet)
    apart = round(APART_SECONDS * rate / HOP)
    count = one.shape[1]
    shifts = torch.arange(apart, max(apart, count - apart))
    if len(shifts) < LEAST_SHIFTS or not (one.abs().sum() > 0 and two.abs().sum() > 0):
        return None
    if len(shifts) > MOST_SHIFTS:  # as many, spread over all of a long recording
        shifts = shifts[torch.linspace(0, len(shifts) - 1, MOST_SHIFTS).long()]
    coherent = [_coherence(one, two.roll(int(k), 1)) for k in (0, *shifts)]
    slow = 2 * round(SLOW_SECONDS * rate / HOP / 2) + 1
    first, second = _levels(one, rate, slow), _levels(two, rate, slow)
    alike = [_correlation(first, second.roll(int(k), 1)) for k in (0, *shifts)]
    return Kinship(coherent[0], max(coherent[1:]), alike[0], max(alike[1:]))


def _frames(audio: Tensor) -> Tensor:
    """Return spectra (bins, frames) of the louder of mid and side."""
    left, right = audio
    mid, side = left + right, left - right
    louder = mid if float(mid.square().sum()) >= float(side.square().sum()) else side
    window = torch.hann_window(SIZE, dtype=audio.dtype)
    if len(louder) < SIZE:
        return torch.zeros(SIZE // 2 + 1, 0, dtype=torch.complex64)
    return torch.stft(louder, SIZE, HOP, window=window, center=False, return_complex=True)


def _coherence(one: Tensor, two: Tensor) -> float:
    cross = (two * one.conj()).sum(1).abs().square()
    explained = cross / one.abs().square().sum(1).clamp_min(1e-12)
    return float(explained.sum() / two.abs().square().sum().clamp_min(1e-12))


def _levels(frames: Tensor, rate: int, slow: int) -> Tensor:
    """Return levels (bands, frames) of mean 0 and spread 1; a band that never sounds is all 0.

    What changes within a second alone is left: all recordings begin and end in silence.
    """
    power = frames.abs().square()
    top = min(16_000.0, 0.45 * rate)
    edges = torch.logspace(torch.tensor(80.0).log10(), torch.tensor(top).log10(), BANDS + 1)
    places = (edges * SIZE / rate).round().long()
    bands = [
        power[low : max(low + 1, high)].sum(0) for low, high in places.unfold(0, 2, 1).tolist()
    ]
    level = 10 * torch.stack(bands).clamp_min(1e-12).log10()
    level = level.clamp_min(float(level.max()) - DEEP_DB)
    level = level - F.avg_pool1d(level[None], slow, 1, slow // 2, count_include_pad=False)[0]
    level = level - level.mean(1, keepdim=True)
    spread = level.square().mean(1, keepdim=True).sqrt()
    return torch.where(spread > 0.5, level / spread.clamp_min(0.5), torch.zeros_like(level))


def _correlation(one: Tensor, two: Tensor) -> float:
    """Return the mean correlation over the bands that both have, by the interval that suits best.

    Bands that one of both does not have count as unlike, so that few that agree do not decide.
    """
    found = [0.0]
    for interval in range(-INTERVAL, INTERVAL + 1):
        first = one[max(0, -interval) : BANDS - max(0, interval)]
        second = two[max(0, interval) : BANDS - max(0, -interval)]
        sounding = (first.abs().sum(1) > 0) | (second.abs().sum(1) > 0)
        if bool(sounding.any()):
            found.append(float((first[sounding] * second[sounding]).mean()))
    return max(found)
