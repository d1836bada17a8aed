"""Where syllables begin in speech or singing, and which part of each can be held.

A syllable's nucleus is a peak of the loudness of its voiced frames; it ends at the valley before
the next peak (P. Mermelstein, Automatic segmentation of speech into syllabic units, JASA 58,
1975). The frames around the peak that are voiced and nearly as loud can be held as long as a note
lasts; what comes before and after are consonants and keeps its pace.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.ndimage import uniform_filter1d
from scipy.signal import find_peaks

from graphophone.sources.pitch import HOP
from graphophone.sources.vocoder import BLOCK, Analysis

APART = 20  # frames from peak to peak at least: 100 ms
PROMINENCE_DB = 3.0
WITHIN_DB = 7.0
QUIET_DB = 35.0
SHORTEST = 6  # frames that a nucleus has at least: 30 ms
LONGEST_ONSET, LONGEST_CODA = 50, 36


class Syllable(NamedTuple):
    """Frames of a recording: onset from ``start``, nucleus, coda to ``end``."""

    start: int
    hold: int
    release: int
    end: int


def syllables(voice: Analysis) -> tuple[Syllable, ...]:
    """Return the syllables of a recording in order of time; none where nothing is voiced."""
    voiced = voice.hertz > 0
    if not voiced.any():
        return ()
    power = np.where(voiced, 1.0, 0.01) * voice.power
    level = 10 * np.log10(uniform_filter1d(power, 5) + 1e-14)
    least = float(level.max()) - QUIET_DB
    peaks, _ = find_peaks(
        np.pad(level, 1, constant_values=-200),
        height=least,
        distance=APART,
        prominence=PROMINENCE_DB,
    )
    peaks -= 1
    found, before = [], 0
    for i, peak in enumerate(int(peak) for peak in peaks):
        after = int(peaks[i + 1]) if i + 1 < len(peaks) else len(level) - 1
        valley = peak + int(level[peak : after + 1].argmin())
        held = voiced & (level > level[peak] - WITHIN_DB)
        hold = release = peak
        while hold > before and held[hold - 1]:
            hold -= 1
        while release < valley and held[release + 1]:
            release += 1
        end = _last_loud(level, release, min(valley, release + LONGEST_CODA), least)
        first = _first_loud(voice.power, max(before, hold - LONGEST_ONSET), hold, peak)
        if release - hold >= SHORTEST:
            found.append(Syllable(first, hold, release, max(end, release)))
        before = valley
    return tuple(found)


def _last_loud(level: npt.NDArray[np.float64], low: int, high: int, least: float) -> int:
    """Return the last frame of a stretch that can be heard."""
    loud = np.flatnonzero(level[low : high + 1] > least)
    return low + int(loud[-1]) if len(loud) else low


def _first_loud(power: npt.NDArray[np.float32], low: int, high: int, peak: int) -> int:
    """Return the first frame of an onset that can be heard; unvoiced sounds are soft."""
    loud = np.flatnonzero(power[low : high + 1] > power[peak] * 1e-4)
    return low + int(loud[0]) if len(loud) else high


def pace(
    spoken: Sequence[Syllable], times: Sequence[tuple[float, float]], blocks: int, rate: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float32]]:
    """Return which frame sounds when (block,), and how much of it is heard (block,).

    A nucleus begins with its note, so its onset sounds before; nuclei are stretched until the
    next onset, and consonants keep their pace unless the note is shorter than they are.

    Args:
        spoken: A syllable a note.
        times: Start and end of each note in seconds, in order.
        blocks: How many blocks of BLOCK samples there are.
        rate: Samples a second.
    """
    frame = HOP / rate
    now = (np.arange(blocks) + 0.5) * BLOCK / rate
    places, heard = np.zeros(blocks), np.zeros(blocks, np.float32)
    onsets = [(s.hold - s.start) * frame for s in spoken]
    for i, (syllable, (start, end)) in enumerate(zip(spoken, times, strict=True)):
        last = end
        if i + 1 < len(times) and times[i + 1][0] - onsets[i + 1] < end:
            last = max(start + 0.4 * (end - start), times[i + 1][0] - onsets[i + 1])
        coda = min((syllable.end - syllable.release) * frame, 0.5 * (last - start))
        began = start - onsets[i]
        if i and began < times[i - 1][1]:
            former = times[i - 1]
            began = max(began, former[0] + 0.4 * (former[1] - former[0]))
        knots = (began, start, last - coda, last)
        inside = (now >= began) & (now < last)
        places[inside] = np.interp(now[inside], knots, syllable)
        heard[inside] = 1
    return places, heard
