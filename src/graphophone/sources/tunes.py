"""What is sung: notes in time, drawn from a key, a tempo, a shape of phrases and a delivery."""

import math
from collections.abc import Mapping
from random import Random
from typing import NamedTuple

SCALES: Mapping[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "harmonic_minor": (0, 2, 3, 5, 7, 8, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "pentatonic": (0, 2, 4, 7, 9),
    "minor_pentatonic": (0, 3, 5, 7, 10),
    "blues": (0, 3, 5, 6, 7, 10),
}
SHAPES = ("walk", "arch", "rising", "falling", "chant", "leaps", "riff")
DELIVERIES: Mapping[str, float] = {"song": 0.6, "ballad": 0.15, "rap": 0.12, "runs": 0.13}
BEATS: Mapping[str, tuple[float, ...]] = {
    "song": (0.5, 0.5, 0.75, 1.0, 1.0, 1.5, 2.0),
    "ballad": (1.0, 1.5, 2.0, 3.0),
    "rap": (0.25, 0.25, 0.25, 0.5, 0.5),
    "runs": (0.25, 0.25, 0.25, 0.5, 1.0, 2.0),
}
LEAPS = (-7, -5, -4, 3, 4, 5, 7)
SHORTEST_SECONDS = 0.13


class Tone(NamedTuple):
    """One note: times in seconds, pitch in MIDI, strength, and whether it begins a phrase."""

    start: float
    end: float
    pitch: float
    strength: float
    first: bool


class Tune(NamedTuple):
    """Notes that fill a segment, which may start within one, and in what manner."""

    tones: tuple[Tone, ...]
    scale: str
    shape: str
    delivery: str
    bpm: float


def draw_tune(rng: Random, low: float, high: float, seconds: float) -> Tune:
    """Draw a tune between two notes (MIDI), 55 to 150 beats a minute.

    Phrases have one of SHAPES over a scale, 2 to 9 notes, and a rest after them; every fifth
    tune repeats one rhythm. ``rap`` falls and wanders around one pitch off any scale, as
    speech does.
    """
    scale = rng.choice(list(SCALES))
    key, shape = rng.randrange(12), rng.choice(SHAPES)
    delivery = rng.choices(list(DELIVERIES), list(DELIVERIES.values()))[0]
    bpm = round(rng.uniform(55, 150), 1)
    beat = 60 / bpm
    ladder = [n for n in range(math.ceil(low), int(high) + 1) if (n - key) % 12 in SCALES[scale]]
    ladder = ladder or [round((low + high) / 2)]
    rhythm = [rng.choice(BEATS[delivery]) for _ in range(rng.randint(2, 6))]
    repeats = rng.random() < 0.2
    now = -rng.uniform(0, 0.3)
    tones: list[Tone] = []
    while now < seconds:
        count = rng.randint(2, 9)
        steps = _phrase(rng, shape, count, len(ladder))
        middle = rng.uniform(0.15, 0.6)
        louder = rng.uniform(-0.2, 0.2)
        for i in range(count):
            beats = rhythm[i % len(rhythm)] if repeats else rng.choice(BEATS[delivery])
            length = max(SHORTEST_SECONDS, beats * beat)
            pitch = float(ladder[steps[i]])
            if delivery == "rap":
                fall = 4 * (0.5 - i / count) + rng.gauss(0, 1.2)
                pitch = min(max(low + middle * (high - low) + fall, low), high)
            strength = min(1.0, max(0.35, 0.75 + louder * (i / count - 0.5) + rng.gauss(0, 0.1)))
            sung = length * (rng.uniform(0.6, 0.9) if i == count - 1 else 1.0)
            tones.append(Tone(now, now + sung, round(pitch, 2), strength, i == 0))
            now += length
        now += rng.choice((0.25, 0.5, 1.0, 1.5)) * beat
    kept = tuple(tone for tone in tones if tone.start < seconds)
    return Tune(kept, scale, shape, delivery, bpm)


def _phrase(rng: Random, shape: str, count: int, steps: int) -> list[int]:
    """Return ``count`` steps of a ladder of ``steps`` notes."""
    at, path = rng.randrange(steps), []
    top = steps - 1
    if shape == "riff":
        figure = [rng.randrange(steps) for _ in range(rng.randint(2, 4))]
        return [figure[i % len(figure)] for i in range(count)]
    for i in range(count):
        path.append(min(max(at, 0), top))
        if shape == "arch":
            at += rng.choice((0, 1, 1, 2)) if i < count / 2 else rng.choice((0, -1, -1, -2))
        elif shape in ("rising", "falling"):
            at += rng.choice((0, 1, 1, 2, -1)) * (1 if shape == "rising" else -1)
        elif shape == "chant":
            at += rng.choice((0, 0, 0, 0, 1, -1))
        elif shape == "leaps":
            at += rng.choice(LEAPS)
        else:
            at += rng.choice((-3, -2, -1, -1, 0, 1, 1, 2, 4))
        at = min(max(at, 0), top)
    return path
