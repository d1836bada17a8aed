"""Voices of the procedural singer: whose larynx, whose tract, which vowels.

Formants are those of American men (G. E. Peterson and H. L. Barney, Control methods used in a
study of the vowels, JASA 24, 1952, table II), scaled by the length of the tract. The larynx
gives Rosenberg's pulse C (A. E. Rosenberg, Effect of glottal pulse shape, JASA 49, 1971).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random

import numpy as np
import numpy.typing as npt

from graphophone.audio.features import RATE

Wave = npt.NDArray[np.float64]
TABLE = 2_048
HEARD_HERTZ = 0.51 * RATE  # one may lie beyond the limit of resonators, 0.49
HIGHEST = 86  # MIDI: a soprano's d6
HIGHER: Wave = np.linspace(3_400.0, 18_400.0, 13)

VOWELS: Mapping[str, Mapping[str, tuple[float, float, float]]] = {
    "train": {
        "heed": (270, 2_290, 3_010),
        "head": (530, 1_840, 2_480),
        "hod": (730, 1_090, 2_440),
        "hawed": (570, 840, 2_410),
        "who": (300, 870, 2_240),
    },
    "unseen": {
        "hid": (390, 1_990, 2_550),
        "had": (660, 1_720, 2_410),
        "hud": (640, 1_190, 2_390),
        "hood": (440, 1_020, 2_240),
        "heard": (490, 1_350, 1_690),
    },
}

# lowest and highest note in MIDI, then the tract's formant scale from and to
REGISTERS: Mapping[str, Mapping[str, tuple[int, int, float, float]]] = {
    "train": {
        "bass": (40, 57, 0.90, 0.95),
        "tenor": (48, 66, 0.97, 1.04),
        "alto": (55, 72, 1.10, 1.15),
        "soprano": (60, 79, 1.15, 1.20),
    },
    "unseen": {
        "baritone": (43, 61, 0.951, 0.969),
        "countertenor": (54, 71, 1.05, 1.09),
        "child": (60, 77, 1.22, 1.34),
    },
}

# lowest and highest in train, then in unseen
RANGES: Mapping[str, tuple[tuple[float, float], tuple[float, float]]] = {
    "open": ((0.5, 0.68), (0.69, 0.8)),  # share of a period in which the glottis is open
    "tilt_hz": ((1_800, 4_500), (900, 1_700)),  # how abruptly it closes
    "breath": ((0.005, 0.05), (0.055, 0.1)),
    "vibrato_hz": ((4.8, 6.2), (6.3, 7.2)),
    "vibrato_cents": ((15, 70), (75, 110)),
    "glide_seconds": ((0.04, 0.1), (0.105, 0.16)),
    "jitter_cents": ((4, 14), (15, 22)),
    "bandwidth": ((0.8, 1.2), (1.25, 1.5)),
}

# throats at the ends of what there is, each side's own
MORE_REGISTERS: Mapping[str, Mapping[str, tuple[int, int, float, float]]] = {
    "train": {"low_bass": (36, 52, 0.84, 0.89), "boy": (62, 81, 1.36, 1.44)},
    "unseen": {"sub_bass": (34, 50, 0.79, 0.83), "girl": (64, 83, 1.45, 1.53)},
}
MORE_SHARE = 0.2

# how a voice is used: knobs that it changes, lowest and highest in train, then in unseen
MANNERS: Mapping[str, Mapping[str, tuple[tuple[float, float], tuple[float, float]]]] = {
    "modal": {},
    "breathy": {
        "open": ((0.81, 0.88), (0.89, 0.95)),
        "tilt_hz": ((700, 890), (450, 690)),
        "breath": ((0.12, 0.28), (0.3, 0.4)),
    },
    "pressed": {
        "open": ((0.38, 0.49), (0.3, 0.37)),
        "tilt_hz": ((4_600, 7_000), (7_200, 9_000)),
        "breath": ((0.001, 0.004), (0.0002, 0.0009)),
    },
    "falsetto": {
        "open": ((0.81, 0.88), (0.89, 0.95)),
        "tilt_hz": ((700, 890), (450, 690)),
    },
    "rough": {
        "rough": ((0.15, 0.35), (0.36, 0.5)),
        "jitter_cents": ((24, 40), (42, 60)),
    },
    "creaky": {
        "fry": ((0.3, 0.6), (0.65, 0.9)),
        "rough": ((0.1, 0.2), (0.36, 0.45)),
        "open": ((0.38, 0.49), (0.3, 0.37)),
    },
    "straight": {"vibrato_cents": ((0.0, 10.0), (11.0, 14.0))},
    "wobbly": {"vibrato_hz": ((3.2, 4.7), (2.4, 3.1))},
    "humming": {},
}
MANNER_WEIGHTS = (4, 2, 2, 2, 1, 1, 2, 1, 1)
FALSETTO_SEMITONES = 9
WIDE = 57  # MIDI: above, formants widen with the range, lest one harmonic drowns the rest
LIFT = 1.25  # of the first formant above the fundamental, likewise

# lips closed: the first formants of a nasal, and a weak second
HUMS: Mapping[str, Mapping[str, tuple[float, float, float]]] = {
    "train": {"mm": (250, 1_050, 2_200), "nn": (280, 1_500, 2_500)},
    "unseen": {"ng": (300, 1_900, 2_650)},
}


@dataclass(frozen=True)
class Voice:
    """One singer.

    Attributes:
        name: The register.
        low: Lowest note, MIDI.
        high: Highest note, MIDI.
        scale: Formant frequencies relative to those of an average man.
        vowels: First three formants in Hz by name of the vowel.
        knobs: Values drawn from RANGES and from those of the manner.
        manner: How the voice is used, one of MANNERS.
    """

    name: str
    low: int
    high: int
    scale: float
    vowels: Mapping[str, tuple[float, float, float]]
    knobs: Mapping[str, float]
    manner: str = "modal"

    def formants(self, vowel: str) -> Wave:
        """Return the frequencies in Hz of the three formants that make a vowel."""
        return self.scale * np.array(self.vowels[vowel])

    @property
    def bandwidths(self) -> Wave:
        """Bandwidths of those formants in Hz."""
        damping = self.knobs.get("damping", 1.0)
        return damping * self.knobs["bandwidth"] * np.array([70.0, 95.0, 140.0])

    @property
    def higher(self) -> tuple[Wave, Wave]:
        """Frequencies and bandwidths in Hz of the formants that no vowel moves.

        Those beyond hearing are left out: several at the limit of resonators would ring.
        """
        higher: Wave = self.scale * HIGHER
        widths: Wave = 0.07 * self.knobs["bandwidth"] * HIGHER
        heard = higher < HEARD_HERTZ
        return higher[heard], widths[heard]


def draw_voice(rng: Random, split: str) -> Voice:
    """Draw a singer; those of ``unseen`` and ``test`` lie outside the ranges of the others."""
    side = "unseen" if split in ("unseen", "test") else "train"
    name = rng.choice(list(REGISTERS[side]))
    low, high, short, long = REGISTERS[side][name]
    knobs = {knob: rng.uniform(*ranges[side == "unseen"]) for knob, ranges in RANGES.items()}
    return Voice(name, low, high, rng.uniform(short, long), VOWELS[side], knobs)


def draw_singer(rng: Random, split: str) -> Voice:
    """Draw a singer in any manner of voice; ``unseen`` and ``test`` share no range with others."""
    side = "unseen" if split in ("unseen", "test") else "train"
    voice = draw_voice(rng, split)
    if rng.random() < MORE_SHARE:
        name = rng.choice(list(MORE_REGISTERS[side]))
        low, high, short, long = MORE_REGISTERS[side][name]
        voice = replace(voice, name=name, low=low, high=high, scale=rng.uniform(short, long))
    manner = rng.choices(list(MANNERS), MANNER_WEIGHTS)[0]
    changed = {
        knob: rng.uniform(*ranges[side == "unseen"]) for knob, ranges in MANNERS[manner].items()
    }
    if manner == "falsetto":
        up = FALSETTO_SEMITONES
        voice = replace(voice, low=voice.low + up, high=min(voice.high + up, HIGHEST))
    wide = max(1.0, 2 ** (((voice.low + voice.high) / 2 - WIDE) / 12))
    knobs = {**voice.knobs, **changed, "lift": LIFT, "damping": wide}
    voice = replace(voice, knobs=knobs, manner=manner)
    return replace(voice, vowels=HUMS[side]) if manner == "humming" else voice


def pulse(share_open: float) -> Wave:
    """Return one period of glottal flow: a rising and a steeper falling quarter, then none."""
    phase = np.arange(TABLE) / TABLE
    rise, fall = 0.7 * share_open, 0.3 * share_open
    rising = 0.5 * (1 - np.cos(np.pi * phase / rise))
    falling = np.cos(np.pi / 2 * (phase - rise) / fall)
    flow: Wave = np.where(phase < rise, rising, np.where(phase < share_open, falling, 0.0))
    return flow


@lru_cache(maxsize=256)
def glottis(share_open: float, tilt_hz: float, hertz: float) -> Wave:
    """Return one period of the flow's derivative, without harmonics above 20 kHz.

    The derivative stands for the radiation at the lips; ``tilt_hz`` rounds the closure.
    """
    spectrum = np.fft.rfft(pulse(share_open))
    harmonic = np.arange(len(spectrum))
    frequency = harmonic * hertz
    spectrum = spectrum * 1j * harmonic / (1 + 1j * frequency / tilt_hz)
    spectrum[(frequency > 20_000) | (frequency >= RATE / 2) | (harmonic == 0)] = 0
    wave = np.fft.irfft(spectrum, TABLE)
    normal: Wave = wave / np.sqrt(np.mean(wave**2))
    return normal
