"""Does a processor sound the same at every sample rate?

Each processor is run at 22.05, 48, 96 and 192 kHz and held against itself at 44.1 kHz. The bounds:

* below 0.15 of the lower rate of the two, the magnitude is the same within 0.5 dB;
* times (echoes, early reflections, moving delays) are the same within one sample of the lower
  rate, as sound below 0.15 of it can tell;
* gains of dynamics are the same within 0.2 dB, of steady tones and 50 ms after a step.

What has no bound is only documented: magnitudes between 0.15 and 0.40 of the lower rate; decay
times, in per cent, as no ear and no fit can place the end of a tail within a sample; and what
distortion and word lengths add, which folds back at half the rate and so depends on it.

    python benchmarks/sample_rates.py [--json FILE] [processor ...]

Prints Markdown. Everything is computed in double precision, so figures repeat anywhere.
"""

import argparse
import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import soxr
import torch
from torch import Tensor

from graphophone.processors import CATALOGUE
from graphophone.processors.control.mono_lfo import mono_lfo
from graphophone.spec import AnyProcessor

REFERENCE = 44_100
"""Samples per second that all other rates are held against."""
RATES = (22_050, 48_000, 96_000, 192_000)
GRID = 150
"""Instants a second at which every one of these rates has a sample."""

LOW, CONTRACT, DOCUMENTED = 20.0, 0.15, 0.40
"""Lowest frequency in Hz; ends of both ranges as shares of the lower rate."""
MAGNITUDE_DB, TIME_SAMPLES, GAIN_DB = 0.5, 1.0, 0.2
ROUNDING = 1e-6
"""What a bound may be passed by: the last bits of a time."""
LEAST_REACH = 0.02
"""A bound that is kept below this share of the rate alone is kept nowhere."""
FLOOR_DB = 40.0
"""What lies this far below the loudest counts as that: the bottom of a notch has no level."""

SECONDS = 2
SETTLED = 0.2
"""Seconds that are left out at the start of a tone."""
WINDOW = 6
"""Steps of the grid, 40 ms, in which the level of a tone through a moving processor is taken."""
ARRIVALS = 8
"""Reflections of a reverb that count as early ones: as many as it has combs."""
EARLY, LOUD, FINE = 0.3, 0.25, 16
"""Seconds that hold them, their least height as a share of the largest, and samples a half wave."""

Array: TypeAlias = npt.NDArray[np.float64]
Spectra: TypeAlias = npt.NDArray[np.complex128]
Setting: TypeAlias = Mapping[str, float]


class Found(NamedTuple):
    """How far a processor at two rates is apart.

    Attributes:
        difference: In the figure's unit; minus infinity where there was nothing to compare.
        reach: Share of the lower rate below which magnitudes keep their bound, where known.
    """

    difference: float
    reach: float | None = None


@dataclass(frozen=True)
class Figure:
    """A kind of difference; one without a bound is only documented."""

    name: str
    unit: str
    bound: float | None = None


@dataclass(frozen=True)
class Probe:
    """A way to measure a processor.

    Attributes:
        figures: What it finds.
        take: Measures a processor with a setting at a rate.
        compare: Holds two such measurements, the reference first, against each other at the lower
            rate of the two and returns what was found, in the order of ``figures``.
    """

    figures: tuple[Figure, ...]
    take: Callable[[AnyProcessor, Setting, int], Any]
    compare: Callable[[Any, Any, int], tuple[Found, ...]]


@dataclass(frozen=True)
class Row:
    """The differences of a processor at each rate.

    Attributes:
        processor: Its name.
        figure: What differs.
        default: By rate, with knobs at their defaults, if that was tried.
        worst: By rate, the largest of all settings that were tried.
        knobs: The setting of the largest difference of all; other knobs stand at their defaults.
        reach: Smallest share of the lower rate below which magnitudes keep the bound.
    """

    processor: str
    figure: Figure
    default: Mapping[int, float] | None
    worst: Mapping[int, float]
    knobs: Setting
    reach: float | None

    @property
    def over(self) -> float | None:
        """How far the bound is passed at most; at most 0 if it is held, nothing without one."""
        bound = self.figure.bound
        return None if bound is None else max(self.worst.values()) - bound

    @property
    def held(self) -> bool | None:
        """Whether the bound is kept with every setting; nothing where there is none."""
        return None if self.over is None else self.over <= ROUNDING


