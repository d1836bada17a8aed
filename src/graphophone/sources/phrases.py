"""Syllables of one voice, taken from where they were spoken and put in a row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from graphophone.sources.syllables import Syllable
from graphophone.sources.vocoder import Analysis

LEVELLING = 0.5  # of the difference in dB between a syllable and the rest is taken away
PROSODY_LIMIT = 4.0  # semitones


@dataclass(frozen=True)
class Phrase:
    """Syllables in a row.

    Attributes:
        voice: Frames of all of them.
        syllables: Where each lies in ``voice``.
        prosody: (frame,) the speaker's own intonation in semitones around its middle.
        pieces: Plain data: the files, and the first syllable taken from each.
    """

    voice: Analysis
    syllables: tuple[Syllable, ...]
    prosody: npt.NDArray[np.float32]
    pieces: list[dict[str, Any]]


def joined(spoken: Sequence[tuple[Analysis, Syllable]], pieces: list[dict[str, Any]]) -> Phrase:
    """Return syllables in a row, each as loud as halfway between itself and their median."""
    loud = np.array([_loudness(voice, syllable) for voice, syllable in spoken])
    factors = (np.median(loud) / loud) ** (LEVELLING / 2)
    parts: dict[str, list[npt.NDArray[Any]]] = {
        name: [] for name in ("hertz", "power", "rows", "hiss", "responses", "scales")
    }
    placed, frame, row = [], 0, 1
    for (voice, syllable), factor in zip(spoken, factors, strict=True):
        cut = slice(syllable.start, syllable.end + 1)
        rows = voice.rows[cut]
        used = rows[rows > 0]
        first, last = (int(used[0]), int(used[-1]) + 1) if len(used) else (1, 1)
        parts["hertz"].append(voice.hertz[cut])
        parts["power"].append(voice.power[cut])
        parts["rows"].append(np.where(rows > 0, rows - first + row, 0).astype(np.int32))
        parts["hiss"].append((voice.hiss[cut] * np.float32(factor)).astype(np.float16))
        parts["responses"].append(voice.responses[first:last])
        parts["scales"].append(voice.scales[first:last] * np.float32(factor))
        placed.append(Syllable(*(at - syllable.start + frame for at in syllable)))
        frame += len(rows)
        row += last - first
    responses = [np.zeros_like(spoken[0][0].responses[:1]), *parts["responses"]]
    hertz = np.concatenate(parts["hertz"])
    voice = Analysis(
        hertz,
        np.concatenate(parts["power"]),
        np.concatenate(parts["rows"]),
        np.concatenate(responses),
        np.concatenate([np.zeros(1, np.float32), *parts["scales"]]),
        np.concatenate(parts["hiss"]),
    )
    return Phrase(voice, tuple(placed), _prosody(hertz), pieces)


def _loudness(voice: Analysis, syllable: Syllable) -> float:
    return float(voice.power[syllable.hold : syllable.release + 1].mean()) + 1e-12


def _prosody(hertz: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return semitones around the median, drawn straight through unvoiced frames."""
    voiced = np.flatnonzero(hertz > 0)
    semitones = 12 * np.log2(hertz[voiced] / np.median(hertz[voiced]))
    limited = np.clip(semitones, -PROSODY_LIMIT, PROSODY_LIMIT)
    drawn = np.interp(np.arange(len(hertz)), voiced, limited)
    return np.asarray(drawn, np.float32)
