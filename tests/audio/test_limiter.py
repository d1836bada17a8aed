"""The limiter: a ceiling that holds, a gain computed twice, a loudness that is reached."""

import math
from random import Random

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from graphophone.audio import limiter
from graphophone.audio.limiter import MOST_DB, Limiter, limited, to_loudness
from graphophone.audio.loudness import loudness
from graphophone.sources import open_pool

RATE = 1_000  # the window ahead is 5 samples


def noise(seed: int, samples: int, scale: float = 1.0) -> Tensor:
    """Noise with tall peaks here and there."""
    generator = torch.Generator().manual_seed(seed)
    return scale * torch.randn(2, samples, generator=generator, dtype=torch.float64) ** 3


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 10_000),
    samples=st.integers(1, 400),
    scale=st.sampled_from([0.01, 1.0, 1e4]),
    ceiling_db=st.floats(-20.0, 0.0),
    drive_db=st.floats(-20.0, 60.0),
    dtype=st.sampled_from([torch.float32, torch.float64]),
)
def test_no_sample_is_above_the_ceiling(
    seed: int, samples: int, scale: float, ceiling_db: float, drive_db: float, dtype: torch.dtype
) -> None:
    audio = noise(seed, samples, scale).to(dtype)
    out = Limiter(audio, RATE, ceiling_db)(drive_db)
    assert (out.shape, out.dtype) == (audio.shape, dtype)
    assert float(out.abs().max()) <= 10 ** (ceiling_db / 20)


@pytest.mark.parametrize("rate", [1_000, 1_200])  # windows of odd and of even length
@pytest.mark.parametrize("seed", range(4))
def test_the_gain_is_that_of_the_definition(seed: int, rate: int) -> None:
    """Sample by sample: what is needed soon, a line in dB upwards, a weighted mean."""
    audio, ahead = noise(seed, 120), round(0.005 * rate)
    peaks = audio.abs().amax(0).tolist()
    held: list[float] = []
    for t in range(len(peaks)):
        coming = max(peaks[t : t + ahead + 1])
        least = min(0.0, -20 * math.log10(coming))
        held.append(min(least, held[-1] + limiter.RELEASE_DB / rate) if held else least)
    window = [math.sin(math.pi * (k + 1) / (ahead + 2)) ** 2 for k in range(ahead + 1)]
    gains = [
        sum(w * 10 ** (held[max(0, t - k)] / 20) for k, w in enumerate(window)) / sum(window)
        for t in range(len(peaks))
    ]
    expected = audio * torch.tensor(gains, dtype=torch.float64)
    torch.testing.assert_close(limited(audio, rate, 0.0), expected, atol=1e-12, rtol=0)


def test_what_is_below_the_ceiling_stays() -> None:
    audio = noise(1, 500)
    audio *= 0.89 / audio.abs().max()
    torch.testing.assert_close(limited(audio, RATE), audio, atol=1e-12, rtol=0)


def test_nothing_is_delayed_and_the_gain_turns_before_the_peak() -> None:
    audio = torch.full((2, 200), 0.5, dtype=torch.float64)
    audio[:, 100] = 5.0
    out = limited(audio, RATE, 0.0)
    assert int(out[0].argmax()) == 100
    assert float(out[0, 100]) == pytest.approx(1.0)
    gains = (out / audio)[0]
    assert gains[:95] == pytest.approx(1.0)
    assert bool((gains[95:101].diff() < 0).all())
    assert bool((gains[106:].diff() >= -1e-12).all())


def test_the_gain_comes_back_by_so_many_decibels_a_second() -> None:
    audio = torch.full((2, 300), 0.5, dtype=torch.float64)
    audio[:, 100] = 50.0
    gains = 20 * (limited(audio, RATE, 0.0) / audio)[0].log10()
    rise = gains[120:200].diff() * RATE
    torch.testing.assert_close(rise, torch.full_like(rise, limiter.RELEASE_DB), atol=1e-6, rtol=0)


def test_both_channels_have_one_gain() -> None:
    audio = noise(3, 300)
    quiet = torch.stack([audio[0], 0.1 * audio[0]])
    out = limited(quiet, RATE)
    torch.testing.assert_close(out[1], 0.1 * out[0])


@pytest.mark.parametrize("lufs", [-8.0, -14.0])
@pytest.mark.parametrize("task", ["singing", "drums"])
def test_a_loudness_is_reached(task: str, lufs: float) -> None:
    tracks = open_pool(task, "procedural").draw(Random(1), 132_300, 44_100).tracks
    audio = torch.stack(list(tracks.values())).sum(0)
    out, drive = to_loudness(audio, 44_100, lufs, -1.0)
    assert loudness(out, 44_100) == pytest.approx(lufs, abs=0.1)
    assert float(out.abs().max()) <= 10 ** (-1 / 20)
    assert drive >= lufs - loudness(audio, 44_100) - 1e-6


def test_peaks_that_are_too_tall_leave_a_recording_softer() -> None:
    clicks = torch.zeros(2, 88_200)
    clicks[:, ::8_820] = 0.5
    out, drive = to_loudness(clicks, 44_100, -8.0)
    assert loudness(out, 44_100) < -9
    assert drive == pytest.approx(-8.0 - loudness(clicks, 44_100) + MOST_DB)
    assert float(out.abs().max()) <= 10 ** (-1 / 20)


def test_a_loud_recording_is_turned_down() -> None:
    audio = torch.from_numpy(np.random.default_rng(0).uniform(-1, 1, (2, 44_100)))
    out, drive = to_loudness(audio, 44_100, -20.0)
    assert drive < 0
    torch.testing.assert_close(out, audio * 10 ** (drive / 20))


@pytest.mark.parametrize("samples", [0, 1, 44_100])
def test_silence_stays(samples: int) -> None:
    silence = torch.zeros(2, samples)
    out, drive = to_loudness(silence, 44_100, -8.0)
    assert torch.equal(out, silence)
    assert drive == 0