def measure(processor: AnyProcessor, case: "Case", rates: Sequence[int] = RATES) -> list[Row]:
    """Measure a processor with each setting of a case at each rate.

    Args:
        processor: What to measure.
        case: How to measure it.
        rates: Samples per second, each to be held against the reference.

    Returns:
        A row for each figure of the probe that had something to compare.
    """
    found: list[dict[int, tuple[Found, ...]]] = []
    for setting in case.settings:
        reference = case.probe.take(processor, setting, REFERENCE)
        found.append({})
        for rate in rates:
            other = case.probe.take(processor, setting, rate)
            found[-1][rate] = case.probe.compare(reference, other, min(rate, REFERENCE))
    rows = []
    for place, figure in enumerate(case.probe.figures):
        each = [{r: f[place].difference for r, f in by_rate.items()} for by_rate in found]
        worst = {r: max(differences[r] for differences in each) for r in rates}
        where = max(range(len(each)), key=lambda n: max(each[n].values()))
        reaches = [f[place].reach for by_rate in found for f in by_rate.values()]
        if max(worst.values()) > -math.inf:
            rows.append(
                Row(
                    processor.spec.name,
                    replace(figure, name=figure.name + case.note),
                    each[0] if case.usual else None,
                    worst,
                    case.settings[where],
                    min((r for r in reaches if r is not None), default=None),
                )
            )
    return rows


def knobs(processor: AnyProcessor, setting: Setting) -> dict[str, Tensor]:
    """Return all knobs as static controls, (1, 1, 1)."""
    values = {**processor.spec.defaults(), **setting}
    return {n: torch.full((1, 1, 1), v, dtype=torch.float64) for n, v in values.items()}


def run(
    processor: AnyProcessor, audio: Mapping[str, Tensor], controls: Mapping[str, Tensor], rate: int
) -> dict[str, Array]:
    """Run a processor on clips, (batch, 2, time), and return its outlets as arrays."""
    clips = max((len(signal) for signal in audio.values()), default=1)
    samples = max((signal.shape[-1] for signal in audio.values()), default=SECONDS * rate)
    spread = {n: c.expand(clips, -1, -1) for n, c in controls.items()}
    outputs = processor.outputs(audio, spread, sample_rate=rate, samples=samples)
    return {name: np.asarray(out) for name, out in outputs.items()}


def impulse(seconds: float, rate: int, *, right: float = 1.0) -> Tensor:
    """Return a click of one sample, (1, 2, time)."""
    audio = torch.zeros(1, 2, round(seconds * rate), dtype=torch.float64)
    audio[0, :, 0] = torch.tensor([1.0, right])
    return audio


def seconds_at(rate: int, seconds: float = SECONDS) -> Tensor:
    """Return the time of each sample in seconds."""
    return torch.arange(round(seconds * rate), dtype=torch.float64) / rate


def swing(processor: AnyProcessor, knob: str, rate: int) -> Tensor:
    """Return a knob that an oscillator moves once up and down, (1, 1, time)."""
    controls = knobs(mono_lfo, {"frequency": 1 / SECONDS})
    lfo = torch.from_numpy(run(mono_lfo, {}, controls, rate)["lfo"])
    return processor.spec.params[knob].from_travel(0.5 + 0.2 * lfo)


def moved(processor: AnyProcessor) -> str:
    """Name the knob that an oscillator would move."""
    return next(i.knob for i in processor.spec.inlets if i.knob in ("frequency", "delay"))


def decibels(magnitude: Array, loudest: Array | float) -> Array:
    """Convert magnitudes to dB, with a floor below the loudest one."""
    floor = np.asarray(loudest) * 10 ** (-FLOOR_DB / 20)
    return 20 * np.log10(np.maximum(magnitude, np.maximum(floor, 1e-12)))


def largest(values: Array) -> float:
    """Return the largest value, or minus infinity where there is none."""
    return float(values.max()) if values.size else -math.inf


# The magnitude of what is linear and stands still, from its impulse response.


def response(processor: AnyProcessor, setting: Setting, rate: int) -> Array:
    """Return the magnitude of each outlet on a grid of 1 / SECONDS Hz, left channel."""
    outlets = run(processor, {"in": impulse(SECONDS, rate)}, knobs(processor, setting), rate)
    return np.stack([np.abs(np.fft.rfft(out[0, 0])) for out in outlets.values()])


