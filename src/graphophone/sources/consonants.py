"""What starts a sung syllable: noise, closures of the tract, and where its formants come from.

Bands, lengths and loci are round figures after D. H. Klatt, Software for a cascade/parallel formant
synthesizer (JASA 67, 1980, table II).
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, sosfilt

from graphophone.audio.features import RATE

Wave = npt.NDArray[np.float64]
Onset = tuple[tuple[int, int] | None, float, float, tuple[int, int] | None]

# where noise lies in Hz, its length in s, level, and the first two formants that the vowel is
# entered from (loci); the last makes the consonant heard
ONSETS: Mapping[str, Onset] = {
    "none": (None, 0.0, 0.0, None),
    "s": ((4_500, 9_000), 0.09, 0.5, (320, 1_700)),
    "sh": ((2_000, 6_000), 0.09, 0.5, (320, 1_900)),
    "f": ((1_500, 11_000), 0.07, 0.2, (280, 1_100)),
    "t": ((3_000, 9_000), 0.02, 0.8, (280, 1_750)),
    "k": ((1_200, 3_500), 0.025, 0.8, (280, 1_900)),
    "m": (None, 0.07, 0.0, (250, 1_000)),
    "l": (None, 0.05, 0.0, (330, 1_250)),
    "z": ((4_500, 9_000), 0.07, 0.25, (280, 1_700)),
    "v": ((1_500, 9_000), 0.06, 0.1, (260, 1_050)),
    "zh": ((2_000, 6_000), 0.07, 0.25, (290, 1_900)),
    "h": ((600, 7_000), 0.06, 0.12, None),
    "ch": ((2_200, 7_000), 0.06, 0.7, (300, 1_900)),
    "p": ((500, 2_500), 0.015, 0.6, (260, 850)),
    "b": ((500, 1_800), 0.01, 0.3, (240, 850)),
    "d": ((2_500, 7_000), 0.012, 0.35, (250, 1_750)),
    "g": ((1_000, 3_000), 0.015, 0.35, (250, 2_000)),
    "n": (None, 0.065, 0.0, (270, 1_500)),
    "r": (None, 0.07, 0.0, (350, 1_150)),
    "w": (None, 0.08, 0.0, (290, 650)),
    "y": (None, 0.08, 0.0, (270, 2_200)),
}
FEW = ("none", "s", "sh", "f", "t", "k", "m", "l")
# how strong the voice is meanwhile; where nothing is said, not at all
VOICED: Mapping[str, float] = {
    "none": 1.0,
    **dict.fromkeys(("m", "l", "n"), 0.35),
    **dict.fromkeys(("r", "w", "y"), 0.6),
    **dict.fromkeys(("z", "v", "zh"), 0.3),
    **dict.fromkeys(("b", "d", "g"), 0.1),
}


class Note(NamedTuple):
    """A syllable: times in seconds, pitch in MIDI, vowel, onset and strength.

    ``second`` is a vowel that a diphthong moves on to; ``last`` says that a rest follows.
    """

    start: float
    end: float
    pitch: float
    vowel: str
    onset: str
    strength: float
    second: str = ""
    last: bool = False


def bursts(notes: Sequence[Note], samples: int, noise: np.random.Generator) -> Wave:
    """Return the noise of fricatives and plosives (time,)."""
    total = np.zeros(samples)
    for note in notes:
        band, seconds, level, _ = ONSETS[note.onset]
        length = round((seconds + 0.02) * RATE)
        start = round(note.start * RATE)
        if band is None or start < 0 or start + length > samples:
            continue
        shape = (
            np.hanning(length) if seconds > 0.05 else np.exp(-np.arange(length) / (0.3 * length))
        )
        burst = sosfilt(_sections(band), noise.standard_normal(length)) * shape
        total[start : start + length] += burst * (0.1 * level * note.strength)
    return total


@cache
def _sections(band: tuple[float, float]) -> Wave:
    """Return a second-order Butterworth band-pass."""
    sections: Wave = butter(2, band, "bandpass", fs=RATE, output="sos")
    return sections
