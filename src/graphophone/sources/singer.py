"""A procedural singer: melodies on vowels, with consonants, vibrato and breath.

A phrase is a random walk in a key; each note is a syllable. Pitch glides from note to note,
vibrato sets in late, and pitch and strength waver. The larynx is read from a wave table that
holds no harmonic above 20 kHz, noise is mixed in while the glottis is open, and both pass
moving resonators (Klatt 1980, see :mod:`graphophone.dsp.resonators`).
"""

from collections.abc import Mapping, Sequence
from random import Random
from typing import NamedTuple

import numpy as np
import torch
from scipy.ndimage import uniform_filter1d
from scipy.signal import butter, sosfilt

from graphophone.audio.features import RATE
from graphophone.audio.files import resample
from graphophone.dsp.resonators import cascade, coefficients
from graphophone.sources.dry import Dry, Mono, levelled, numpy_rng
from graphophone.sources.voicebox import TABLE, Voice, Wave, draw_voice, glottis

BLOCK = 64
SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "pentatonic": (0, 2, 4, 7, 9),
}
BEATS = (0.5, 0.5, 0.75, 1.0, 1.0, 1.5, 2.0)

Onset = tuple[tuple[int, int] | None, float, float, tuple[int, int] | None]

# what starts a syllable: where noise lies in Hz, its length in s, level, and the first two
# formants that the vowel is entered from (loci); the last makes the consonant heard
ONSETS: Mapping[str, Onset] = {
    "none": (None, 0.0, 0.0, None),
    "s": ((4_500, 9_000), 0.09, 0.5, (320, 1_700)),
    "sh": ((2_000, 6_000), 0.09, 0.5, (320, 1_900)),
    "f": ((1_500, 11_000), 0.07, 0.2, (280, 1_100)),
    "t": ((3_000, 9_000), 0.02, 0.8, (280, 1_750)),
    "k": ((1_200, 3_500), 0.025, 0.8, (280, 1_900)),
    "m": (None, 0.07, 0.0, (250, 1_000)),
    "l": (None, 0.05, 0.0, (330, 1_250)),
}
VOICED = 0.35  # strength of the voice through m and l
LATE_SECONDS = 0.2
LOWEST_HERTZ = 40.0


class Note(NamedTuple):
    """A syllable: times in seconds, pitch in MIDI, vowel, onset and strength."""

    start: float
    end: float
    pitch: int
    vowel: str
    onset: str
    strength: float


