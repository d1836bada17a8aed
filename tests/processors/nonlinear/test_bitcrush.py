"""Bitcrush: against rounding by hand, and against the noise that rounding must add."""

import numpy as np
import pytest
import torch
from torch import Tensor

from graphophone.processors.nonlinear.bitcrush import bitcrush

RATE = 44_100


def run(audio: Tensor, bit: float) -> Tensor:
    return bitcrush(audio, bit=torch.full((1, 1, 1), bit, dtype=audio.dtype), sample_rate=RATE)


def noise() -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.rand(1, 2, 20_000, generator=generator, dtype=torch.float64) * 2 - 1


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("bit", [4.0, 5.5, 8.0, 10.0])
def test_equals_rounding_by_hand_off_the_decision_points(dtype: torch.dtype, bit: float) -> None:
    step = 2 ** (1 - bit)
    audio = noise()
    position = np.abs(audio.numpy() / step % 1 - 0.5)
    audio = audio * torch.from_numpy(position > 1e-3)  # a hair beside a decision decides it
    expected = torch.from_numpy(step * np.floor(audio.numpy() / step + 0.5))
    actual = run(audio.to(dtype), bit).double()
    assert (actual - expected).norm() < 1e-6 * expected.norm()


@pytest.mark.parametrize("bit", [4, 6, 8])
def test_a_full_scale_holds_two_to_the_bits_steps(bit: int) -> None:
    assert (
        len(np.unique(run(noise(), float(bit)).numpy())) == 2**bit + 1
    )  # zero is a level, so both ends are


@pytest.mark.parametrize("bit", [4.0, 7.0, 10.0])
def test_error_has_the_power_of_uniform_noise(bit: float) -> None:
    """Step^2 / 12, so each bit is worth 6.02 dB."""
    error = run(noise(), bit) - noise()
    assert error.square().mean().item() == pytest.approx(4 ** (1 - bit) / 12, rel=0.05)
    assert error.abs().max() <= 2 ** (1 - bit) / 2 + 1e-12


def test_polarity_does_not_matter() -> None:
    assert torch.equal(run(-noise(), 5.3), -run(noise(), 5.3))


def test_what_is_softer_than_half_a_step_falls_silent() -> None:
    assert not run(noise() * (0.499 / 8), 4.0).any()
