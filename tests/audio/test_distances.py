"""Distances of two recordings: closed forms and tables of the standards."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from graphophone.audio.dynamics import WINDOWS_SECONDS, dynamics_distance, level_ranges
from graphophone.audio.mel_loss import a_weighting, mel_distance
from graphophone.audio.sdr import LIMIT_DB, si_sdr

RATE = 44_100


def noise(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def test_si_sdr_is_the_ratio_of_what_is_orthogonal() -> None:
    target, rest = noise(1, 1, 2, 5_000), noise(2, 1, 2, 5_000)
    rest = rest - (rest * target).sum() / (target * target).sum() * target
    rest = rest * target.norm() / rest.norm()
    for db in (-20.0, 0.0, 23.0):
        mixed = target + rest * 10 ** (-db / 20)
        for gain in (1.0, 0.3, -2.0):
            assert float(si_sdr(gain * mixed, target)[0]) == pytest.approx(db, abs=1e-4)


def test_si_sdr_ends_where_nothing_or_all_is_the_target() -> None:
    target = noise(1, 1, 2, 500)
    assert float(si_sdr(target, target)[0]) == pytest.approx(LIMIT_DB, abs=0.1)
    other = torch.zeros(1, 2, 500, dtype=torch.float64)
    assert float(si_sdr(other, target)[0]) == -LIMIT_DB


def test_a_weighting_is_that_of_the_table() -> None:
    """IEC 61672-1, Table 3, to its rounding: exact frequencies are powers of ten."""
    table = {1.5: -39.4, 2.0: -19.1, 3.0: 0.0, 3.3: 1.2, 3.6: 1.0, 4.0: -2.5}
    for exponent, db in table.items():
        gain = float(a_weighting(np.array([10**exponent]))[0])
        assert 20 * math.log10(gain) == pytest.approx(db, abs=0.06)


def test_mel_distance_of_equal_sounds_is_nothing_and_level_moves_its_logarithms() -> None:
    a = 0.3 * noise(1, 1, 2, 20_000)
    assert float(mel_distance(a, a, RATE)[0]) == pytest.approx(0, abs=1e-6)
    # Half as loud: a convergence of a half, and logarithms that are off by ln 2 where it sounds.
    assert float(mel_distance(a / 2, a, RATE)[0]) == pytest.approx(0.5 + math.log(2), rel=0.02)


def test_mel_convergence_is_measured_by_the_target() -> None:
    """A double level is off by the whole of the target, a half one by half of it."""
    a = 0.3 * noise(1, 1, 2, 20_000)
    assert float(mel_distance(2 * a, a, RATE)[0]) == pytest.approx(1 + math.log(2), rel=0.02)


def test_a_lost_side_counts_a_quarter_beside_left_and_right() -> None:
    a = noise(1, 1, 2, 20_000) * 0.3
    mono = a.mean(1, keepdim=True).expand(-1, 2, -1)
    assert float(mel_distance(mono, a, RATE)[0]) > 0.25 * math.log(100)


def test_level_ranges_are_those_of_a_square() -> None:
    """Half the time at full level, half 20 dB lower: windows shorter than that see 20 dB."""
    time = torch.arange(8 * RATE, dtype=torch.float64) / RATE
    gate = torch.where(time % 4 < 2, 1.0, 0.1)
    sound = (gate * torch.sin(2 * torch.pi * 1_000 * time)).expand(1, 2, -1)
    found = level_ranges(sound, RATE)[0]
    assert found.shape == (len(WINDOWS_SECONDS),)
    assert found[:2].tolist() == pytest.approx([20, 20], abs=0.1)
    torch.testing.assert_close(level_ranges(0.1 * sound, RATE)[0], found)


def test_a_level_is_no_difference_of_dynamics_and_a_compression_is() -> None:
    sound = noise(1, 1, 2, 2 * RATE) * torch.linspace(0.02, 1, 2 * RATE, dtype=torch.float64)
    assert float(dynamics_distance(0.5 * sound, sound, RATE)[0]) == pytest.approx(0, abs=1e-9)
    assert float(dynamics_distance(sound.sign() * sound.abs().sqrt(), sound, RATE)[0]) > 3
