"""Laws that results are held against, each with the signal that shows it best."""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from graphophone.benchmark import clips
from graphophone.benchmark.contender import Array, Effect, Law
from graphophone.benchmark.job import Job, Stage
from graphophone.benchmark.oracles import OTHERS, OURS, definition, dynamics, settings
from graphophone.processors import ALL_SPECS

TONE_HERTZ = 1_000.0
PITCH_HERTZ = 440.0
CHORD = (220.0, 571.0, 1_310.0, 2_900.0)
NEAR = 0.5
"""Semitones around a pitch that count as that pitch."""
SETTLED = 0.1
"""Seconds after which knobs that are smoothed have arrived."""

CURVES: Mapping[str, Callable[[Mapping[str, float]], Callable[[float], float]]] = {
    "compressor": dynamics.compressor,
    "expander": dynamics.expander,
    "noisegate": dynamics.expander,
}
LEVELS: Mapping[str, Sequence[float]] = {
    "compressor": (-40, -30, -20, -12, -6, 0),
    "expander": (-45, -40, -33, -20, -6),
    "noisegate": (-36, -33, -31, -20, -6),
}


def of(job: Job, *, ours: bool = False) -> Law:
    """Return the law of processors in a row, which others keep where they mean the same.

    Args:
        job: What is to be done.
        ours: Whether filters are ours, which equal their analogue prototypes further up than
            those that come from the bilinear transform.
    """
    first, alone = job.stages[0], len(job.stages) == 1
    if alone and first.type in CURVES:
        return curve(first, job.rate)
    if alone and first.type == "pitchshift":
        return transposed(first.knobs["semitone"], job.rate)
    if alone and first.type == "chorus":
        return swinging(first, job.rate)
    text = "its definition" + ", at rest" * job.judged_at_rest
    return equals(definition(job.stages, job.rate, OURS if ours else OTHERS), text)


def relative(actual: Array, expected: Array) -> float:
    """Return the size of a difference relative to what is expected."""
    return float(np.linalg.norm(actual - expected) / np.linalg.norm(expected))


def equals(oracle: Callable[[Array], Array], text: str) -> Law:
    """Hold a result against an independent one in double precision, on the first clip."""

    def deviation(effect: Effect, material: Tensor) -> float:
        clip = material[:1]
        return relative(effect(clip)[0], oracle(clip[0].double().numpy()))

    return Law(text, "relative L2", deviation)


def curve(stage: Stage, rate: int) -> Law:
    """Hold the level of steady tones against a static curve; the largest deviation counts."""
    gain, levels = CURVES[stage.type](settings(stage)), LEVELS[stage.type]

    def deviation(effect: Effect, material: Tensor) -> float:
        worst = 0.0
        for level in levels:
            out = effect(clips.tone(level, TONE_HERTZ, 4 * rate, rate))[0, 0]
            power = float(np.mean(out[2 * rate : 3 * rate] ** 2))
            worst = max(worst, abs(10 * math.log10(2 * power + 1e-30) - level - gain(level)))
        return worst

    ratio, threshold = stage.knobs["ratio"], stage.knobs["threshold"]
    text = f"{ratio:g}:1 at {threshold:g} dBFS; tones of {min(levels):g} to {max(levels):g} dBFS"
    return Law(text, "dB", deviation)


def transposed(semitones: float, rate: int) -> Law:
    """Hold a steady tone against its new pitch: what lies further off than that counts."""

    def deviation(effect: Effect, material: Tensor) -> float:
        out = effect(clips.tone(-12, PITCH_HERTZ, 4 * rate, rate))[0, 0, 2 * rate : 3 * rate]
        power = np.abs(np.fft.rfft(out * np.hanning(len(out)))) ** 2
        hertz = np.fft.rfftfreq(len(out), 1 / rate)
        pitch = PITCH_HERTZ * 2 ** (semitones / 12)
        off = np.abs(np.log2(np.maximum(hertz, 1e-9) / pitch)) > NEAR / 12
        return math.sqrt(float(power[off].sum() / power.sum()))

    return Law("a tone within a quarter tone of its new pitch", "relative L2", deviation)


def swinging(stage: Stage, rate: int, sign: float = 1.0) -> Law:
    """Hold a chord against the chord itself, evaluated between samples at delays that swing.

    Args:
        stage: A delay line whose length swings.
        rate: Samples per second.
        sign: Which way it swings first.
    """
    param, centre = ALL_SPECS[stage.type].params["delay"], stage.knobs["delay"]
    swing, mix = stage.swing, stage.knobs["mix"]
    reach = sign * swing.reach * (param.high - param.low) if swing else 0.0
    turn = 2 * math.pi * swing.hertz if swing else 0.0

    def chord(time: Array) -> Array:
        waves = [np.sin(2 * math.pi * hertz * time) for hertz in CHORD]
        return np.asarray(0.05 * np.sum(waves, axis=0) * (time >= 0))

    def deviation(effect: Effect, material: Tensor) -> float:
        time = np.arange(material.shape[-1]) / rate
        delayed = time - centre - reach * np.sin(turn * time)
        dry = torch.from_numpy(chord(time)).float().expand(1, 2, -1).contiguous()
        wanted = (1 - mix) * chord(time) + mix * chord(delayed)
        start = min(len(time) // 2, round(SETTLED * rate))
        return relative(effect(dry)[0, 0, start:], wanted[start:])

    return Law("sines evaluated between samples", "relative L2", deviation)


def repeats() -> Law:
    """Hold a result against another with the same settings."""

    def deviation(effect: Effect, material: Tensor) -> float:
        return relative(effect(material[:1]), effect(material[:1]))

    return Law("the same settings a second time", "relative L2", deviation)


def slope(differences: Callable[[Tensor, Array], float], text: str) -> Law:
    """Hold a gradient against differences of the loss along a way on which it rises everywhere.

    On such a way no share of the slope hides behind another of the opposite sign.

    Args:
        differences: Takes the case's signals and a way; returns the loss's slope on it.
        text: How differences are taken.
    """

    def deviation(effect: Effect, material: Tensor) -> float:
        gradient = effect(material)
        draws = np.random.default_rng(0)
        way = np.sign(gradient) * draws.uniform(0.1, 1.0, gradient.shape)
        wanted = differences(material, way)
        return abs(float(gradient @ way) - wanted) / abs(wanted)

    return Law(text, "relative", deviation)
