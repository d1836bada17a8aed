"""A voice is heard where there is one: not in silence, noise or breath."""

from pathlib import Path
from random import Random

import numpy as np
import pytest
import scipy.signal
import soundfile
import soxr

from graphophone.sources.activity import FRAME_SECONDS, sounding, voiced
from graphophone.sources.clip import PERMISSIVE, Clip
from graphophone.sources.dry import numpy_rng
from graphophone.sources.singer import Note, sing
from graphophone.sources.voicebox import draw_voice
from graphophone.sources.voices import RecordedVoices

RATE = 44_100


def loud(audio: np.ndarray, level: float) -> np.ndarray:
    """Bring audio to an RMS value."""
    return (level * audio / np.sqrt(np.square(audio).mean())).astype(np.float32)


def band(low: float, high: float, seconds: float, level: float, seed: int = 0) -> np.ndarray:
    """Noise of a band: a breath."""
    noise = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    sections = scipy.signal.butter(2, (low, high), "bandpass", fs=RATE, output="sos")
    filtered = scipy.signal.sosfilt(sections, noise)
    return loud(filtered, level)


def note(pitch: int, seconds: float, seed: int = 0) -> np.ndarray:
    voice = draw_voice(Random(seed), "train")
    sung = Note(0.0, seconds, pitch, next(iter(voice.vowels)), "none", 1.0)
    audio = sing(voice, [sung], round(seconds * RATE), numpy_rng(Random(seed)))
    return loud(audio, 0.1)


def at(frames: np.ndarray, start: float, end: float) -> np.ndarray:
    return frames[round(start / FRAME_SECONDS) + 1 : round(end / FRAME_SECONDS) - 1]


@pytest.mark.parametrize("pitch", [45, 57, 69, 81])
@pytest.mark.parametrize("rate", [16_000, 24_000, 44_100])
def test_notes_are_voiced_and_rests_are_not(pitch: int, rate: int) -> None:
    tone = note(pitch, 1.5)
    rest = np.zeros(round(1.5 * RATE), np.float32)
    audio = soxr.resample(np.concatenate((tone, rest, tone)), RATE, rate)
    frames = voiced(audio, rate)
    assert len(frames) == round(4.5 / FRAME_SECONDS)
    assert at(frames, 0.1, 1.3).mean() > 0.9
    assert not at(frames, 1.65, 3.0).any()
    assert at(frames, 3.1, 4.3).mean() > 0.9


@pytest.mark.parametrize("limits", [(500, 5_000), (300, 3_000), (1_000, 2_500), (200, 1_200)])
@pytest.mark.parametrize("level", [0.1, 0.01])
def test_a_breath_is_not_voiced_however_loud(limits: tuple[float, float], level: float) -> None:
    breath = band(*limits, 2.0, level)
    frames = voiced(np.concatenate((note(60, 2.0), breath, note(64, 2.0))), RATE)
    assert at(frames, 2.2, 4.0).mean() < 0.05
    assert at(frames, 0.1, 1.8).mean() > 0.9
    assert sounding(np.concatenate((note(60, 2.0), breath)), RATE)[42:78].mean() > 0.9


@pytest.mark.parametrize("level", [1e-4, 0.01, 0.1])
def test_noise_rumble_and_silence_alone_have_no_voice(level: float) -> None:
    rng = np.random.default_rng(1)
    white = loud(rng.standard_normal(2 * RATE), level)
    brown = loud(np.cumsum(rng.standard_normal(2 * RATE)), level)
    assert voiced(white, RATE).mean() < 0.02
    assert voiced(brown, RATE).mean() < 0.1
    assert not voiced(np.zeros(2 * RATE, np.float32), RATE).any()
    none = np.zeros(0, np.float32)
    assert len(voiced(none, RATE)) == len(sounding(none, RATE)) == 0


def test_a_knock_does_not_hide_a_voice() -> None:
    """One frame as loud as can be is no measure of how loud a voice is."""
    audio = np.concatenate((0.03 * note(60, 3.0), np.zeros(RATE, np.float32)))
    audio += loud(np.random.default_rng(2).standard_normal(len(audio)), 1e-4)
    audio[3 * RATE + 20_000 :][:2_000] = band(50, 5_000, 2_000 / RATE, 0.7)
    frames = voiced(audio, RATE)
    assert at(frames, 0.1, 2.8).mean() > 0.9
    assert at(frames, 3.1, 4.0).mean() < 0.15


def test_hum_between_notes_is_no_voice_though_it_has_a_pitch() -> None:
    rest = np.zeros(RATE, np.float32)
    audio = np.concatenate((note(60, 2.0), rest, note(64, 2.0)))
    time = np.arange(len(audio)) / RATE
    audio += (0.004 * np.sin(2 * np.pi * 200 * time)).astype(np.float32)
    frames = voiced(audio, RATE)
    assert at(frames, 0.1, 1.8).mean() > 0.9
    assert not at(frames, 2.1, 3.0).any()


def test_consonants_between_vowels_belong_to_the_voice() -> None:
    audio = np.concatenate((note(60, 1.0), band(3_000, 8_000, 0.1, 0.03), note(60, 1.0)))
    assert voiced(audio, RATE)[4:38].all()


def test_segments_are_cut_where_the_voice_sings(tmp_path: Path) -> None:
    """Half of this file is breath at the level of the voice: no segment may lie in it."""
    breath = band(500, 5_000, 20.0, 0.1)
    audio = np.concatenate((breath, note(60, 8.0), breath))
    path = tmp_path / "a.wav"
    soundfile.write(path, audio, RATE)
    pool = RecordedVoices([Clip(path, "a.wav", "singing", "ann", "", PERMISSIVE, "")])
    for seed in range(20):
        (piece,) = pool.draw(Random(seed), 3 * RATE, RATE).provenance["pieces"]
        assert 18 < piece["seconds"] < 27
