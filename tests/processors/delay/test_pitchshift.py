"""Pitch shift: against its two taps written down, and as an interval."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.interpolate
import torch

from graphophone.processors.delay.pitchshift import WINDOW, pitchshift


def tap(x: Any, phase: Any, rate: int) -> Any:
    """Read ``x`` 0.25 ms and a share of the window ago, by quintics through six samples."""
    padded = np.concatenate([np.zeros(1_000), x])
    out = []
    for t, share in enumerate(phase):
        position = 1_000 + t - (0.00025 + share * WINDOW) * rate
        first = math.ceil(position) - 3
        near = np.arange(first, first + 6)
        if near[-1] >= padded.size:  # never: a tap is at least two samples behind
            raise IndexError(position)
        out.append(scipy.interpolate.BarycentricInterpolator(near, padded[near])(position))
    return np.array(out)


def oracle(x: Any, semitone: float, rate: int) -> Any:
    speed = (1 - 2 ** (semitone / 12)) / (WINDOW * rate)
    phase = np.arange(len(x)) * speed % 1
    fade = np.sin(np.pi * phase) ** 2
    return fade * tap(x, phase, rate) + (1 - fade) * tap(x, (phase + 0.5) % 1, rate)


@pytest.mark.parametrize("semitone", [-12.0, -5.0, 7.0, 12.0])
@pytest.mark.parametrize(
    ("dtype", "tolerance"),
    [(torch.float32, 1e-4), (torch.float64, 1e-9)],
    ids=["float32", "float64"],
)
def test_equals_two_moving_taps(
    semitone: float,
    dtype: torch.dtype,
    tolerance: float,
    bench: Any,
    error: Callable[[Any, Any], float],
) -> None:
    noise = bench.noise(1_200)
    knobs = bench.knobs(pitchshift, dtype, semitone=semitone)
    actual = pitchshift(noise.to(dtype), **knobs, sample_rate=8_000)
    for channel in (0, 1):
        expected = oracle(noise[0, channel].numpy(), semitone, 8_000)
        assert error(actual[0, channel], expected) < tolerance


@pytest.mark.parametrize("semitone", [-12.0, -3.0, 4.0, 12.0])
@pytest.mark.parametrize("rate", [22_050, 96_000])
def test_moves_a_sine_by_the_interval(semitone: float, rate: int, bench: Any) -> None:
    """The cross-fade flutters, so the carrier is found as the centre of the spectral peak."""
    frequency = 1_000.0
    knobs = bench.knobs(pitchshift, semitone=semitone)
    out = pitchshift(bench.sine(frequency, rate, rate), **knobs, sample_rate=rate)[0, 0]
    settled = out[-int(0.8 * rate) :]
    power = torch.fft.rfft(settled * torch.hann_window(settled.numel(), dtype=out.dtype)).abs() ** 2
    bins = torch.arange(power.numel()) * rate / settled.numel()
    centre = (power * bins).sum() / power.sum()
    assert centre.item() == pytest.approx(frequency * 2 ** (semitone / 12), rel=0.01)


def test_unison_passes_the_signal_as_it_is(bench: Any) -> None:
    noise = bench.noise(500)
    knobs = bench.knobs(pitchshift, semitone=0)
    assert torch.equal(pitchshift(noise, **knobs, sample_rate=8_000), noise)


@pytest.mark.parametrize("semitone", [-12.0, 12.0])
def test_is_never_late_by_more_than_the_window(semitone: float, bench: Any) -> None:
    rate = 8_000
    out = pitchshift(
        bench.impulse(rate), **bench.knobs(pitchshift, semitone=semitone), sample_rate=rate
    )
    heard = out[0, 0].abs().nonzero().flatten()
    assert heard.numel() > 0
    assert heard[-1].item() <= WINDOW * rate + 3


def test_batch_items_have_their_own_interval(bench: Any) -> None:
    noise = bench.noise(1_000).repeat(3, 1, 1)
    semitones = torch.tensor([-7.0, 0.0, 12.0], dtype=torch.float64).view(3, 1, 1)
    together = pitchshift(noise, semitone=semitones, sample_rate=8_000)
    for item in range(3):
        alone = pitchshift(noise[:1], semitone=semitones[item : item + 1], sample_rate=8_000)
        assert torch.equal(together[item : item + 1], alone)
