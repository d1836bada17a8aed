"""True bandwidth: cliffs are found where they were made, and slopes are none."""

from random import Random

import numpy as np
import pytest
import scipy.signal
import soxr

from graphophone.sources.bandwidth import bandwidth
from graphophone.sources.singer import Singer

RATE = 44_100


def voice(seed: int, seconds: float = 4.0) -> np.ndarray:
    tracks = Singer("train").draw(Random(seed), round(seconds * RATE), RATE).tracks
    return tracks["voice"][0].numpy()


def at_16_bits(audio: np.ndarray) -> np.ndarray:
    return (np.round(audio * 32_767) / 32_767).astype(np.float32)


def narrow(audio: np.ndarray, rate: int) -> np.ndarray:
    """Take audio down to a rate and back up, as who buys a larger file does."""
    return soxr.resample(soxr.resample(audio, RATE, rate), rate, RATE).astype(np.float32)


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 32_000])
@pytest.mark.parametrize("gain", [1.0, 0.1])
def test_noise_that_was_resampled_ends_where_it_did(rate: int, gain: float) -> None:
    noise = 0.1 * np.random.default_rng(0).standard_normal(2 * RATE).astype(np.float32)
    heard = bandwidth(at_16_bits(gain * narrow(noise, rate)), RATE)
    assert 0.9 * rate / 2 - 200 < heard < rate / 2 + 300  # the resampler's own slope begins at 0.9


@pytest.mark.parametrize("seed", range(4))
def test_a_voice_that_was_resampled_is_found(seed: int) -> None:
    assert bandwidth(at_16_bits(narrow(voice(seed), 8_000)), RATE) < 4_400


@pytest.mark.parametrize("seed", range(4))
def test_a_voice_as_it_was_recorded_is_whole(seed: int) -> None:
    assert bandwidth(at_16_bits(voice(seed)), RATE) > 12_000


@pytest.mark.parametrize("order", [1, 2])
def test_dull_is_not_narrow(order: int) -> None:
    noise = np.random.default_rng(1).standard_normal(2 * RATE)
    sections = scipy.signal.butter(order, 3_000, fs=RATE, output="sos")
    dull = 0.1 * scipy.signal.sosfilt(sections, noise).astype(np.float32)
    assert bandwidth(dull, RATE) == RATE / 2


def test_a_pure_tone_a_short_file_and_silence_have_no_cliff() -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE).astype(np.float32)
    assert bandwidth(tone, RATE) == RATE / 2
    assert bandwidth(tone[:100], RATE) == RATE / 2
    assert bandwidth(np.zeros(RATE, np.float32), RATE) == RATE / 2


def test_noise_above_the_cliff_means_a_chain_that_goes_further() -> None:
    """A microphone's own noise was recorded at the full rate: the file is what it says."""
    rng = np.random.default_rng(2)
    speech = narrow(0.1 * rng.standard_normal(2 * RATE).astype(np.float32), 8_000)
    assert bandwidth(speech, RATE) < 4_400
    hiss = 0.005 * rng.standard_normal(2 * RATE).astype(np.float32)
    assert bandwidth(speech + hiss, RATE) == RATE / 2


def test_a_gap_is_no_end() -> None:
    """What comes back above a gap was not cut off by a rate."""
    noise = 0.1 * np.random.default_rng(3).standard_normal(4 * RATE)
    spectrum = np.fft.rfft(noise)
    hertz = np.fft.rfftfreq(len(noise), 1 / RATE)
    spectrum[(hertz > 4_000) & (hertz < 8_000)] *= 1e-4
    gapped = np.fft.irfft(spectrum).astype(np.float32)
    assert bandwidth(gapped, RATE) == RATE / 2
