"""Loudness: the recommendation's table, and signals whose loudness is known."""

import math

import numpy as np
import pytest
import torch
from scipy.signal import freqz_sos
from torch import Tensor

from graphophone.audio.loudness import loudness, weighting


def sine(level_db: float, seconds: float, rate: int, hertz: float = 1_000.0) -> Tensor:
    time = torch.arange(round(seconds * rate), dtype=torch.float64) / rate
    return 10 ** (level_db / 20) * torch.sin(2 * torch.pi * hertz * time).expand(2, -1)


@pytest.mark.parametrize("rate", [32_000, 44_100, 48_000, 96_000])
def test_a_full_scale_sine_of_997_hz_in_one_channel_reads_3_below(rate: int) -> None:
    """BS.1770-4, Annex 1: it reads -3.01 LUFS."""
    audio = sine(0.0, 2.0, rate, 997.0) * torch.tensor([[1.0], [0.0]])
    assert loudness(audio, rate) == pytest.approx(-3.01, abs=0.02)


@pytest.mark.parametrize("level", [-23.0, -33.0])
def test_a_steady_tone_reads_its_peak(level: float) -> None:
    """EBU Tech 3341, cases 1 and 2."""
    assert loudness(sine(level, 20.0, 48_000), 48_000) == pytest.approx(level, abs=0.1)


def test_what_is_soft_does_not_count() -> None:
    """EBU Tech 3341, cases 3 and 4, at a tenth of their length."""
    rate = 48_000
    three = torch.cat([sine(level, s, rate) for level, s in [(-36, 1), (-23, 6), (-36, 1)]], 1)
    assert loudness(three, rate) == pytest.approx(-23.0, abs=0.25)  # blocks lie across borders
    four = torch.cat([sine(-72, 10, rate), three, sine(-72, 10, rate)], 1)
    assert loudness(four, rate) == pytest.approx(loudness(three, rate), abs=0.25)


def test_the_filters_at_48_khz_are_the_table() -> None:
    shelf, highpass = weighting(48_000)
    np.testing.assert_allclose(shelf[:3], [1.53512485958697, -2.69169618940638, 1.19839281085285])
    np.testing.assert_allclose(shelf[3:], [1.0, -1.69065929318241, 0.73248077421585])
    np.testing.assert_allclose(highpass[:3], [1.0, -2.0, 1.0])
    np.testing.assert_allclose(highpass[3:], [1.0, -1.99004745483398, 0.99007225036621])


@pytest.mark.parametrize("rate", [22_050, 44_100, 96_000])
def test_the_filters_weigh_alike_at_any_rate(rate: int) -> None:
    frequencies = np.geomspace(20, min(rate, 48_000) * 0.2, 50)
    there = np.abs(freqz_sos(weighting(rate), frequencies, fs=rate)[1])
    table = np.abs(freqz_sos(weighting(48_000), frequencies, fs=48_000)[1])
    np.testing.assert_allclose(20 * np.log10(there / table), 0.0, atol=0.15)


def test_a_gain_adds_its_decibels() -> None:
    noise = torch.randn(2, 100_000, generator=torch.Generator().manual_seed(0)) * 0.01
    change = loudness(noise * 10 ** (7.5 / 20), 44_100) - loudness(noise, 44_100)
    assert change == pytest.approx(7.5, abs=1e-4)


@pytest.mark.parametrize("audio", [torch.zeros(2, 50_000), torch.zeros(2, 0), torch.zeros(2, 9)])
def test_silence_has_no_loudness(audio: Tensor) -> None:
    assert loudness(audio, 44_100) == -math.inf


def test_less_than_a_block_is_one_block() -> None:
    assert loudness(sine(-20, 0.39, 48_000), 48_000) == pytest.approx(-20.0, abs=0.1)
