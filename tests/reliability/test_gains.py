"""Bounds are there for every processor, and near enough to be passed by what runs away."""

import math

import pytest
import torch
from torch import Tensor

from graphophone.processors import ALL_SPECS, PROCESSORS
from tests.reliability.gains import GAINS, RUNAWAY, most

RATE, SAMPLES = 48_000, 8_192


def tone(turns: float) -> Tensor:
    """A sine of so many turns a sample in both channels."""
    time = torch.arange(SAMPLES, dtype=torch.float64)
    return torch.sin(2 * math.pi * turns * time).expand(1, 2, -1).contiguous()


STRONGEST = {
    "lowpass": ({"frequency": 4_000.0, "q": 10.0}, tone(1 / 12)),
    "bandreject": ({"frequency": 4_000.0, "q": 1.0}, tone(0) + 1),
    "bell": ({"frequency": 4_000.0, "q": 1.0, "gain": 18.0}, tone(1 / 12)),
    "phaser": ({"frequency": 2_000.0, "feedback": 0.9, "mix": 1.0}, tone(0) + 1),
    "flanger": ({"delay": 0.001, "feedback": 0.9, "mix": 1.0}, tone(0) + 1),
    "mono_delay": (
        {"delay": 0.05, "feedback": 0.0, "mix": 1.0, "frequency": 4_000.0, "q": 0.1},
        tone(1 / 12),
    ),
    "distortion": ({"gain": 36.0, "hardness": 1.0, "asymmetry": 0.0}, tone(0) + 1e-3),
    "bitcrush": ({"bit": 4.0}, tone(0) + 0.0626),
    "imager": ({"width": 2.0}, torch.tensor([1.0, -1.0]).view(1, 2, 1) * (tone(0) + 1)),
}
"""Settings and signals that come as near to their bound as a processor can."""


def test_every_audio_processor_has_a_bound() -> None:
    audio = {n for n, s in ALL_SPECS.items() if s.group not in ("terminal", "control")}
    assert GAINS.keys() == audio


@pytest.mark.parametrize("type_", STRONGEST)
def test_a_still_bound_is_nearly_reached_and_never_passed(type_: str) -> None:
    knobs, dry = STRONGEST[type_]
    controls = {k: torch.full((1, 1, 1), v, dtype=torch.float64) for k, v in knobs.items()}
    (wet,) = (
        PROCESSORS[type_].outputs({"in": dry}, controls, sample_rate=RATE, samples=SAMPLES).values()
    )
    gain = float(wet.norm() / dry.norm())
    bound = most(type_, knobs, frozenset(), RATE, SAMPLES)
    assert bound * 0.7 < gain <= bound * (1 + 1e-9)


def test_what_moves_may_give_more_but_has_a_limit() -> None:
    knobs = {"delay": 0.001, "feedback": 0.9, "mix": 1.0}
    still, moving = (most("flanger", knobs, m, RATE, SAMPLES) for m in (frozenset(), {"delay"}))
    assert still == pytest.approx(10)
    assert still < moving <= RUNAWAY * still
    softer = most("flanger", {**knobs, "feedback": 0.0}, {"delay"}, RATE, 1)
    assert softer == pytest.approx(178 / 128), "one sample, read once, between others"
