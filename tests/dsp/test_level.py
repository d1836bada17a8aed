"""Peak level and decibels."""

import math

import pytest
import torch

from graphophone.dsp.level import from_db, peak, to_db


@pytest.mark.parametrize("samples", [1, 9, 10, 11, 95])
@pytest.mark.parametrize("channels", [1, 2])
def test_peak_is_the_largest_magnitude_of_the_last_ten_milliseconds(
    samples: int, channels: int
) -> None:
    """At 1 kHz the window is ten samples, so blocks begin and end within the clip."""
    generator = torch.Generator().manual_seed(samples)
    audio = torch.randn(3, channels, samples, generator=generator)
    padded = torch.nn.functional.pad(audio.abs().amax(1, keepdim=True), (9, 0))
    expected = padded.unfold(-1, 10, 1).amax(-1)
    assert torch.equal(peak(audio, sample_rate=1_000), expected)


def test_a_peak_rises_at_once_and_is_forgotten_after_ten_milliseconds() -> None:
    audio = torch.zeros(1, 2, 30)
    audio[0, 1, 5] = -0.7
    level = peak(audio, sample_rate=1_000)[0, 0]
    assert level.nonzero().flatten().tolist() == list(range(5, 15))


def test_time_major_memory_is_read_in_place() -> None:
    audio = torch.randn(50, 2, 2, generator=torch.Generator().manual_seed(0)).permute(1, 2, 0)
    expected = peak(audio.contiguous(), sample_rate=1_000)
    assert torch.equal(peak(audio, sample_rate=1_000), expected)


@pytest.mark.parametrize(("amplitude", "db"), [(1.0, 0.0), (10.0, 20.0), (0.5, -6.0206)])
def test_decibels(amplitude: float, db: float) -> None:
    level = torch.full((1, 1, 1), amplitude, dtype=torch.float64)
    assert to_db(level).item() == pytest.approx(db, abs=1e-4)
    assert from_db(to_db(level)).item() == pytest.approx(amplitude)


def test_silence_has_a_finite_level() -> None:
    assert math.isclose(to_db(torch.zeros(1, 1, 1)).item(), -120, rel_tol=1e-6)
