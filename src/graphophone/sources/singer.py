"""A procedural singer: melodies on vowels, with consonants, vibrato and breath.

A quarter of what is sung walks at random in a key, in a plain voice; the rest are tunes
(:mod:`.tunes`) in any manner of voice (:data:`.voicebox.MANNERS`). Each note is a syllable. Pitch
glides from note to note, vibrato sets in late, and pitch and strength waver. The larynx is read
from a wave table that holds no harmonic above 20 kHz, noise is mixed in while the glottis is open,
and both pass moving resonators (Klatt 1980, see :mod:`graphophone.dsp.resonators`).
"""

import math
from collections.abc import Sequence
from random import Random

import numpy as np
import torch
from scipy.ndimage import uniform_filter1d

from graphophone.audio.features import RATE
from graphophone.audio.files import resample
from graphophone.dsp.larynx import read
from graphophone.dsp.resonators import cascade, coefficients
from graphophone.sources.consonants import FEW, ONSETS, VOICED, Note, bursts
from graphophone.sources.dry import Dry, Mono, levelled, numpy_rng
from graphophone.sources.tunes import draw_tune
from graphophone.sources.voicebox import Voice, Wave, draw_singer, draw_voice, glottis

BLOCK = 64
SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "pentatonic": (0, 2, 4, 7, 9),
}
BEATS = (0.5, 0.5, 0.75, 1.0, 1.0, 1.5, 2.0)

HUMMED = ("none", "none", "m", "n")
LATE_SECONDS = 0.2
FRY_SECONDS = 0.25
PLAIN_SHARE = 0.25  # of draws are plain voices on a plain walk
SAME_CHANCE = 0.12
SLUR_CHANCE = 0.2
DIPHTHONG_CHANCE = 0.2
LOWEST_HERTZ = 40.0


