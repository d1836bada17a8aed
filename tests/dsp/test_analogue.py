"""Sections made from analogue prototypes have their magnitudes at frequencies known in advance."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from graphophone.dsp import analogue

RATE = 32_000
PROTOTYPES = {
    "low-pass": dict(k=0.4, low=1.0),
    "high-pass": dict(k=0.1, through=1.0, band=-0.1, low=-1.0),
    "band-pass": dict(k=1.4, band=1.4),
    "notch": dict(k=0.7, through=1.0, band=-0.7),
    "bell": dict(k=0.3, through=1.0, band=2.0),
    "cut": dict(k=2.3, through=1.0, band=-2.0),
    "shelf": dict(k=0.5, through=1.0, band=3.0, low=6.0),
    "all-pass": dict(k=0.5, through=1.0, band=-1.0),
}


def control(value: float) -> Tensor:
    return torch.full((1, 1, 1), value, dtype=torch.float64)


def response(angle: Any, coefficients: dict[str, float], gain: float) -> Any:
    """Response of the trapezoidal filter with an integrator gain, by substitution."""
    s = 1j * np.tan(angle / 2) / gain
    k, rest = coefficients["k"], {"through": 0.0, "band": 0.0, "low": 0.0} | coefficients
    return rest["through"] + (rest["band"] * s + rest["low"]) / (s * s + k * s + 1)


def prototype(angle: Any, corner: float, coefficients: dict[str, float]) -> Any:
    s = 1j * angle / corner
    k, rest = coefficients["k"], {"through": 0.0, "band": 0.0, "low": 0.0} | coefficients
    return rest["through"] + (rest["band"] * s + rest["low"]) / (s * s + k * s + 1)


def warped(angle: Any, tuned: float) -> Any:
    """The analogue frequency that a digital one stands for, both in radians a sample."""
    tuned = min(tuned, 2.0)
    rho = 4 / tuned**2 - 1 / math.tan(tuned / 2) ** 2
    x = np.tan(angle / 2) ** 2
    return 2 * np.sqrt(x / (1 + rho * x))


def designed(frequency: float, **knobs: float) -> dict[str, float]:
    made = analogue.section(control(frequency), **knobs, sample_rate=RATE)
    return {name: value.item() for name, value in made._asdict().items()}


@pytest.mark.parametrize("name", PROTOTYPES)
@pytest.mark.parametrize("frequency", [30.0, 900.0, 5_000.0, 10_000.0, 15_000.0, 40_000.0])
@pytest.mark.parametrize(("shift", "tune"), [(1.0, 1.0), (0.4, 1.0), (2.2, 0.5)])
def test_magnitudes_are_the_prototypes_at_warped_frequencies(
    name: str, frequency: float, shift: float, tune: float
) -> None:
    coefficients, corner = PROTOTYPES[name], 2 * math.pi * frequency / RATE
    made = designed(frequency, shift=shift, tune=tune, **coefficients)
    angle = np.linspace(0.001, 3.1, 300)
    actual = np.abs(response(angle, made, made["g"]))
    expected = np.abs(prototype(warped(angle, corner * tune), corner * shift, coefficients))
    np.testing.assert_allclose(actual, expected, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("frequency", [30.0, 900.0, 5_000.0, 10_000.0])
def test_the_tuned_frequency_is_exact(frequency: float) -> None:
    at = 2 * math.pi * frequency / RATE
    assert warped(at, at) == pytest.approx(at, rel=1e-9)


def test_low_frequencies_keep_their_place_whatever_the_corner() -> None:
    angle = np.linspace(0.01, 0.15 * 2 * math.pi, 100)
    for tuned in (0.01, 0.5, 1.0, 2.0, 5.0):
        assert np.abs(warped(angle, tuned) / angle - 1).max() < 0.009
    assert np.abs(warped(angle, 0.5) / angle - 1).max() < 0.0013


@pytest.mark.parametrize("name", PROTOTYPES)
@pytest.mark.parametrize("frequency", [1e-6, 30.0, 5_000.0, 15_900.0, 400_000.0])
def test_sections_are_stable(name: str, frequency: float) -> None:
    made = designed(frequency, **PROTOTYPES[name])
    assert made["g"] > 0
    assert made["k"] > 0
    assert all(map(math.isfinite, made.values()))


@pytest.mark.parametrize("frequency", [30.0, 900.0, 5_000.0, 9_000.0])
def test_what_adds_up_to_an_all_pass_still_does(frequency: float) -> None:
    """The squares of Butterworth's low-pass and high-pass, as in a crossover."""
    k = math.sqrt(2)
    low, high = (
        designed(frequency, k=k, low=1.0),
        designed(frequency, k=k, through=1.0, band=-k, low=-1.0),
    )
    angle = np.linspace(0.001, 3.14, 300)
    total = response(angle, low, low["g"]) ** 2 + response(angle, high, high["g"]) ** 2
    np.testing.assert_allclose(np.abs(total), 1, rtol=1e-9)


