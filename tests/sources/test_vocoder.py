"""A voice taken apart and put together: pitch, envelope, noise."""

import builtins
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import scipy.signal

from graphophone.dsp.pulses import train
from graphophone.errors import UsageError
from graphophone.sources.envelope import aperiodicity, envelopes, running_mean
from graphophone.sources.pitch import HOP, fundamental
from graphophone.sources.vocoder import BLOCK, Analyser, Analysis, analyse, synthesise
from graphophone.sources.world import world_analysis

RATE = 44_100
Array = npt.NDArray[np.float64]


def vowel(hertz: Array, formants: tuple[float, ...] = (600, 1_200, 2_500)) -> Array:
    """Pulses at a moving pitch through resonators: what the analysis has to find."""
    phase = np.cumsum(hertz / RATE)
    source = np.diff(np.floor(phase), prepend=0.0)
    for formant in formants:
        radius = np.exp(-np.pi * 90 / RATE)
        poles = [1, -2 * radius * np.cos(2 * np.pi * formant / RATE), radius**2]
        source = scipy.signal.lfilter([sum(poles)], poles, source)
    return np.asarray(source / np.abs(source).max() * 0.3)


def glide(low: float, high: float, seconds: float = 0.8) -> Array:
    return np.geomspace(low, high, round(seconds * RATE))


def still(analysis: Analysis, hertz: float, frame: float, **how: Any) -> Array:
    """Half a second of one frame at one pitch."""
    blocks = RATE // 2 // BLOCK
    places, pitch = np.full(blocks, frame), np.full(blocks, hertz)
    rng = np.random.default_rng(0)
    made = synthesise(analysis, places, pitch, blocks * BLOCK, RATE, rng, **how)
    return made.astype(np.float64)


def test_pulses_lie_between_samples_and_are_read_at_a_stretch() -> None:
    """A response that is a straight line keeps being one wherever its pulse begins."""
    responses = np.stack((np.zeros(64), np.arange(64) * 100, np.arange(64) * 200)).astype(np.int16)
    for stretch in (0.5, 1.0, 1.25):
        out = np.zeros(100, np.float32)
        train(
            out,
            np.array([10.25]),
            np.ones(1, np.float32),
            np.array([1], np.int32),
            np.array([2], np.int32),
            np.array([0.5], np.float32),
            responses,
            np.ones(3, np.float32),
            stretch,
        )
        count = int(40 / stretch)
        expected = 150 * stretch * (np.arange(11, 11 + count) - 10.25)
        inner = slice(int(2 / stretch), min(count, 85))
        np.testing.assert_allclose(out[11 : 11 + count][inner], expected[inner], rtol=1e-4)
        assert not out[:11].any()


@pytest.mark.parametrize(("low", "high"), [(80, 110), (150, 260), (300, 620)])
def test_the_fundamental_is_followed(low: float, high: float) -> None:
    hertz = glide(low, high)
    found = fundamental(vowel(hertz), RATE)
    inner = slice(12, len(found) - 12)
    cents = 1_200 * np.log2(found[inner] / hertz[::HOP][inner])
    assert np.abs(cents).max() < 25


