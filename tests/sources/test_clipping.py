"""Flat tops are counted, and low tones have none."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphophone.sources.clipping import clipped_share
from graphophone.sources.singer import Singer

RATE = 44_100
TIME = np.arange(RATE) / RATE


def in_bits(audio: np.ndarray, bits: int) -> np.ndarray:
    scale = 2 ** (bits - 1) - 1
    return (np.round(audio * scale) / scale).astype(np.float32)


@pytest.mark.parametrize("bits", [16, 24])
@pytest.mark.parametrize("over_db", [0.5, 3.0, 12.0])
@pytest.mark.parametrize("later", [1.0, 0.2])
def test_a_clipped_tone_shows_the_share_that_arithmetic_gives(
    bits: int, over_db: float, later: float
) -> None:
    """A sine of amplitude A > 1 is above 1 for the share 1 - 2/pi asin(1/A) of the time."""
    amplitude = 10 ** (over_db / 20)
    clipped = np.clip(amplitude * np.sin(2 * np.pi * 97.3 * TIME), -1, 1)
    expected = 1 - 2 / np.pi * np.arcsin(1 / amplitude)
    assert clipped_share(in_bits(later * clipped, bits)) == pytest.approx(expected, rel=0.03)


@settings(deadline=None, derandomize=True)
@given(st.floats(20, 5_000), st.floats(0.01, 1.0), st.sampled_from((12, 16, 24)), st.floats(0, 6.3))
def test_a_tone_that_was_never_clipped_has_no_flat_tops(
    hertz: float, amplitude: float, bits: int, phase: float
) -> None:
    tone = in_bits(amplitude * np.sin(2 * np.pi * hertz * TIME + phase), bits)
    assert clipped_share(tone) == 0


@pytest.mark.parametrize("seed", range(3))
def test_a_voice_is_clipped_when_it_was(seed: int) -> None:
    voice = Singer("train").draw(Random(seed), 4 * RATE, RATE).tracks["voice"][0].numpy()
    assert clipped_share(in_bits(voice / np.abs(voice).max(), 16)) == 0
    loud = np.clip(voice / np.quantile(np.abs(voice), 0.98), -1, 1)
    assert 0.005 < clipped_share(in_bits(loud, 16)) < 0.03


def test_one_side_is_enough_and_silence_is_nothing() -> None:
    below = np.maximum(np.sin(2 * np.pi * 100 * TIME), -0.5).astype(np.float32)
    below[below > 0] *= 0.4
    assert clipped_share(below) == pytest.approx(1 / 3, rel=0.02)
    assert clipped_share(np.zeros(100, np.float32)) == 0
    assert clipped_share(np.ones(3, np.float32)) == 0
