"""Codecs leave each sample where it was, and lose more at lower bit rates."""

import sys
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pytest
import torch
from scipy.signal import butter, correlate, sosfilt
from torch import Tensor

from graphophone.audio.codecs import AAC_KBPS, MP3_KBPS, MP3_RATES, aac, mp3, mp3_bytes
from graphophone.errors import AudioError

Codec: TypeAlias = Callable[[Tensor, int, int], Tensor]
RATE = 44_100
CODECS = [(mp3, kbps) for kbps in MP3_KBPS] + [(aac, kbps) for kbps in AAC_KBPS]


@pytest.fixture(autouse=True)
def installed(request: pytest.FixtureRequest) -> None:
    """Skip what needs PyAV where it is missing."""
    given = getattr(request.node, "callspec", None)
    if given and given.params.get("codec") is aac:
        pytest.importorskip("av", reason="AAC needs PyAV (the extra 'codecs')")


def music(seconds: float, rate: int = RATE, seed: int = 0) -> Tensor:
    """Noise below 4 kHz that comes and goes, other in each channel."""
    samples = round(seconds * rate)
    noise = np.random.default_rng(seed).standard_normal((2, samples))
    swell = 0.2 + np.abs(np.sin(2 * np.pi * 1.3 * np.arange(samples) / rate))
    low = sosfilt(butter(4, 4_000, fs=rate, output="sos"), noise, axis=-1) * swell
    return torch.from_numpy(0.2 * low / np.abs(low).max()).float()


def lag(audio: Tensor, copy: Tensor) -> float:
    """By how many samples a copy is late, to a part of a sample (parabola at the peak)."""
    like = correlate(copy[0].double().numpy(), audio[0].double().numpy(), method="fft")
    top = int(like.argmax())
    before, peak, after = like[top - 1 : top + 2]
    return top - (audio.shape[-1] - 1) + 0.5 * (before - after) / (before - 2 * peak + after)


@pytest.mark.parametrize(("codec", "kbps"), CODECS)
def test_a_copy_is_aligned(codec: Codec, kbps: int) -> None:
    audio = music(1.5)
    copy = codec(audio, RATE, kbps)
    assert (copy.shape, copy.dtype) == (audio.shape, audio.dtype)
    assert abs(lag(audio, copy)) < 0.1


@pytest.mark.parametrize("rate", MP3_RATES)
@pytest.mark.parametrize("codec", [mp3, aac])
def test_a_copy_is_aligned_at_any_rate(codec: Codec, rate: int) -> None:
    audio = music(1.0, rate)
    assert abs(lag(audio, codec(audio, rate, 64))) < 0.1


@pytest.mark.parametrize("codec", [mp3, aac])
def test_less_is_left_at_lower_bit_rates(codec: Codec) -> None:
    audio = music(1.5)
    errors = [float((codec(audio, RATE, k) - audio).square().mean()) for k in (256, 128, 64)]
    assert errors[0] < 0.01 * float(audio.square().mean())
    assert 2 * errors[0] < errors[1]
    assert 2 * errors[1] < errors[2]


@pytest.mark.parametrize("kbps", MP3_KBPS)
def test_a_file_has_the_bit_rate_that_was_asked_for(kbps: int) -> None:
    size = len(mp3_bytes(music(4.0), RATE, kbps))
    assert size * 8 / 4.0 / 1_000 == pytest.approx(kbps, rel=0.03)


@pytest.mark.parametrize("samples", [0, 1, 576, 1_151, 1_152, 1_153, 30_001])
@pytest.mark.parametrize("kbps", [64, 192])
@pytest.mark.parametrize("codec", [mp3, aac])
def test_any_length_is_kept(codec: Codec, kbps: int, samples: int) -> None:
    assert codec(music(1.0)[:, :samples], RATE, kbps).shape == (2, samples)


@pytest.mark.parametrize("codec", [mp3, aac])
def test_an_end_is_not_lost(codec: Codec) -> None:
    """The last 20 ms sound, and they still do."""
    audio = torch.zeros(2, 30_001)
    audio[:, -882:] = music(0.02, seed=3) * 3
    copy = codec(audio, RATE, 256)[:, -882:]
    kept = float(copy.square().sum() / audio.square().sum())
    assert kept == pytest.approx(1.0, abs=0.2)


@pytest.mark.parametrize("codec", [mp3, aac])
def test_what_is_beyond_full_scale_is_not_clipped(codec: Codec) -> None:
    audio = music(1.0)
    loud, soft = codec(10 * audio, RATE, 256), codec(audio, RATE, 256)
    assert float(loud.abs().max()) > 1.5
    assert float((loud / 10 - soft).square().mean() / soft.square().mean()) < 0.01


@pytest.mark.parametrize("codec", [mp3, aac])
def test_a_copy_is_the_same_again(codec: Codec) -> None:
    audio = music(0.5)
    assert torch.equal(codec(audio, RATE, 128), codec(audio, RATE, 128))


@pytest.mark.parametrize("codec", [mp3, aac])
def test_silence_stays(codec: Codec) -> None:
    assert float(codec(torch.zeros(2, 20_000), RATE, 96).abs().max()) < 1e-4


@pytest.mark.parametrize(
    ("codec", "rate", "kbps", "message"),
    [
        (mp3, 96_000, 128, "MP3 has sample rates of 32000, 44100, 48000 Hz, got 96000"),
        (mp3, 44_100, 100, "MP3 is made at 64, 96, 128, 192, 256, 320 kbit/s, got 100"),
        (aac, 192_000, 128, "AAC has sample rates of 8000, .* 96000 Hz, got 192000"),
        (aac, 44_100, 32, "AAC is made at 64, 96, 128, 192, 256 kbit/s, got 32"),
    ],
)
def test_what_a_codec_does_not_know_is_refused(
    codec: Codec, rate: int, kbps: int, message: str
) -> None:
    with pytest.raises(AudioError, match=message):
        codec(music(0.1), rate, kbps)


def test_aac_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(AudioError, match=r"AAC needs PyAV, which is not installed: pip install"):
        aac(music(0.1), RATE, 128)