class Singer:
    """Draws one track, ``voice``; ``unseen`` has singers and vowels that ``train`` lacks."""

    def __init__(self, split: str = "train") -> None:
        self.split = split

    def draw(self, rng: Random, samples: int, rate: int) -> Dry:
        """Draw a singer and what is sung; the same from one generator at any rate."""
        length = -(-samples * RATE // rate)
        if rng.random() < PLAIN_SHARE:
            voice = draw_voice(rng, self.split)
            notes = melody(rng, voice, samples / rate)
            audio = sing(voice, notes, length, numpy_rng(rng))
        else:
            voice = draw_singer(rng, self.split)
            notes = song(rng, voice, samples / rate)
            audio = evened(sing(voice, notes, length, numpy_rng(rng)))
        if rate != RATE:
            audio = resample(torch.from_numpy(audio)[None], RATE, rate)[0].numpy()
        tracks, gains = levelled({"voice": audio[:samples]}, rate)
        return Dry(
            tracks,
            {
                "kind": "procedural",
                "group": voice.name,
                "manner": voice.manner,
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
    syllables = list(voice.vowels)
    notes: list[Note] = []
    while now < seconds:
        length = max(0.16, rng.choice(BEATS) * beat)
        rest = left == 1
        end = now + length * (0.8 if rest else 1.0)
        strength = rng.uniform(0.6, 1.0)
        onset = rng.choice(FEW)
        notes.append(Note(now, end, ladder[step], rng.choice(syllables), onset, strength))
        now += length + (rng.choice((0.5, 1.0)) * beat if rest else 0.0)
        left = rng.randint(3, 7) if rest else left - 1
        step = min(max(step + rng.choice((-3, -2, -1, -1, 0, 1, 1, 2, 4)), 0), len(ladder) - 1)
    return tuple(notes)


def song(rng: Random, voice: Voice, seconds: float) -> tuple[Note, ...]:
    """Return a tune (:mod:`.tunes`) on all consonants and, now and then, diphthongs."""
    tune = draw_tune(rng, voice.low, voice.high, seconds)
    vowels = list(voice.vowels)
    onsets = HUMMED if voice.manner == "humming" else tuple(ONSETS)
    held = rng.random() < SAME_CHANCE  # one syllable all along, as in exercises and backing lines
    syllable = (rng.choice(vowels), rng.choice(onsets))
    notes = []
    for i, tone in enumerate(tune.tones):
        vowel, onset = syllable if held else (rng.choice(vowels), rng.choice(onsets))
        if not tone.first and rng.random() < SLUR_CHANCE:
            onset = "none"
        second = rng.choice(vowels) if rng.random() < DIPHTHONG_CHANCE else ""
        last = i + 1 == len(tune.tones) or tune.tones[i + 1].first
        notes.append(
            Note(tone.start, tone.end, tone.pitch, vowel, onset, tone.strength, second, last)
        )
    return tuple(notes)


def sing(voice: Voice, notes: Sequence[Note], samples: int, noise: np.random.Generator) -> Mono:
    """Return (time,) at 44.1 kHz."""
    hertz, strength = _contours(voice, notes, samples, noise)
    lowest, highest = (_third(float(end)) for end in (hertz.min(), hertz.max()))
    ends = LOWEST_HERTZ * 2 ** (np.arange(lowest, highest + 1) / 3)
    tables = np.stack([glottis(voice.knobs["open"], voice.knobs["tilt_hz"], end) for end in ends])
    voiced = np.empty(samples)
    turns = read(hertz, RATE, tables, ends, voiced)
    rough = voice.knobs.get("rough", 0.0)
    if rough:  # every other period is weaker: the folds double their period
        voiced *= 1 - rough * (turns % 2 >= 1)
    gate = 0.4 + 0.6 * (turns - np.floor(turns) < voice.knobs["open"])
    hiss = noise.standard_normal(samples) * gate * (3 * voice.knobs["breath"])
    moving = coefficients(_formants(voice, notes, hertz[::BLOCK]), voice.bandwidths, RATE)
    fixed = coefficients(*voice.higher, RATE)
    sung = cascade((voiced + hiss) * strength, moving, fixed, BLOCK)
    sung *= 0.1 / (np.sqrt(np.mean(sung**2)) + 1e-9)
    return np.asarray(sung + bursts(notes, samples, noise), np.float32)


def _third(hertz: float) -> int:
    """Return the number of the third of an octave above LOWEST_HERTZ that a pitch lies in."""
    return math.ceil(3 * math.log2(hertz / LOWEST_HERTZ))


def evened(audio: Mono) -> Mono:
    """Return (time,) samples whose loudest stretches of 60 ms stand out by a third in dB.

    Where a harmonic meets a narrow formant, notes of one strength differ by 20 dB, which singers
    make up for.
    """
    power = uniform_filter1d(np.square(audio, dtype=np.float64), round(0.06 * RATE))
    above = np.maximum(np.sqrt(np.maximum(power, 0) / (power.mean() + 1e-12)), 1)
    return np.asarray(audio / above ** (2 / 3), np.float32)


def _contours(
    voice: Voice, notes: Sequence[Note], samples: int, noise: np.random.Generator
) -> tuple[Wave, Wave]:
    """Return the fundamental in Hz and the strength of the voice, a value a sample."""
    pitch = np.full(samples, float(notes[0].pitch))
    strength, vibrato = np.zeros(samples), np.zeros(samples)
    fry = voice.knobs.get("fry", 0.0)
    for note in notes:
        start, end = max(0, round(note.start * RATE)), max(0, round(note.end * RATE))
        length = ONSETS[note.onset][1]
        pitch[start:] = note.pitch
        strength[start:end] = note.strength
        closed = slice(start, max(0, round((note.start + length) * RATE)))
        strength[closed] *= VOICED.get(note.onset, 0.0)
        vibrato[max(0, round((note.start + LATE_SECONDS) * RATE)) : end] = 1
        if note.last and fry:
            pitch[max(start, end - round(FRY_SECONDS * RATE)) : end] = note.pitch - 12 * fry
    glide = max(1, round(voice.knobs["glide_seconds"] * RATE))
    pitch = uniform_filter1d(uniform_filter1d(pitch, glide), glide)
    vibrato = uniform_filter1d(vibrato, round(0.2 * RATE))
    strength = uniform_filter1d(uniform_filter1d(strength, round(0.02 * RATE)), round(0.02 * RATE))
    times = np.arange(samples) / RATE
    sway = np.sin(2 * np.pi * (voice.knobs["vibrato_hz"] * times + noise.random()))
    cents = voice.knobs["vibrato_cents"] * vibrato * sway
    cents += voice.knobs["jitter_cents"] * _wander(samples, 0.03, noise)
    hertz = 440 * np.exp2((pitch + cents / 100 - 69) / 12)
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
        if note.second:
            steps[times >= 0.45 * note.start + 0.55 * note.end] = voice.formants(note.second)
    formants: Wave = uniform_filter1d(steps, round(0.05 * RATE / BLOCK), axis=0)
    for note in notes:
        _, length, _, locus = ONSETS[note.onset]
        if locus:
            after = np.maximum(times - note.start - length, 0)
            near = np.where(times < note.start, 0.0, np.exp(-after / 0.025)) * (times < note.end)
            target = voice.scale * np.array(locus)
            formants[:, :2] += near[:, None] * (target - formants[:, :2])
    formants[:, 0] = np.maximum(formants[:, 0], voice.knobs.get("lift", 1.05) * hertz)
    formants[:, 1] = np.maximum(formants[:, 1], formants[:, 0] + 200)
    return formants
