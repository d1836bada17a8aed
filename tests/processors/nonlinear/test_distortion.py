"""Distortion: against its closed form, and against what harmonics it may add."""

import math

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor

from graphophone.processors.nonlinear.distortion import distortion

RATE = 44_100
Array = npt.NDArray[np.float64]


def knob(value: float, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.full((1, 1, 1), value, dtype=dtype)


def noise() -> Tensor:
    return torch.randn(1, 2, 1_000, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def run(audio: Tensor, *, gain: float, hardness: float, asymmetry: float = 0.0) -> Tensor:
    d = audio.dtype
    out: Tensor = distortion(
        audio,
        gain=knob(gain, d),
        hardness=knob(hardness, d),
        asymmetry=knob(asymmetry, d),
        sample_rate=RATE,
    )
    return out


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("level", [1e-4, 0.1, 30.0])
@pytest.mark.parametrize("gain", [0.0, 17.0, 36.0])
@pytest.mark.parametrize("hardness", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("asymmetry", [0.0, 0.3, 0.9])
def test_equals_its_closed_form(
    dtype: torch.dtype, level: float, gain: float, hardness: float, asymmetry: float
) -> None:
    def f(
        x: np.ndarray[tuple[int, ...], np.dtype[np.float64]] | float,
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return np.asarray((1 - hardness) * np.tanh(x) + hardness * np.clip(x, -1, 1))

    audio = level * noise()
    driven = 10 ** (gain / 20) * audio.numpy()
    expected = torch.from_numpy(f(driven + asymmetry) - f(asymmetry))
    actual = run(audio.to(dtype), gain=gain, hardness=hardness, asymmetry=asymmetry)
    assert (actual.double() - expected).norm() < 1e-5 * expected.norm()


def harmonics(asymmetry: float) -> Tensor:
    """Magnitudes of the multiples of a sine that fits the clip 8 times."""
    sine = torch.sin(2 * math.pi * 8 * torch.arange(1_024, dtype=torch.float64) / 1_024)
    out = run(sine.expand(1, 2, -1).contiguous(), gain=6, hardness=0.5, asymmetry=asymmetry)
    magnitudes: Tensor = torch.fft.rfft(out[0, 0]).abs()
    return magnitudes[8::8] / 512


def test_a_symmetric_curve_adds_odd_harmonics_only() -> None:
    assert (harmonics(0.0)[1::2] < 1e-12).all()
    assert harmonics(0.0)[2] > 0.01


def test_an_asymmetric_curve_adds_even_harmonics() -> None:
    assert harmonics(0.5)[1] > 0.01


def test_the_hard_curve_passes_what_lies_below_the_clip_unchanged() -> None:
    audio = 0.2 * noise().clamp(-4, 4)
    torch.testing.assert_close(run(audio, gain=0, hardness=1), audio)


def test_infinitely_loud_is_still_bounded() -> None:
    audio = 1e6 * noise().float()
    assert run(audio, gain=36, hardness=0.5, asymmetry=0.9).abs().max() <= 1.9 + 1e-6


def test_its_knobs_can_be_learned_by_gradient_descent() -> None:
    """No kernel stands in the way: autograd passes, and agrees with finite differences."""
    audio = 0.3 * noise()[..., :8]
    knobs = [knob(v).requires_grad_() for v in (9.0, 0.3, 0.2)]

    def run_all(gain: Tensor, hardness: Tensor, asymmetry: Tensor) -> Tensor:
        out: Tensor = distortion(
            audio, gain=gain, hardness=hardness, asymmetry=asymmetry, sample_rate=RATE
        )
        return out

    assert torch.autograd.gradcheck(run_all, knobs)