def test_noise_and_silence_have_no_fundamental() -> None:
    noise = np.random.default_rng(0).standard_normal(RATE // 2) * 0.1
    assert not fundamental(np.concatenate((noise, np.zeros(RATE // 4))), RATE).any()


def test_a_running_mean_equals_its_definition() -> None:
    row = np.random.default_rng(0).random((1, 201)).astype(np.float32)
    wide = np.concatenate((row[0, 64:0:-1], row[0], row[0, -2:-66:-1]))
    expected = np.convolve(wide, np.ones(11) / 11, "same")[64:-64]
    np.testing.assert_allclose(running_mean(row, np.array([11.0]))[0], expected, rtol=1e-5)


def test_envelopes_have_formants_and_no_harmonics() -> None:
    samples = vowel(np.full(RATE // 2, 140.0))
    hertz = np.full(1 + (len(samples) - 1) // HOP, 140.0)
    level = 10 * np.log10(envelopes(samples, hertz, RATE)[50])
    frequency = np.arange(len(level)) * RATE / 2_048
    peaks, _ = scipy.signal.find_peaks(level[frequency < 3_000], prominence=3)
    np.testing.assert_allclose(frequency[peaks], (600, 1_200, 2_500), atol=70)  # half of 140


def test_what_repeats_is_told_from_noise() -> None:
    hertz = np.full(RATE // 2, 180.0)
    frames = np.full(1 + (len(hertz) - 1) // HOP, 180.0)
    noise = np.random.default_rng(0).standard_normal(len(hertz))
    pulses = np.diff(np.floor(np.cumsum(hertz / RATE)), prepend=0.0) * np.sqrt(RATE / 180)
    for share in (0.0, 0.5, 1.0):
        mixed = np.sqrt(1 - share) * pulses + np.sqrt(share) * noise
        measured = aperiodicity(mixed, frames, RATE)[20:-20, 20:900].mean()
        assert measured == pytest.approx(share, abs=0.12)
    assert (aperiodicity(noise, 0 * frames, RATE) == 1).all()


def analysers() -> list[Any]:
    try:
        import pyworld  # noqa: F401
    except ImportError:
        missing = pytest.mark.skip("pyworld is not installed: pip install 'graphophone[world]'")
        return [analyse, pytest.param(world_analysis, marks=missing)]
    return [analyse, world_analysis]


@pytest.fixture(params=analysers())
def analyser(request: pytest.FixtureRequest) -> Analyser:
    chosen: Analyser = request.param
    return chosen


def test_a_voice_sounds_again_as_it_was(analyser: Analyser) -> None:
    """Pitch, level and envelope of what is put together are those of what was taken apart."""
    hertz = glide(140, 210)
    samples = vowel(hertz)
    analysis = analyser(samples, RATE)
    places = (np.arange(len(samples) // BLOCK) + 0.5) * BLOCK / HOP
    rng = np.random.default_rng(0)
    made = synthesise(analysis, places, hertz[::BLOCK], len(samples), RATE, rng).astype(np.float64)
    inner = slice(20, len(analysis.hertz) - 20)
    voiced = hertz[::HOP]
    found = fundamental(made, RATE)
    assert np.abs(1_200 * np.log2(found[inner] / voiced[inner])).max() < 20
    before, after = (envelopes(x, voiced, RATE)[inner, 5:140] for x in (samples, made))
    error = 10 * np.log10(after / before)
    assert np.sqrt(np.square(error).mean()) < 2.0
    assert abs(error.mean()) < 0.5


def test_pitch_is_as_wanted_and_formants_stay_or_move_as_asked(analyser: Analyser) -> None:
    analysis = analyser(vowel(glide(150, 152, 0.5)), RATE)
    heights = []
    for factor in (0.85, 1.0, 1.2):
        made = still(analysis, 100.0, 45.0, formants=factor)
        frames = np.full(1 + (len(made) - 1) // HOP, 100.0)
        assert np.median(fundamental(made, RATE)[10:-10]) == pytest.approx(100, rel=0.003)
        level = 10 * np.log10(envelopes(made, frames, RATE)[40:60].mean(0))
        frequency = np.arange(len(level)) * RATE / 2_048
        peaks, _ = scipy.signal.find_peaks(level[frequency < 3_300], prominence=4)
        np.testing.assert_allclose(
            frequency[peaks], factor * np.array((600, 1_200, 2_500)), rtol=0.06
        )
        heights.append(float(level[peaks].mean()))
    assert heights == pytest.approx([heights[1]] * 3, abs=0.9)


def test_unvoiced_sounds_do_not_buzz(analyser: Analyser) -> None:
    """Noise put together at a pitch does not repeat at that pitch."""
    noise = np.random.default_rng(1).standard_normal(RATE // 2) * 0.1
    made = still(analyser(noise, RATE), 200.0, 40.0)
    likeness = scipy.signal.correlate(made, made, "full", "fft")[len(made) - 1 :]
    assert abs(likeness[round(RATE / 200)]) < 0.05 * likeness[0]
    assert np.sqrt(np.mean(made**2)) == pytest.approx(0.1, rel=0.25)


def test_nothing_clicks_where_voice_and_noise_meet() -> None:
    rng = np.random.default_rng(2)
    hiss = rng.standard_normal(RATE // 5) * 0.03
    samples = np.concatenate((hiss, vowel(glide(150, 180, 0.3)), hiss))
    analysis = analyse(samples, RATE)
    blocks = 3 * len(samples) // BLOCK
    places = np.linspace(0, len(analysis.rows) - 1, blocks)
    made = synthesise(
        analysis, places, glide(200, 400, 1)[:: RATE // blocks][:blocks], blocks * BLOCK, RATE, rng
    )
    bend = np.abs(np.diff(made.astype(np.float64), 2))
    usual = np.sqrt(scipy.ndimage.uniform_filter1d(bend**2, 4_410)) + 1e-5
    source = np.abs(np.diff(samples, 2))
    peak = (source / (np.sqrt(scipy.ndimage.uniform_filter1d(source**2, 4_410)) + 1e-5)).max()
    assert (bend / usual).max() < 1.5 * peak


def test_breath_is_the_noise_in_a_voice() -> None:
    noisy = vowel(glide(150, 152, 0.5)) + 0.03 * np.random.default_rng(0).standard_normal(22_050)
    analysis = analyse(noisy, RATE)
    floors = []
    for breath in (0.0, 1.0, 2.0):
        spectrum = np.abs(np.fft.rfft(still(analysis, 150.0, 45.0, breath=breath)))
        floors.append(float(np.mean(np.square(spectrum[4_000:8_000]))))
    assert all(a < b for a, b in pairwise(floors))


def test_world_is_asked_for_by_name_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "pyworld":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(UsageError, match="WORLD needs the package pyworld: pip install 'grapho"):
        world_analysis(np.zeros(RATE), RATE)
