"""Oscillators: against the sine they claim to be."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from graphophone.processors.control.mono_lfo import mono_lfo
from graphophone.processors.control.stereo_lfo import stereo_lfo


def knob(value: float, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.full((1, 1, 1), value, dtype=dtype)


@pytest.mark.parametrize("rate", [8_000, 44_100, 192_000])
@pytest.mark.parametrize("frequency", [0.05, 1.37, 20.0])
@pytest.mark.parametrize("phase", [0.0, 0.3, 1.0])
def test_equals_its_closed_form(rate: int, frequency: float, phase: float) -> None:
    expected = np.sin(2 * np.pi * (frequency * np.arange(3_000) / rate + phase))
    (lfo,) = mono_lfo(frequency=knob(frequency), phase=knob(phase), samples=3_000, sample_rate=rate)
    np.testing.assert_allclose(lfo[0, 0].numpy(), expected, atol=1e-12)


def test_single_precision_does_not_drift() -> None:
    """After forty thousand swings the phase is still exact."""
    rate, length = 100, 200_000
    (lfo,) = mono_lfo(
        frequency=knob(20, torch.float32),
        phase=knob(0, torch.float32),
        samples=length,
        sample_rate=rate,
    )
    assert lfo.dtype == torch.float32
    torch.testing.assert_close(lfo[..., :5], lfo[..., -5:], rtol=0, atol=1e-6)


def test_channels_are_apart_by_the_offset() -> None:
    knobs = {"frequency": knob(2), "phase": knob(0.1)}
    (left,) = mono_lfo(**knobs, samples=500, sample_rate=1_000)
    (right,) = mono_lfo(frequency=knob(2), phase=knob(0.35), samples=500, sample_rate=1_000)
    (both,) = stereo_lfo(**knobs, stereo_offset=knob(0.25), samples=500, sample_rate=1_000)
    assert torch.equal(both[:, :1], left)
    torch.testing.assert_close(both[:, 1:], right)


def test_half_a_cycle_apart_is_opposite() -> None:
    knobs = {"frequency": knob(3), "phase": knob(0.7), "stereo_offset": knob(0.5)}
    (lfo,) = stereo_lfo(**knobs, samples=500, sample_rate=1_000)
    torch.testing.assert_close(lfo[:, 0], -lfo[:, 1])


def test_a_whole_cycle_of_phase_is_none() -> None:
    ends = [
        mono_lfo(frequency=knob(3), phase=knob(phase), samples=64, sample_rate=1_000).lfo
        for phase in (0.0, 1.0)
    ]
    torch.testing.assert_close(*ends, rtol=0, atol=1e-12)


def test_a_quarter_of_phase_starts_at_the_top() -> None:
    (lfo,) = mono_lfo(frequency=knob(1), phase=knob(0.25), samples=2, sample_rate=8_000)
    assert lfo[0, 0, 0].item() == pytest.approx(1)
    assert lfo[0, 0, 1].item() == pytest.approx(math.cos(2 * math.pi / 8_000))
