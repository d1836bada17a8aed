"""What draws know of a signal: right, coarse, and no finer than its grid."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from graphophone.generation.measure import (
    SHARE_STEP,
    STEP_DB,
    Measured,
    band_edges,
    decibels,
    difference,
    on_grid,
)

RATE = 44_100


def tones(*frequencies: float) -> Tensor:
    time = torch.arange(RATE) / RATE
    wave = torch.stack([torch.sin(2 * math.pi * f * time) for f in frequencies]).sum(0)
    return wave.expand(1, 2, -1).contiguous()


def noise(seed: int, samples: int = RATE) -> Tensor:
    return torch.randn(1, 2, samples, generator=torch.Generator().manual_seed(seed))


def test_half_of_the_energy_of_two_tones_lies_between_them() -> None:
    below = Measured(tones(200, 5_000), RATE).below
    edges = band_edges(RATE)
    assert list(below) == sorted(below)
    between = {share for share, edge in zip(below, edges, strict=True) if 300 < edge < 4_500}
    assert between == {0.5}
    measured = Measured(tones(200, 5_000), RATE)
    assert 180 < edges[measured.frequency_at(0.25)] < 250
    assert 4_500 < edges[measured.frequency_at(0.75)] < 5_600


def test_all_figures_lie_on_their_grids() -> None:
    measured = Measured(noise(0) * torch.logspace(0, -3, RATE), RATE)
    assert all(share / SHARE_STEP == round(share / SHARE_STEP) for share in measured.below)
    assert all(level / STEP_DB == round(level / STEP_DB) for level in measured.deciles_db)
    assert measured.level_db / STEP_DB == round(measured.level_db / STEP_DB)


def test_levels_and_peaks_are_those_of_plain_arithmetic() -> None:
    clip = noise(1) * torch.logspace(0, -2, RATE)
    measured = Measured(clip, RATE)
    assert measured.level_db == on_grid(10 * math.log10(float(clip.double().square().mean())), 0.5)
    peaks = clip[0].abs().amax(0)[: RATE // 441 * 441].reshape(-1, 441).amax(1)
    levels = np.sort(np.round(20 * np.log10(peaks.numpy()) * 2) / 2)
    assert measured.deciles_db == tuple(levels[int(q / 10 * (len(levels) - 1))] for q in range(11))


def test_silence_has_figures_too() -> None:
    measured = Measured(torch.zeros(1, 2, 1_000), RATE)
    assert set(measured.below) == {0.0}
    assert measured.level_db == -100
    assert set(measured.deciles_db) == {-180.0}


@pytest.mark.parametrize("samples", [1, 7, 8, 9, 1_000])
def test_a_difference_is_the_energy_of_what_is_left(samples: int) -> None:
    a, b = noise(2, samples), noise(3, samples)
    expected = float((a - b).double().square().sum())
    assert difference(a, b) == pytest.approx(expected, rel=1e-6)
    assert difference(a, a) == 0


@given(st.floats(1e-9, 1e3), st.floats(-1e-7, 1e-7))
def test_a_small_change_crosses_a_step_only_at_a_boundary(power: float, change: float) -> None:
    exact = 10 * math.log10(power)
    away = abs(exact / STEP_DB - math.floor(exact / STEP_DB) - 0.5) * STEP_DB
    if away > 1e-5:
        assert decibels(power) == decibels(power * (1 + change))


@pytest.mark.parametrize("seed", range(5))
def test_another_machine_measures_the_same(seed: int) -> None:
    clip = noise(seed) * torch.logspace(0, -2, RATE)
    shaken = clip * (1 + 1e-7 * noise(seed + 100))
    one, two = Measured(clip, RATE), Measured(shaken, RATE)
    assert one.below == two.below
    assert one.deciles_db == two.deciles_db
    assert one.level_db == two.level_db
