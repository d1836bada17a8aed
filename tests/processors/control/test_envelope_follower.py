"""Envelope follower: against a sample-by-sample loop, and against its time constants."""

import math

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor

from graphophone.processors.control.envelope_follower import envelope_follower

Array = npt.NDArray[np.float64]


def knob(value: float, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.full((1, 1, 1), value, dtype=dtype)


def run(audio: Tensor, *, attack: float, release: float, gain: float = 1.0, rate: int) -> Tensor:
    d = audio.dtype
    return envelope_follower(
        audio,
        attack=knob(attack, d),
        release=knob(release, d),
        gain=knob(gain, d),
        sample_rate=rate,
    ).env


def by_hand(audio: Array, *, attack: float, release: float, gain: float, rate: int) -> Array:
    window = round(0.01 * rate)
    level, out = 0.0, np.empty(audio.shape[-1])
    for t in range(audio.shape[-1]):
        peak = np.abs(audio[:, max(0, t - window + 1) : t + 1]).max()
        alpha = math.exp(-1 / ((attack if peak > level else release) * rate))
        level = alpha * level + (1 - alpha) * peak
        out[t] = gain * level
    return out


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
@pytest.mark.parametrize(("attack", "release"), [(0.001, 0.3), (0.1, 0.01), (0.02, 0.02)])
def test_equals_the_loop_written_by_hand(dtype: torch.dtype, attack: float, release: float) -> None:
    generator = torch.Generator().manual_seed(0)
    swell = torch.sin(torch.linspace(0, 9, 2_000, dtype=torch.float64)) ** 2
    audio = swell * torch.randn(1, 2, 2_000, generator=generator, dtype=torch.float64)
    settings = {"attack": attack, "release": release, "gain": 2.5}
    expected = torch.from_numpy(by_hand(audio[0].numpy(), **settings, rate=8_000))
    actual = run(audio.to(dtype), **settings, rate=8_000)[0, 0].double()
    assert (actual - expected).norm() < 1e-5 * expected.norm()


@pytest.mark.parametrize("rate", [8_000, 44_100, 192_000])
def test_reaches_63_percent_in_its_attack_at_any_rate(rate: int) -> None:
    audio = torch.full((1, 2, round(0.1 * rate)), 0.5, dtype=torch.float64)
    envelope = run(audio, attack=0.05, release=1, rate=rate)
    reached = envelope[0, 0, round(0.05 * rate) - 1].item()
    assert reached == pytest.approx(0.5 * (1 - math.exp(-1)), rel=1e-6)


def test_follows_the_louder_channel_whatever_its_polarity() -> None:
    audio = torch.tensor([[0.1], [-0.8]], dtype=torch.float64).expand(1, 2, 800).contiguous()
    envelope = run(audio, attack=0.001, release=0.1, rate=8_000)
    assert envelope.shape == (1, 1, 800)
    assert envelope[0, 0, -1].item() == pytest.approx(0.8)


def test_a_steady_tone_has_a_steady_envelope() -> None:
    """The peak is held for half a period of 50 Hz, so that nothing ripples at audio rate."""
    time = torch.arange(8_000, dtype=torch.float64) / 8_000
    tone = torch.cos(2 * math.pi * 100 * time).expand(1, 2, -1).contiguous()
    settled = run(tone, attack=0.01, release=0.01, rate=8_000)[..., 4_000:]
    assert settled.min().item() == pytest.approx(1, abs=1e-6)


def test_long_silence_ends_at_zero() -> None:
    audio = torch.zeros(1, 2, 40_000)
    audio[..., 0] = 1
    assert run(audio, attack=0.001, release=0.01, rate=8_000)[0, 0, -1] == 0
