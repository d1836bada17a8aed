"""Signals on disk, what is drawn of them and what is measured."""

import struct
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from graphophone.studio import pictures
from graphophone.studio.measures import CENTRES, difference, loudest, measured, octaves
from graphophone.studio.signals import Signal, SignalWriter, wav_bytes, wav_header
from tests.studio.conftest import RATE, noise


def stored(folder: Path, audio: torch.Tensor, rate: int = RATE) -> Signal:
    writer = SignalWriter(folder / "signal.f32", rate)
    for block in audio.split(1_000, 1):
        writer.write(block)
    return writer.finish("a signal", ["a note"])


def sine(
    frequency: float, seconds: float = 1.0, rate: int = 44_100, peak: float = 0.5
) -> torch.Tensor:
    time = torch.arange(round(seconds * rate)) / rate
    return peak * torch.sin(2 * torch.pi * frequency * time).expand(2, -1)


def test_a_signal_is_what_was_written(tmp_path: Path) -> None:
    audio = noise()
    signal = stored(tmp_path, audio)
    np.testing.assert_array_equal(signal.read(0, 10**9), audio.numpy().T)
    np.testing.assert_array_equal(signal.read(15_990, 100), audio.numpy().T[15_990:])
    assert signal.read(RATE, 5).shape == (0, 2)
    torch.testing.assert_close(torch.cat(list(signal.blocks(size=777)), 1), audio)
    assert signal.level_db == pytest.approx(-20, abs=0.1)
    assert Signal.from_json(signal.to_json(), tmp_path) == signal


def test_its_wav_file_is_read_by_others(tmp_path: Path) -> None:
    signal = stored(tmp_path, noise(0.1))
    size = len(wav_header(signal.samples, RATE)) + 8 * signal.samples
    whole = wav_bytes(signal.path, signal.samples, RATE, 0, size - 1)
    assert len(whole) == size
    assert struct.unpack("<I", whole[4:8])[0] == size - 8
    samples, rate = soundfile.read(BytesIO(whole), dtype="float32")
    assert rate == RATE
    np.testing.assert_array_equal(samples, signal.read(0, 10**9))


def test_peaks_are_the_largest_magnitudes(tmp_path: Path) -> None:
    audio = noise()
    audio[1, 5_000] = -0.9
    found = pictures.peaks(stored(tmp_path, audio), 100)
    expected = audio.abs().amax(0).reshape(100, -1).amax(1)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_tone_is_a_line_in_the_spectrogram(tmp_path: Path) -> None:
    columns = pictures.mel_columns(stored(tmp_path, sine(1_000, 20.0), 44_100), 200)
    rows = columns.argmax(0)
    assert len(set(rows[2:-2])) == 1
    higher = pictures.mel_columns(stored(tmp_path, sine(2_000, 1.0), 44_100), 50)
    assert higher.argmax(0)[10] > rows[10]


def test_a_tone_has_its_power_in_its_octave() -> None:
    for frequency in (125.0, 1_000.0, 8_000.0):
        powers = octaves(sine(frequency).numpy().T.copy(), 44_100)
        assert CENTRES[int(powers.argmax())] == frequency
        assert powers.sum() == pytest.approx(2 * 0.5**2 / 2, rel=0.01)  # of both channels


def test_loudness_and_width() -> None:
    tone = sine(1_000, 2.0, 48_000, 10 ** (-23 / 20)).numpy().T.copy()
    found = measured(tone, 48_000)
    assert found.lufs == pytest.approx(-23.0, abs=0.1)
    assert found.width_db is not None
    assert found.width_db < -90
    assert measured(np.zeros((4_800, 2), np.float32), 48_000).to_json()["lufs"] is None


def test_differences_are_what_was_done() -> None:
    sound = noise().numpy().T.copy()
    half = difference(sound, sound * np.float32(0.5), RATE)
    assert half["level_db"] == pytest.approx(-6.0, abs=0.05)
    assert half["residual_db"] == pytest.approx(-6.0, abs=0.05)
    assert half["bands"][:-1] == pytest.approx([-6.0] * 9, abs=0.05)
    assert half["bands"][-1] is None, "there is nothing above half the rate"
    assert difference(sound, sound, RATE)["residual_db"] < -100


def test_the_loudest_moment_is_found(tmp_path: Path) -> None:
    audio = noise(30.0, gain=0.01)
    audio[:, 15 * RATE : 20 * RATE] *= 10
    assert 10 <= loudest(stored(tmp_path, audio)) / RATE <= 15