def compare_responses(reference: Array, other: Array, lower: int) -> tuple[Found, ...]:
    """Find the largest difference in dB in both ranges of frequency."""
    loudest = np.maximum(reference.max(-1), other.max(-1))[:, None]
    first, middle, last = (
        math.ceil(f * SECONDS) for f in (LOW, CONTRACT * lower, DOCUMENTED * lower)
    )
    gap = np.abs(decibels(reference[:, :last], loudest) - decibels(other[:, :last], loudest))
    gap = gap.max(0)
    gap[:first] = 0.0
    off = np.flatnonzero(gap > MAGNITUDE_DB)
    reach = min(off[0] / SECONDS / lower, CONTRACT) if off.size else CONTRACT
    return Found(largest(gap[:middle]), float(reach)), Found(largest(gap[middle:]))


MAGNITUDE = Figure("magnitude below 0.15", "dB", MAGNITUDE_DB)
MAGNITUDE_ABOVE = Figure("magnitude from 0.15 to 0.40", "dB")
RESPONSE = Probe((MAGNITUDE, MAGNITUDE_ABOVE), response, compare_responses)


# The level of tones through what moves.

TONES = (100.0, 300.0, 1_000.0, 1_600.0, 3_000.0, 4_000.0, 6_000.0, 8_000.0)


class Levels(NamedTuple):
    """Root mean squares of tones.

    Attributes:
        tops: The highest frequency in Hz that each tone has, before or after.
        levels: (tones, windows).
    """

    tops: Array
    levels: Array


def tone_levels(audio: Mapping[str, Array], rate: int) -> Array:
    """Return the level of each clip's left channel in windows of 40 ms."""
    (out,) = audio.values()
    size = WINDOW * rate // GRID
    settled = out[:, 0, round(SETTLED * rate) :]
    count = settled.shape[-1] // size
    power = np.square(settled[:, : count * size]).reshape(len(out), count, size).mean(-1)
    return np.asarray(np.sqrt(power))


def tones(rate: int) -> Tensor:
    """Return a clip for each tone, (tones, 2, time)."""
    waves = torch.sin(2 * math.pi * torch.tensor(TONES).double()[:, None] * seconds_at(rate))
    return waves[:, None].expand(-1, 2, -1).contiguous()


def swung(processor: AnyProcessor, setting: Setting, rate: int) -> Levels:
    """Measure tones while an oscillator moves a knob."""
    knob = moved(processor)
    controls = knobs(processor, setting) | {knob: swing(processor, knob, rate)}
    return Levels(
        np.array(TONES), tone_levels(run(processor, {"in": tones(rate)}, controls, rate), rate)
    )


def shifted(processor: AnyProcessor, setting: Setting, rate: int) -> Levels:
    """Measure tones whose pitch is shifted."""
    ratio = 2 ** (setting.get("semitone", processor.spec.params["semitone"].default) / 12)
    outlets = run(processor, {"in": tones(rate)}, knobs(processor, setting), rate)
    return Levels(max(1.0, ratio) * np.array(TONES), tone_levels(outlets, rate))


def compare_levels(reference: Levels, other: Levels, lower: int) -> tuple[Found, ...]:
    """Find the largest difference in dB in both ranges of frequency."""
    loudest = max(reference.levels.max(), other.levels.max())
    gap = np.abs(decibels(reference.levels, loudest) - decibels(other.levels, loudest)).max(-1)
    share = reference.tops / lower
    return (
        Found(largest(gap[share < CONTRACT])),
        Found(largest(gap[(share >= CONTRACT) & (share < DOCUMENTED)])),
    )


MOVING = Figure("level of tones below 0.15", "dB", MAGNITUDE_DB)
MOVING_ABOVE = Figure("level of tones from 0.15 to 0.40", "dB")
SWUNG = Probe((MOVING, MOVING_ABOVE), swung, compare_levels)
SHIFTED = Probe((MOVING, MOVING_ABOVE), shifted, compare_levels)


# Times.


