"""What lies between a dry and a wet recording beside a graph is found where it was planted."""

import pytest
import torch
from scipy.signal import resample_poly

from graphophone.fitting.alignment import Alignment, align, warped
from tests.fitting.planted import RATE, chain, performance, wet_of

DRY = performance(3.0)


@pytest.mark.parametrize("delay", [-400, 0, 3, 9, 57, 1_234, 9_000])
@pytest.mark.parametrize("inverted", [False, True])
def test_a_planted_delay_and_polarity_are_found_to_the_sample(delay: int, inverted: bool) -> None:
    wet = warped(DRY, Alignment(delay), DRY.shape[1] + 4_000)
    found = align(DRY, -wet if inverted else wet, RATE)
    assert (found.delay, found.inverted, found.drift_ppm) == (delay, inverted, 0.0)


def test_a_planted_gain_is_found() -> None:
    assert align(DRY, DRY * 0.25, RATE).gain_db == pytest.approx(-12.0412, abs=1e-3)


@pytest.mark.parametrize(("delay", "ppm"), [(0, 200.0), (700, -120.0)])
def test_a_planted_drift_is_found_to_a_twentieth_and_taken_out(delay: int, ppm: float) -> None:
    wet = warped(DRY, Alignment(delay, drift_ppm=ppm), DRY.shape[1])
    found = align(DRY, wet, RATE)
    assert found.delay == pytest.approx(delay, abs=1)
    assert found.drift_ppm == pytest.approx(ppm, rel=0.05)
    straight = warped(DRY, found, DRY.shape[1])[:, delay + 100 : -100]
    error = (straight - wet[:, delay + 100 : -100]).norm() / wet.norm()
    assert error < 0.2


def test_reading_between_samples_agrees_with_resampling() -> None:
    """Stretched by a thousandth, as SciPy's polyphase filter does it."""
    slow = DRY[:, :20_000]
    slow = torch.from_numpy(resample_poly(slow.numpy(), 1, 2, axis=1)).float()
    slow = torch.from_numpy(resample_poly(slow.numpy(), 2, 1, axis=1)).float()  # room above
    expected = torch.from_numpy(resample_poly(slow.numpy(), 1_001, 1_000, axis=1)).float()
    actual = warped(slow, Alignment(drift_ppm=1_000.0), expected.shape[1])
    inside = slice(200, -200)
    error = (actual - expected)[:, inside].norm() / expected[:, inside].norm()
    assert error < 0.01


@pytest.mark.parametrize(
    "graph",
    [
        chain("lowpass", lowpass_frequency=400.0),
        chain("highpass4", highpass4_frequency=900.0),
        chain("mono_delay", mono_delay_mix=0.9, mono_delay_delay=0.2, mono_delay_feedback=0.5),
        chain("stereo_reverb", stereo_reverb_mix=0.9),
        chain("chorus", chorus_mix=0.7),
        chain("distortion", distortion_gain=36.0),
        chain("pitchshift", pitchshift_semitone=5.0),
    ],
    ids=str,
)
def test_what_an_effect_does_is_no_delay_and_no_drift(graph: object) -> None:
    found = align(DRY, wet_of(graph, DRY), RATE)  # type: ignore[arg-type]
    assert (found.delay, found.drift_ppm) == (0, 0.0)


def test_a_delay_is_found_behind_effects() -> None:
    wet = wet_of(chain("bell", "compressor", "mono_reverb"), DRY)
    late = warped(wet, Alignment(500), wet.shape[1] + 500)
    assert align(DRY, late, RATE).delay == pytest.approx(500, abs=2)


def test_it_says_what_it_found() -> None:
    assert Alignment().sentence(RATE) == ""
    said = Alignment(delay=160, inverted=True, drift_ppm=12.0).sentence(RATE)
    assert said == "the wet recording is 10.00 ms late, inverted in polarity, drifting by +12.0 ppm"
    assert "early" in Alignment(delay=-160).sentence(RATE)