class Singer:
    """Draws one track, ``voice``; ``unseen`` has singers and vowels that ``train`` lacks."""

    def __init__(self, split: str = "train") -> None:
        self.split = split

    def draw(self, rng: Random, samples: int, rate: int) -> Dry:
        """Draw a singer and what is sung; the same from one generator at any rate."""
        voice = draw_voice(rng, self.split)
        notes = melody(rng, voice, samples / rate)
        audio = sing(voice, notes, -(-samples * RATE // rate), numpy_rng(rng))
        if rate != RATE:
            audio = resample(torch.from_numpy(audio)[None], RATE, rate)[0].numpy()
        tracks, gains = levelled({"voice": audio[:samples]}, rate)
        return Dry(
            tracks,
            {
                "kind": "procedural",
                "group": voice.name,
                "syllables": [f"{n.onset}-{n.vowel}" for n in notes],
                "notes": [n.pitch for n in notes],
                "gain_db": gains["voice"],
            },
        )


def melody(rng: Random, voice: Voice, seconds: float) -> tuple[Note, ...]:
    """Return notes that fill a segment, which may start within one."""
    scale = SCALES[rng.choice(list(SCALES))]
    key = rng.randrange(12)
    ladder = [n for n in range(voice.low, voice.high + 1) if (n - key) % 12 in scale]
    step, beat = rng.randrange(len(ladder)), 60 / rng.uniform(60, 140)
    now, left = -rng.uniform(0, 0.3), rng.randint(3, 7)
    syllables, onsets = list(voice.vowels), list(ONSETS)
    notes: list[Note] = []
    while now < seconds:
        length = max(0.16, rng.choice(BEATS) * beat)
        rest = left == 1
        end = now + length * (0.8 if rest else 1.0)
        strength = rng.uniform(0.6, 1.0)
        onset = rng.choice(onsets)
        notes.append(Note(now, end, ladder[step], rng.choice(syllables), onset, strength))
        now += length + (rng.choice((0.5, 1.0)) * beat if rest else 0.0)
        left = rng.randint(3, 7) if rest else left - 1
        step = min(max(step + rng.choice((-3, -2, -1, -1, 0, 1, 1, 2, 4)), 0), len(ladder) - 1)
    return tuple(notes)


def sing(voice: Voice, notes: Sequence[Note], samples: int, noise: np.random.Generator) -> Mono:
    """Return (time,) at 44.1 kHz."""
    hertz, strength = _contours(voice, notes, samples, noise)
    phase = np.cumsum(hertz / RATE) % 1
    place = phase * TABLE
    index = place.astype(np.int64)
    thirds = np.ceil(3 * np.log2(hertz / LOWEST_HERTZ)).astype(np.int64)
    first = int(thirds.min())
    tables = np.stack(
        [
            glottis(voice.knobs["open"], voice.knobs["tilt_hz"], LOWEST_HERTZ * 2 ** (third / 3))
            for third in range(first, int(thirds.max()) + 1)
        ]
    )
    row = thirds - first
    here = tables[row, index]
    voiced = here + (place - index) * (tables[row, (index + 1) % TABLE] - here)
    gate = 0.4 + 0.6 * (phase < voice.knobs["open"])
    hiss = noise.standard_normal(samples) * gate * (3 * voice.knobs["breath"])
    moving = coefficients(_formants(voice, notes, hertz[::BLOCK]), voice.bandwidths, RATE)
    fixed = coefficients(*voice.higher, RATE)
    sung = cascade((voiced + hiss) * strength, moving, fixed, BLOCK)
    sung *= 0.1 / (np.sqrt(np.mean(sung**2)) + 1e-9)
    return np.asarray(sung + _consonants(notes, samples, noise), np.float32)


def _contours(
    voice: Voice, notes: Sequence[Note], samples: int, noise: np.random.Generator
) -> tuple[Wave, Wave]:
    """Return the fundamental in Hz and the strength of the voice, a value a sample."""
    pitch = np.full(samples, float(notes[0].pitch))
    strength, vibrato = np.zeros(samples), np.zeros(samples)
    for note in notes:
        start, end = max(0, round(note.start * RATE)), max(0, round(note.end * RATE))
        _, length, _, locus = ONSETS[note.onset]
        pitch[start:] = note.pitch
        strength[start:end] = note.strength
        closed = slice(start, max(0, round((note.start + length) * RATE)))
        strength[closed] *= VOICED if note.onset in ("m", "l") else 0.0 if locus else 1.0
        vibrato[max(0, round((note.start + LATE_SECONDS) * RATE)) : end] = 1
    glide = max(1, round(voice.knobs["glide_seconds"] * RATE))
    pitch = uniform_filter1d(uniform_filter1d(pitch, glide), glide)
    vibrato = uniform_filter1d(vibrato, round(0.2 * RATE))
    strength = uniform_filter1d(uniform_filter1d(strength, round(0.02 * RATE)), round(0.02 * RATE))
    times = np.arange(samples) / RATE
    sway = np.sin(2 * np.pi * (voice.knobs["vibrato_hz"] * times + noise.random()))
    cents = voice.knobs["vibrato_cents"] * vibrato * sway
    cents += voice.knobs["jitter_cents"] * _wander(samples, 0.03, noise)
    hertz = 440 * 2 ** ((pitch + cents / 100 - 69) / 12)
    shimmer = 1 + 0.06 * _wander(samples, 0.04, noise) + 0.08 * vibrato * sway
    return hertz, strength * shimmer


def _wander(samples: int, seconds: float, noise: np.random.Generator) -> Wave:
    """Return a slow random curve of unit variance that takes new values every ``seconds``."""
    count = 2 + int(samples / (seconds * RATE))
    knots = noise.standard_normal(count)
    curve: Wave = np.interp(np.arange(samples) / (seconds * RATE), np.arange(count), knots)
    return curve


def _formants(voice: Voice, notes: Sequence[Note], hertz: Wave) -> Wave:
    """Return three formants (block, 3) in Hz; the first is never below the fundamental."""
    blocks = len(hertz)
    times = (np.arange(blocks) + 0.5) * BLOCK / RATE
    steps = np.tile(voice.formants(notes[0].vowel), (blocks, 1))
    for note in notes:
        steps[times >= note.start] = voice.formants(note.vowel)
    formants: Wave = uniform_filter1d(steps, round(0.05 * RATE / BLOCK), axis=0)
    for note in notes:
        _, length, _, locus = ONSETS[note.onset]
        if locus:
            after = np.maximum(times - note.start - length, 0)
            near = np.where(times < note.start, 0.0, np.exp(-after / 0.025)) * (times < note.end)
            target = voice.scale * np.array(locus)
            formants[:, :2] += near[:, None] * (target - formants[:, :2])
    formants[:, 0] = np.maximum(formants[:, 0], 1.05 * hertz)
    formants[:, 1] = np.maximum(formants[:, 1], formants[:, 0] + 200)
    return formants


def _consonants(notes: Sequence[Note], samples: int, noise: np.random.Generator) -> Wave:
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
        sections = butter(2, band, "bandpass", fs=RATE, output="sos")
        burst = sosfilt(sections, noise.standard_normal(length)) * shape
        total[start : start + length] += burst * (0.1 * level * note.strength)
    return total