def line(processor: AnyProcessor, setting: Setting, rate: int) -> Array:
    """Return the delay in seconds along the clip: a ramp comes out lower by how late it is."""
    controls = knobs(processor, setting)
    if processor.spec.inlet("mod") is not None:
        knob = moved(processor)
        controls |= {knob: swing(processor, knob, rate)}
    time = seconds_at(rate)
    (out,) = run(processor, {"in": time.expand(1, 2, -1).contiguous()}, controls, rate).values()
    late: Array = time.numpy() - out[0, 0]
    return late[round(SETTLED * rate) :: rate // GRID]


def compare_times(reference: Array, other: Array, lower: int) -> tuple[Found, ...]:
    """Find the largest difference of times in samples of the lower rate."""
    return (Found(float(np.abs(reference - other).max()) * lower),)


LINE = Probe((Figure("moving delay", "samples", TIME_SAMPLES),), line, compare_times)


class Echoes(NamedTuple):
    """When echoes come, in seconds: the first one on each side, and the tenth."""

    first: Array
    tenth: float


def echoes(processor: AnyProcessor, setting: Setting, rate: int) -> Echoes:
    """Return when echoes come: their group delay at 1 kHz.

    Few fall on a sample, so none has a first sample that would say when it comes.
    """
    heard = {"mix": 1.0, "feedback": 0.9}
    longest = setting.get("delay", processor.spec.params["delay"].default)
    audio = {"in": impulse(12 * longest + 0.5, rate)}
    (out,) = run(processor, audio, knobs(processor, {**setting, **heard}), rate).values()
    # ten passes of one line, or five of each of two lines that feed each other, ending right
    other = longest * (1 + setting.get("stereo_offset", 0.0))
    crossing = processor.spec.name == "pingpong_delay"
    right, tenth = (longest + other, 5 * (longest + other)) if crossing else (longest, 10 * longest)
    half = 0.4 * min(longest, other)
    sides = zip(out[0], (longest, right), strict=True)
    first = np.array([group_delay(side, due, half, rate) for side, due in sides])
    return Echoes(first, group_delay(out[0, 1], tenth, half, rate))


def group_delay(side: Array, due: float, half: float, rate: int) -> float:
    """Return the group delay in seconds, at 1 kHz, of what comes around a time, if anything."""
    start, end = round((due - half) * rate), round((due + half) * rate)
    time = np.arange(start, end) / rate
    echo = side[start:end] * np.exp(-2j * math.pi * 1_000 * time)
    return float(((time * echo).sum() / echo.sum()).real) if echo.any() else math.inf


def compare_echoes(reference: Echoes, other: Echoes, lower: int) -> tuple[Found, ...]:
    """Find the differences of both times in samples of the lower rate."""
    return (
        Found(float(np.abs(reference.first - other.first).max()) * lower),
        Found(abs(reference.tenth - other.tenth) * lower),
    )


FIRST_ECHO = Figure("first echo", "samples", TIME_SAMPLES)
TENTH_ECHO = Figure("tenth echo", "samples", TIME_SAMPLES)
ECHO = Probe((FIRST_ECHO, TENTH_ECHO), echoes, compare_echoes)


# Energies of what has too many echoes to be told apart.


def edges() -> Array:
    """Return the edges in Hz of third-octave bands, the lowest around 100 Hz."""
    return np.asarray(1_000 * 2 ** ((np.arange(-10, 14) - 0.5) / 3))


class Room(NamedTuple):
    """What a reverb or a delay does with a click on the left.

    Attributes:
        bands: Energy in each third octave, both sides together.
        spectrum: Of the impulse response, (2, bins).
        seconds: Its length.
        early: Of the start of an undamped room, both sides.
    """

    bands: Array
    spectrum: Spectra
    seconds: float
    early: Spectra | None


def room(processor: AnyProcessor, setting: Setting, rate: int) -> Room:
    """Measure the impulse response of the effect alone."""
    length = 9.0 if setting.get("size", 0) == 1 else 4.0
    wet = {**setting, "mix": 1.0}
    audio = {"in": impulse(length, rate, right=0.0)}
    (out,) = run(processor, audio, knobs(processor, wet), rate).values()
    spectrum = np.fft.rfft(out[0])
    power = np.concatenate(([0.0], np.square(np.abs(spectrum)).sum(0).cumsum()))
    places = np.searchsorted(np.arange(spectrum.shape[-1]) / length, edges())
    return Room(np.diff(power[places]), spectrum, length, reflections(processor, wet, rate))


def reflections(processor: AnyProcessor, setting: Setting, rate: int) -> Spectra | None:
    """Return the start of an undamped room, if this is one, as spectra of both sides."""
    if "damping" not in processor.spec.params:
        return None
    audio = {"in": impulse(EARLY, rate, right=0.0)}
    still = knobs(processor, {**setting, "damping": 0.0})
    (out,) = run(processor, audio, still, rate).values()
    return np.fft.rfft(out[0] * rate)


def peaks(spectra: Spectra, highest: float) -> tuple[Array, Array]:
    """Return the times in seconds and the heights of all peaks of what lies below a frequency.

    Most reflections fall between samples, and have no first sample that would say when they come;
    those that come closer together than the band can tell are one peak.
    """
    size = math.ceil(highest * EARLY)
    fade = np.cos(0.5 * math.pi * np.arange(size) / size) ** 2
    fine = np.fft.irfft(spectra[:size] * fade, n=FINE * size)
    inner = np.abs(fine[1:-1])
    top = np.flatnonzero((inner > np.abs(fine[:-2])) & (inner >= np.abs(fine[2:]))) + 1
    left, here, right = (np.abs(fine[top + n]) for n in (-1, 0, 1))
    vertex = 0.5 * (left - right) / (left - 2 * here + right)
    return (top + vertex) * EARLY / fine.size, here


def shift(reference: Spectra, other: Spectra, highest: float) -> tuple[float, float]:
    """Return how far apart two rooms' first reflections are, and their first eight, in seconds."""
    gaps = []
    for here, there in zip(reference, other, strict=True):
        (time, height), (others, heights) = peaks(here, highest), peaks(there, highest)
        loud = time[height > LOUD * height.max()][:ARRIVALS]
        likely = others[heights > 0.5 * LOUD * heights.max()]
        gaps.append(np.abs(loud[:, None] - likely).min(-1))
    return max(float(gap[0]) for gap in gaps), max(float(gap.max()) for gap in gaps)


def compare_rooms(reference: Room, other: Room, lower: int) -> tuple[Found, ...]:
    """Find the differences of band energies, early reflections and decay."""
    kept = edges()[1:] <= DOCUMENTED * lower
    gap = np.abs(10 * np.log10(reference.bands[kept] / other.bands[kept]))
    below = edges()[1:][kept] <= CONTRACT * lower
    off = np.flatnonzero(below & (gap > MAGNITUDE_DB))
    reach = float(edges()[off[0]] / lower) if off.size else CONTRACT
    bands = Found(largest(gap[below]), reach), Found(largest(gap[~below]))
    if reference.early is None or other.early is None:
        return bands
    first, early = shift(reference.early, other.early, CONTRACT * lower)
    decays = [decay_time(r, CONTRACT * lower) for r in (reference, other)]
    change = abs(decays[1] - decays[0])
    return (
        *bands,
        Found(first * lower),
        Found(early * lower),
        Found(100 * change / decays[0]),
    )


def decay_time(of: Room, highest: float) -> float:
    """Return the time in seconds in which what lies below a frequency in Hz falls by 60 dB.

    It is the slope of Schroeder's backward integral between -5 and -35 dB. The octave below the
    frequency is faded out, as a steep filter would ring for longer than a small room.
    """
    frequency = np.arange(math.ceil(highest * of.seconds)) / of.seconds
    fade = np.cos(0.5 * math.pi * np.clip(2 * frequency / highest - 1, 0, 1)) ** 2
    tail = np.fft.irfft(of.spectrum[:, : fade.size] * fade, n=8 * fade.size)
    energy = np.square(tail).sum(0)[::-1].cumsum()[::-1]
    level = 10 * np.log10(energy / energy[0])
    time = np.arange(level.size) * of.seconds / level.size
    begin, end = (int(np.argmax(level < db)) for db in (-5, -35))
    return float(-60 / np.polyfit(time[begin:end], level[begin:end], 1)[0])


BANDS = Figure("third octaves below 0.15", "dB", MAGNITUDE_DB)
BANDS_ABOVE = Figure("third octaves from 0.15 to 0.40", "dB")
BANDS_OF_ECHOES = Probe((BANDS, BANDS_ABOVE), room, compare_rooms)
ROOM = Probe(
    (
        BANDS,
        BANDS_ABOVE,
        FIRST_ECHO,
        Figure("first eight reflections", "samples", TIME_SAMPLES),
        Figure("decay time", "%"),
    ),
    room,
    compare_rooms,
)


# Dynamics: the key is a tone, and what it steers is a constant, so the result is the gain.

KEYS = (97.0, 997.0, 3_100.0)
"""Hz; no rate is a multiple of them, so their peaks fall on samples sooner or later."""
LEVELS_DB = (-50.0, -40.0, -30.0, -20.0, -10.0, 0.0)
STEPS_DB = ((-50.0, -10.0), (-30.0, -20.0), (-10.0, -50.0), (-20.0, -30.0))
STEP_S, AFTER_S, PLAYED_S = 0.6, 0.05, 0.9


class Gains(NamedTuple):
    """Gains in dB, an array each: of steady tones, and a while after steps."""

    steady: Array
    stepped: Array


def gains(processor: AnyProcessor, setting: Setting, rate: int) -> Gains:
    """Measure what tones do to the gain, or to the envelope where there is no gain."""
    time = seconds_at(rate, PLAYED_S)
    plays = torch.tensor([*((level, level) for level in LEVELS_DB), *STEPS_DB]).double()
    before, after = (10 ** (plays / 20)).T[..., None, None]
    steady, stepped = [], []
    for key in KEYS:
        wave = torch.where(time < STEP_S, before, after) * torch.sin(2 * math.pi * key * time)
        wave = wave.expand(-1, 2, -1).contiguous()
        audio = {"in": wave}
        if processor.spec.inlet("sidechain") is not None:
            audio = {"in": torch.ones_like(wave), "sidechain": wave}
        (out,) = run(processor, audio, knobs(processor, setting), rate).values()
        gain = 20 * np.log10(np.maximum(out[:, 0], 1e-12))
        steady.append(gain[: len(LEVELS_DB), -round(0.1 * rate) :].mean(-1))
        clips, at = gain[len(LEVELS_DB) :], STEP_S + AFTER_S
        stepped.append(np.array([np.interp(at, time.numpy(), clip) for clip in clips]))
    return Gains(np.stack(steady), np.stack(stepped))


def compare_gains(reference: Gains, other: Gains, lower: int) -> tuple[Found, ...]:
    """Find the largest difference in dB of steady tones and of steps."""
    return tuple(Found(largest(np.abs(a - b))) for a, b in zip(reference, other, strict=True))


DYNAMICS = Probe(
    (Figure("gain, steady tones", "dB", GAIN_DB), Figure("gain 50 ms after a step", "dB", GAIN_DB)),
    gains,
    compare_gains,
)


# Curves and word lengths: what they add folds back at half the rate.

MATERIAL = {
    "1 kHz tone": (1_000.0,),
    "chord": (440.0, 554.37, 659.26, 880.0),
}
"""Hz, at a peak of 0.3 in all."""
CUT = 0.45
"""Share of the lower rate below which the resampler passes everything."""


class Sounds(NamedTuple):
    """What comes out, a row for each material, and its rate."""

    out: Array
    rate: int


def coloured(processor: AnyProcessor, setting: Setting, rate: int) -> Sounds:
    """Return what a processor makes of a tone and of a chord."""
    time = seconds_at(rate)
    waves = [
        sum((torch.sin(2 * math.pi * f * time) for f in notes), torch.zeros_like(time))
        * (0.3 / len(notes))
        for notes in MATERIAL.values()
    ]
    audio = torch.stack(waves)[:, None].expand(-1, 2, -1).contiguous()
    (out,) = run(processor, {"in": audio}, knobs(processor, setting), rate).values()
    return Sounds(out[:, 0], rate)


def compare_sounds(reference: Sounds, other: Sounds, lower: int) -> tuple[Found, ...]:
    """Find the level in dB of what differs, relative to the result at the lower rate."""
    low, high = sorted((reference, other), key=lambda sounds: sounds.rate)
    edge = round(SETTLED * lower)
    found = []
    for here, there in zip(low.out, high.out, strict=True):
        down = soxr.resample(there, high.rate, lower, quality="VHQ")[edge : here.size - edge]
        pair = np.stack((here[edge:-edge] - down, here[edge:-edge])) * np.hanning(down.size)
        power = np.square(np.abs(np.fft.rfft(pair)))[:, : int(CUT * down.size)].sum(-1)
        found.append(Found(float(10 * np.log10(power[0] / power[1]))))
    return tuple(found)


FOLDED = Probe(
    tuple(Figure(f"what differs of a {name}", "dB of the output") for name in MATERIAL),
    coloured,
    compare_sounds,
)


# What is measured, and with which knobs.

RATELESS = ("mix", "panning", "imager", "midside_split", "midside_merge", "mono_lfo", "stereo_lfo")
"""Gains, sums and sines of time: nothing depends on the rate, as :func:`apart` checks."""


class Case(NamedTuple):
    """How to measure a processor.

    Attributes:
        probe: What is measured.
        settings: With which knobs.
        note: What to add to the names of the figures.
        usual: Whether the first setting is that of the defaults.
    """

    probe: Probe
    settings: Sequence[Setting]
    note: str = ""
    usual: bool = True


DEFAULT: tuple[Setting, ...] = ({},)
STILL: Setting = {"feedback": 0.0, "mix": 1.0}
"""A line that is heard alone and once."""


def variants(processor: AnyProcessor, **values: Sequence[float]) -> tuple[Setting, ...]:
    """Return all combinations of values of those knobs that a processor has."""
    own = {name: v for name, v in values.items() if name in processor.spec.params}
    return tuple(dict(zip(own, chosen, strict=True)) for chosen in product(*own.values()))


def of_filter(processor: AnyProcessor) -> Iterator[Case]:
    """Yield the cases of a filter: corners and centres where voices are, and far up."""
    ends = {"q": (0.707, 10.0), "gain": (-18.0, 18.0), "feedback": (0.0, 0.9)}
    usual = variants(processor, frequency=(100.0, 1_000.0, 3_000.0), **ends)
    yield Case(RESPONSE, DEFAULT + usual)
    highest = min(18_000.0, processor.spec.params["frequency"].high)
    high = variants(processor, frequency=sorted({8_000.0, highest}), **ends)
    yield Case(RESPONSE, high, ", set to 8 kHz or more", usual=False)


def of_line(processor: AnyProcessor) -> Iterator[Case]:
    """Yield the cases of a short line; 0.37 of its travel is no whole number of samples."""
    delays = tuple(processor.spec.params["delay"].from_travel(t) for t in (0.0, 0.37, 1.0))
    many = variants(processor, delay=delays, feedback=(0.0, 0.9), mix=(0.5, 1.0))
    yield Case(RESPONSE, DEFAULT + many)
    yield Case(LINE, (STILL,))


def of_delay(processor: AnyProcessor) -> Iterator[Case]:
    """Yield the cases of a delay: the tone of one echo, all echoes together, and when they come."""
    tone = variants(processor, frequency=(200.0, 3_000.0), q=(0.1, 2.0))
    yield Case(RESPONSE, [{**STILL, **setting} for setting in DEFAULT + tone], ", one echo")
    high = variants(processor, frequency=(6_000.0,), q=(0.1, 2.0))
    yield Case(
        RESPONSE,
        [{**STILL, **setting} for setting in high],
        ", one echo, set to 6 kHz",
        usual=False,
    )
    yield Case(BANDS_OF_ECHOES, ({}, {"feedback": 0.9}))
    times = (0.05, 0.0633, 0.5678, 1.0)  # the second is an unlucky one at 44.1 and 48 kHz
    yield Case(ECHO, DEFAULT + variants(processor, delay=times, stereo_offset=(-0.37, 0.0)))


def of_reverb(processor: AnyProcessor) -> Iterator[Case]:
    """Yield the cases of a reverb."""
    yield Case(ROOM, DEFAULT + variants(processor, size=(0.0, 0.5, 1.0), damping=(0.0, 1.0)))


def of_dynamics(processor: AnyProcessor) -> Iterator[Case]:
    """Yield the cases of what follows a level: as fast and as slow as it goes, and as steep."""
    params = processor.spec.params
    steep = {"ratio": params["ratio"].high, "knee": 0.0} if "ratio" in params else {}
    fast = {name: params[name].low for name in ("attack", "release")}
    slow = {name: params[name].high for name in ("attack", "release")}
    yield Case(DYNAMICS, ({}, {**fast, **steep}, {**slow, **steep}))


def cases(processor: AnyProcessor) -> Iterator[Case]:
    """Yield how to measure a processor of the catalogue."""
    params, group = processor.spec.params, processor.spec.group
    if group == "filter":
        yield from of_filter(processor)
    elif "attack" in params:
        yield from of_dynamics(processor)
    elif "size" in params:
        yield from of_reverb(processor)
    elif processor.spec.inlet("mod") is not None:
        yield from of_line(processor)
    elif "delay" in params:
        yield from of_delay(processor)
    elif "semitone" in params:
        shifts = tuple({"semitone": s} for s in (-12.0, -5.0, 1.0, 7.0))
        yield Case(SHIFTED, DEFAULT + shifts)
        yield Case(LINE, DEFAULT + shifts)
    elif "hardness" in params:
        yield Case(FOLDED, ({}, {"gain": 36.0, "hardness": 1.0}, {"gain": 36.0, "asymmetry": 0.9}))
    elif "bit" in params:
        yield Case(FOLDED, ({}, {"bit": 4.0}, {"bit": 10.0}))
    if processor.spec.inlet("mod") is not None:
        yield Case(SWUNG, ({}, {"feedback": 0.9}), ", moving")


def apart(processor: AnyProcessor) -> float:
    """Return how far the outputs of a processor that need not know its rate are apart at most."""
    rates = (REFERENCE, *RATES)
    noise = 0.1 * torch.randn(1, 2, 999, generator=torch.Generator().manual_seed(0)).double()
    audio = {inlet.name: noise.roll(n, -1) for n, inlet in enumerate(processor.spec.audio_inlets)}
    found = [run(processor, audio, knobs(processor, {}), rate) for rate in rates]
    if not audio:  # functions of time, at the instants that all rates share
        found = [
            {name: out[..., :: rate // GRID] for name, out in outlets.items()}
            for outlets, rate in zip(found, rates, strict=True)
        ]
    return max(float(np.abs(o[name] - found[0][name]).max()) for o in found for name in o)


def measured(names: Sequence[str]) -> list[Row]:
    """Measure processors of the catalogue by name, and say on stderr which one it is."""
    rows = []
    for name in names:
        sys.stderr.write(f"{name}\n")
        for case in cases(CATALOGUE[name]):
            rows += measure(CATALOGUE[name], case)
    return rows


# The tables.

UNBOUND = (
    "Without a bound. What differs of distortion and bitcrush is aliasing: what they add above "
    "half the rate folds back, to other places at other rates."
)


def number(value: float, unit: str) -> str:
    """Write a difference as precisely as it is of use."""
    if value == -math.inf:
        return "-"
    return f"{value:.1f}" if unit == "%" or abs(value) >= 10 else f"{value:.2f}"


def setting_text(knobs_set: Setting) -> str:
    """Write knobs; none named means that all stand at their defaults."""
    text = " ".join(f"{name}={value:g}" for name, value in knobs_set.items())
    return text or "defaults"


def verdict(row: Row) -> str:
    """Say whether the bound is held, and if it is not, by how much and where."""
    if row.held is None or row.over is None:
        return setting_text(row.knobs)
    if row.held:
        return "held"
    unit = row.figure.unit
    text = f"not held: {number(row.over, unit)} {unit} over at {setting_text(row.knobs)}"
    if row.default and max(row.default.values()) <= (row.figure.bound or 0.0) + ROUNDING:
        text = f"held at the defaults, {text}"
    if row.reach is not None and row.reach >= LEAST_REACH:
        text += f"; holds below {math.floor(row.reach * 100) / 100:.2f}"
    return text


def table(rows: Sequence[Row], last: str) -> str:
    """Write rows as a Markdown table: a cell is the difference at the defaults and the largest."""
    rates = list(rows[0].worst)
    bounded = any(row.figure.bound is not None for row in rows)
    columns = [f"{rate / 1_000:g} kHz" for rate in rates]
    head = ["processor", "what", "bound" if bounded else "unit", *columns, last]
    lines = ["| " + " | ".join(head) + " |", "| --- " * len(head) + "|"]
    for row in rows:
        unit, bound = row.figure.unit, row.figure.bound
        cells = [number(row.worst[rate], unit) for rate in rates]
        if row.default is not None:
            usual = [number(row.default[rate], unit) for rate in rates]
            cells = [f"{a} / {b}" for a, b in zip(usual, cells, strict=True)]
        limit = unit if bound is None else f"{bound:g} {unit}".replace("1 samples", "1 sample")
        lines.append(
            "| " + " | ".join([row.processor, row.figure.name, limit, *cells, verdict(row)]) + " |"
        )
    return "\n".join(lines)


def page(rows: Sequence[Row], names: Sequence[str]) -> str:
    """Write both tables and the line about what does not depend on the rate."""
    checked = [row for row in rows if row.figure.bound is not None]
    documented = [row for row in rows if row.figure.bound is None]
    same = [name for name in names if name in RATELESS]
    parts = []
    if same:
        most = max(apart(CATALOGUE[name]) for name in same)
        parts.append(f"Nothing depends on the rate in {', '.join(same)}: {most:.0e} at most.")
    if checked:
        held = sum(bool(row.held) for row in checked)
        parts += [f"{held} of {len(checked)} bounds are held.", table(checked, "bound is")]
    if documented:
        parts += [UNBOUND, table(documented, "largest at")]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Run the comparison that the module describes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("processor", nargs="*", help="all of the catalogue if none is named")
    parser.add_argument("--json", type=Path, help="where to write all figures")
    options = parser.parse_args()
    if unknown := [name for name in options.processor if name not in CATALOGUE]:
        parser.error(f"processor must be one of {', '.join(CATALOGUE)}, got {', '.join(unknown)}")
    names = options.processor or list(CATALOGUE)
    rows = measured([name for name in names if name not in RATELESS])
    sys.stdout.write(page(rows, names))
    if options.json:
        plain = [asdict(row) | {"held": row.held, "over": row.over} for row in rows]
        options.json.write_text(
            json.dumps({"reference": REFERENCE, "rows": plain}, indent=1) + "\n"
        )


if __name__ == "__main__":
    main()
