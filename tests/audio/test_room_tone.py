"""Room tone: as loud, as dark and as hummed as is said."""

import numpy as np
import pytest
import torch
from scipy.signal import welch
from torch import Tensor

from graphophone.audio.room_tone import room_tone

RATE = 44_100


def tone(seed: int = 0, slope_db: float = -3.0, hum_db: float = -100.0, hz: float = 50) -> Tensor:
    return room_tone(5 * RATE, RATE, slope_db=slope_db, hum_hz=hz, hum_db=hum_db, seed=seed)


@pytest.mark.parametrize("hum_db", [-100.0, 0.0, 20.0])
def test_its_power_is_one(hum_db: float) -> None:
    assert float(tone(hum_db=hum_db).double().square().mean()) == pytest.approx(1.0, rel=1e-5)


@pytest.mark.parametrize("slope_db", [0.0, -3.0, -6.0])
def test_the_noise_falls_by_so_much_an_octave(slope_db: float) -> None:
    frequencies, power = welch(tone(slope_db=slope_db)[0].numpy(), RATE, nperseg=8_192)
    band = (frequencies > 100) & (frequencies < 15_000)
    slope = np.polyfit(np.log2(frequencies[band]), 10 * np.log10(power[band]), 1)[0]
    assert slope == pytest.approx(slope_db, abs=0.2)


@pytest.mark.parametrize("hz", [50.0, 60.0])
def test_the_hum_has_the_mains_and_its_harmonics_and_so_much_power(hz: float) -> None:
    with_hum = tone(hum_db=10.0, hz=hz, slope_db=0.0)[0].numpy()
    power = np.abs(np.fft.rfft(with_hum)) ** 2
    lines = [round(n * hz * 5) for n in range(1, 9)]  # five bins a hertz
    share = power[lines].sum() / power.sum()
    assert share == pytest.approx(10 / 11, abs=0.01)
    assert all(power[line] > 20 * np.median(power) for line in lines)


def test_channels_share_half_the_noise_and_all_the_hum() -> None:
    assert np.corrcoef(tone(slope_db=0.0).numpy())[0, 1] == pytest.approx(0.5, abs=0.02)
    assert np.corrcoef(tone(hum_db=40.0).numpy())[0, 1] > 0.999


def test_the_seed_decides() -> None:
    assert torch.equal(tone(seed=4), tone(seed=4))
    assert not torch.equal(tone(seed=4), tone(seed=5))


@pytest.mark.parametrize("samples", [1, 2, 100])
def test_short_ones_are_finite(samples: int) -> None:
    short = room_tone(samples, RATE, slope_db=-3, hum_hz=50, hum_db=-10, seed=0)
    assert short.shape == (2, samples)
    assert bool(short.isfinite().all())