def test_a_numerators_sign_is_kept() -> None:
    """An all-pass filter has zeros outside the circle and turns by 180 degrees at the corner."""
    made = designed(900.0, **PROTOTYPES["all-pass"])
    corner = np.array([2 * math.pi * 900 / RATE])
    assert response(corner, made, made["g"]) == pytest.approx(-1, abs=5e-3)


def leaves(*moving: int, band: tuple[float, float] = (0.1, 1.0)) -> list[Tensor]:
    ranges = ((200, 15_000), (0.5, 2), (0.5, 2), (0.1, 2), (0, 2), band, (0, 1))
    generator = torch.Generator().manual_seed(0)
    return [
        torch.rand(2, 1 + i % 2, 5 if i in moving else 1, dtype=torch.float64, generator=generator)
        .mul(high - low)
        .add(low)
        .requires_grad_()
        for i, (low, high) in enumerate(ranges)
    ]


def stacked(*values: Tensor) -> Tensor:
    frequency, shift, tune, k, through, band, low = values
    made = analogue.section(
        frequency,
        shift=shift,
        tune=tune,
        k=k,
        through=through,
        band=band,
        low=low,
        sample_rate=RATE,
    )
    return torch.stack([v.expand(2, 2, v.shape[-1]) for v in made])


@pytest.mark.parametrize("moving", [(), (0,), (0, 3, 5), tuple(range(7))])
@pytest.mark.parametrize("band", [(0.1, 1.0), (-4.0, -3.0)])
def test_gradients_are_those_of_finite_differences(
    moving: tuple[int, ...], band: tuple[float, float]
) -> None:
    assert torch.autograd.gradcheck(stacked, leaves(*moving, band=band))


@pytest.mark.parametrize("frequency", [500.0, 5_000.0, 14_000.0])
def test_gradients_of_a_notch(frequency: float) -> None:
    """Its numerator has no middle coefficient, and a root of nothing no slope."""

    def run(frequency: Tensor, k: Tensor) -> Tensor:
        made = analogue.section(frequency, k=k, through=1.3, band=-k * 1.3, sample_rate=RATE)
        return torch.stack(list(made))

    values = (control(v).requires_grad_() for v in (frequency, 0.7))
    assert torch.autograd.gradcheck(run, tuple(values))


def test_a_moving_control_gives_at_each_sample_what_a_static_one_does() -> None:
    with torch.no_grad():
        moving, still = leaves(0, 3), leaves(0, 3)
        whole = stacked(*moving)
        for t in range(5):
            one = [v[..., t : t + 1] if v.shape[-1] > 1 else v for v in still]
            torch.testing.assert_close(stacked(*one)[..., 0], whole[..., t], rtol=1e-13, atol=0)


def test_no_gradient_where_a_corner_is_held() -> None:
    frequency = control(-5.0).requires_grad_()
    made = analogue.section(frequency, k=1.0, low=1.0, sample_rate=RATE)
    sum(v.sum() for v in made).backward()  # type: ignore[union-attr]
    assert frequency.grad is not None
    assert frequency.grad.item() == 0
