"""Panning and imager: where the sound goes, and what stays constant."""

import math

import pytest
import torch
from torch import Tensor

from graphophone.processors.utility.imager import imager
from graphophone.processors.utility.mix import mix
from graphophone.processors.utility.panning import panning

RATE = 44_100


def knob(value: float) -> Tensor:
    return torch.full((1, 1, 1), value, dtype=torch.float64)


def noise() -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(1, 2, 500, generator=generator, dtype=torch.float64)


def pan(audio: Tensor, to: float) -> Tensor:
    return panning(audio, pan=knob(to), sample_rate=RATE)


@pytest.mark.parametrize("to", [-1.0, -0.6, 0.0, 0.3, 1.0])
def test_panning_keeps_the_power(to: float) -> None:
    one = torch.ones(1, 2, 1, dtype=torch.float64)
    assert pan(one, to).square().sum().item() == pytest.approx(2)


@pytest.mark.parametrize("to", [-1.0, -0.6, 0.0, 0.3, 1.0])
def test_panning_equals_its_closed_form(to: float) -> None:
    angle = (to + 1) * math.pi / 4
    gains = math.sqrt(2) * torch.tensor([[math.cos(angle)], [math.sin(angle)]]).double()
    torch.testing.assert_close(pan(noise(), to), noise() * gains, rtol=1e-6, atol=1e-7)


def test_centre_changes_nothing_and_an_end_leaves_one_channel() -> None:
    torch.testing.assert_close(pan(noise(), 0), noise())
    assert pan(noise(), -1)[:, 1].abs().max() < 1e-12
    assert pan(noise(), 1)[:, 0].abs().max() < 1e-12


@pytest.mark.parametrize("width", [0.0, 0.4, 1.0, 2.0])
def test_imager_scales_the_side_and_leaves_the_mid(width: float) -> None:
    out = imager(noise(), width=knob(width), sample_rate=RATE)
    torch.testing.assert_close(out.sum(1), noise().sum(1))
    torch.testing.assert_close(out.diff(dim=1), width * noise().diff(dim=1))


def test_no_width_is_mono_and_unity_is_exact() -> None:
    left, right = imager(noise(), width=knob(0), sample_rate=RATE).unbind(1)
    assert torch.equal(left, right)
    assert torch.equal(imager(noise(), width=knob(1), sample_rate=RATE), noise())


def test_mix_passes_the_sum() -> None:
    assert torch.equal(mix(noise(), sample_rate=RATE), noise())
