"""A law is kept by what keeps it, and tells how far the rest is off."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from graphophone.benchmark import clips, laws
from graphophone.benchmark.contender import Array, Law
from graphophone.benchmark.detectors import energy_db, magnitude_db
from graphophone.benchmark.job import Job, Stage, Swing

RATE = 8_000
MATERIAL = clips.bursts(2, RATE, RATE)


def deviation(law: Law, effect: object) -> float:
    return law.deviation(effect, MATERIAL)  # type: ignore[arg-type]


def test_equality_is_relative() -> None:
    law = laws.equals(lambda x: 2 * x, "twice")
    assert deviation(law, lambda a: 2 * a.double().numpy()) == 0
    assert deviation(law, lambda a: 2.02 * a.double().numpy()) == pytest.approx(0.01)
    assert deviation(law, lambda a: -2 * a.double().numpy()) == pytest.approx(2)


@pytest.mark.parametrize(("ratio", "off"), [(4.0, 0.0), (2.0, 6.0)])
def test_a_curve_is_held_against_levels(ratio: float, off: float) -> None:
    """Tones of up to 24 dB above a threshold: at 2:1 they leave 12 dB above, at 4:1 6 dB."""
    stage = Stage("compressor", {"threshold": -24, "ratio": 4, "knee": 0})

    def static(audio: Tensor) -> Array:
        over = max(20 * math.log10(float(audio.abs().max())) + 24, 0.0)
        return audio.double().numpy() * 10 ** (over * (1 / ratio - 1) / 20)

    law = laws.curve(stage, RATE)
    assert law.unit == "dB"
    assert deviation(law, static) == pytest.approx(off, abs=0.01)


def test_a_pitch_is_held_against_its_place() -> None:
    time = np.arange(4 * RATE) / RATE

    def tone(hertz: float) -> Array:
        return np.tile(np.sin(2 * math.pi * hertz * time), (1, 2, 1))

    law = laws.transposed(12, RATE)
    assert deviation(law, lambda _: tone(880)) < 1e-3
    assert deviation(law, lambda _: tone(880) + 0.1 * tone(1_200)) == pytest.approx(0.0995, 1e-2)
    assert deviation(law, lambda _: tone(440)) > 0.99


def test_a_line_is_held_against_sines_between_samples() -> None:
    still = Stage("chorus", {"delay": 0.02, "feedback": 0, "mix": 0.5})
    swung = Stage("chorus", still.knobs, Swing("delay", 2.0, 0.1))
    late = round(0.02 * RATE)

    def whole(audio: Tensor) -> Array:
        x = audio.double().numpy()
        return 0.5 * x + 0.5 * np.pad(x, ((0, 0), (0, 0), (late, 0)))[..., :-late]

    assert deviation(laws.swinging(still, RATE), whole) < 1e-6
    assert deviation(laws.swinging(swung, RATE), whole) > 0.1


def test_what_is_drawn_anew_does_not_repeat() -> None:
    draws = torch.Generator().manual_seed(0)
    assert deviation(laws.repeats(), lambda a: a.double().numpy()) == 0
    noise = lambda a: torch.rand(a.shape, generator=draws).double().numpy()  # noqa: E731
    assert deviation(laws.repeats(), noise) > 0.1


def test_a_gradient_is_held_against_differences() -> None:
    """The loss is half the squared distance from the origin, at (3, -4)."""
    at = np.array([3.0, -4.0])

    def differences(material: Tensor, way: Array) -> float:
        ends = [0.5 * float(np.sum((at + sign * 1e-3 * way) ** 2)) for sign in (1, -1)]
        return (ends[0] - ends[1]) / 2e-3

    law = laws.slope(differences, "differences")
    assert deviation(law, lambda _: at) < 1e-9
    assert deviation(law, lambda _: 1.5 * at) == pytest.approx(0.5)


def test_jobs_have_the_law_of_what_they_do() -> None:
    chorus = Job("series", RATE, (Stage("chorus", {"delay": 0.02, "mix": 0.5}),))
    phaser = Job("series", RATE, (Stage("phaser", {}, Swing("frequency", 1, 0.1)),))
    assert laws.of(chorus).text.startswith("sines")
    assert laws.of(phaser).text == "its definition, at rest"
    assert phaser.stages_at_rest[0].swing is None
    assert laws.of(Job("series", RATE, (Stage("pitchshift", {"semitone": 3}),))).unit != "dB"


def test_a_detector_that_rises_as_it_falls_stands_at_the_mean() -> None:
    assert energy_db(0.1, 0.1) == pytest.approx(10 * math.log10(2), abs=1e-3)
    assert magnitude_db(0.1, 0.1) == pytest.approx(20 * math.log10(math.pi / 2), abs=1e-3)
    assert energy_db(1e-6, 1) == pytest.approx(0, abs=0.01)


def test_clips_are_the_same_everywhere_and_all_different() -> None:
    again = clips.bursts(2, RATE, RATE)
    assert torch.equal(again, MATERIAL)
    assert not torch.equal(again[0], again[1])
    assert torch.equal(clips.bursts(1, RATE, RATE)[0], again[0])
    assert again.square().mean((1, 2)).sqrt().tolist() == pytest.approx([0.1, 0.1])
