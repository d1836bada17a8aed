"""Multi-scale spectral distance: against SciPy, closed forms, and as a loss."""

import math

import numpy as np
import pytest
import scipy.signal
import torch
from torch import Tensor

from graphophone.audio.losses import WINDOWS, magnitudes, multi_scale_spectral


def noise(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def by_scipy(a: np.ndarray, b: np.ndarray) -> float:
    total = 0.0
    for size in WINDOWS:
        window = scipy.signal.get_window("hann", size)
        stft = scipy.signal.ShortTimeFFT(window, size // 4, 1.0)
        last = a.size // (size // 4) + 1
        one, two = (
            2 / window.sum() * np.abs(stft.stft(x, p0=0, p1=last, k_offset=0)) for x in (a, b)
        )
        logs = np.abs(np.log(one + 1e-5) - np.log(two + 1e-5))
        total += np.abs(one - two).mean() + logs.mean()
    return total / len(WINDOWS)


def test_equals_the_definition_computed_by_scipy() -> None:
    a, b = 0.1 * noise(0, 3, 2, 6_000), 0.1 * noise(1, 3, 2, 6_000)
    expected = [
        np.mean([by_scipy(x, y) for x, y in zip(one, two, strict=True)])
        for one, two in zip(a.numpy(), b.numpy(), strict=True)
    ]
    np.testing.assert_allclose(multi_scale_spectral(a, b), expected, rtol=1e-6)


@pytest.mark.parametrize("size", WINDOWS)
def test_a_full_scale_sine_reads_one_at_every_size(size: int) -> None:
    sine = torch.sin(2 * torch.pi * torch.arange(8_192, dtype=torch.float64) / 8)
    middle = magnitudes(sine[None], size)[0]
    assert middle[size // 8, middle.shape[1] // 2].item() == pytest.approx(1, abs=1e-9)


def test_equal_signals_are_at_distance_zero_and_it_is_symmetric() -> None:
    a, b = noise(0, 1, 2, 3_000), noise(1, 1, 2, 3_000)
    assert multi_scale_spectral(a, a).item() == 0
    torch.testing.assert_close(multi_scale_spectral(a, b), multi_scale_spectral(b, a))


def test_level_is_not_matched() -> None:
    """A gain g moves each logarithm by ln g wherever the magnitude is far above 1e-5."""
    a = noise(0, 1, 2, 20_000)
    spectra = [magnitudes(a[0], size).mean().item() for size in WINDOWS]
    expected = math.log(2) + sum(spectra) / len(spectra)
    assert multi_scale_spectral(a, 2 * a).item() == pytest.approx(expected, rel=1e-3)


def test_signals_shorter_than_a_window_are_compared() -> None:
    assert multi_scale_spectral(noise(0, 1, 2, 100), noise(1, 1, 2, 100)).item() > 0


def test_gradients_are_finite_in_silence() -> None:
    silence = torch.zeros(1, 2, 3_000, requires_grad=True)
    distance = multi_scale_spectral(silence, 0.1 * noise(0, 1, 2, 3_000).float()).sum()
    (gradient,) = torch.autograd.grad(distance, silence)
    assert gradient.isfinite().all()
