"""Files in blocks: what is read and written is what whole files give, faults included."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from torch import Tensor

from graphophone.audio import blocks
from graphophone.audio.blocks import check_output, together, track, writer
from graphophone.audio.files import read, resample, write
from graphophone.audio.level import active_rms_db
from graphophone.errors import AudioError

RATE = 8_000


def noise(samples: int, channels: int = 2, gain: float = 0.2) -> Tensor:
    generator = torch.Generator().manual_seed(samples)
    return (gain * torch.randn(channels, samples, generator=generator)).clamp(-1, 1)


def save(path: Path, audio: Tensor, rate: int = RATE, subtype: str | None = None) -> Path:
    soundfile.write(path, audio.numpy().T, rate, subtype=subtype)
    return path


def whole(path: Path, rate: int | None = None) -> Tensor:
    with track(path) as opened:
        parts = [*opened.blocks(rate or opened.rate)]
    assert {part.shape[1] for part in parts[:-1]} <= {blocks.BLOCK}
    return torch.cat(parts, 1)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".aiff", ".ogg", ".mp3"])
def test_blocks_are_the_file(tmp_path: Path, suffix: str) -> None:
    path = save(tmp_path / f"take{suffix}", noise(40_000))
    torch.testing.assert_close(whole(path), read(path).audio, rtol=0, atol=1e-6)


@pytest.mark.parametrize("channels", [1, 2, 3, 6])
def test_blocks_are_mixed_down(tmp_path: Path, channels: int) -> None:
    path = save(tmp_path / "take.wav", noise(20_000, channels), subtype="FLOAT")
    expected = read(path)
    torch.testing.assert_close(whole(path), expected.audio, rtol=0, atol=1e-6)
    with track(path) as opened:
        assert (opened.notes, opened.rate, opened.claim) == (expected.notes, RATE, 20_000)


@pytest.mark.parametrize("rate", [8_001, 11_025, 16_000, 44_100, 192_000])
@pytest.mark.parametrize("samples", [1, 40_001])
def test_blocks_are_resampled_as_the_whole(tmp_path: Path, rate: int, samples: int) -> None:
    path = save(tmp_path / "take.wav", noise(samples))
    expected = resample(read(path).audio, RATE, rate)
    torch.testing.assert_close(whole(path, rate), expected, rtol=0, atol=1e-6)
    path = save(tmp_path / "high.wav", noise(samples), rate)
    torch.testing.assert_close(
        whole(path, RATE), resample(read(path).audio, rate, RATE), rtol=0, atol=1e-6
    )


def test_silence_follows_what_ends_first(tmp_path: Path) -> None:
    audio = {"a": noise(40_000), "b": noise(300), "c": noise(blocks.BLOCK)}
    files = {name: save(tmp_path / f"{name}.wav", x) for name, x in audio.items()}
    with track(files["a"]) as a, track(files["b"]) as b, track(files["c"]) as c:
        parts = [*together({"a": a, "b": b, "c": c}, RATE)]
    for name, path in files.items():
        clip = read(path).audio
        expected = torch.nn.functional.pad(clip, (0, 40_000 - clip.shape[1]))
        assert torch.equal(torch.cat([part[name] for part in parts], 1), expected)


def test_what_ffmpeg_decodes_lies_on_disk_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path / "take.wav", noise(20_000), subtype="FLOAT").rename(tmp_path / "take.m4a")
    stand_in = tmp_path / "ffmpeg"
    stand_in.write_text('#!/bin/sh\nfor last; do :; done; cp "$4" "$last"\n')
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with track(tmp_path / "take.m4a") as opened:
        for _ in range(2):
            assert torch.equal(torch.cat([*opened.blocks(RATE)], 1), noise(20_000))
    assert not opened.source.exists()
    assert opened.path.exists()


def late(value: float) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        audio = noise(40_000)
        audio[1, 39_999] = value
        save(path, audio, subtype="FLOAT")

    return make


def cut(path: Path) -> None:
    save(path, noise(40_000))
    path.write_bytes(path.read_bytes()[:100_000])


@pytest.mark.parametrize(
    "make",
    [
        lambda path: None,
        lambda path: path.mkdir(),
        lambda path: path.touch(),
        lambda path: path.write_text("this is a shopping list, not a song"),
        lambda path: save(path, torch.zeros(2, 0)),
        lambda path: save(path, torch.zeros(2, 30_000)),
        lambda path: save(path, noise(100), 4_000),
        late(float("nan")),
        late(float("inf")),
        cut,
    ],
)
def test_faults_are_told_in_the_same_words(tmp_path: Path, make: Callable[[Path], object]) -> None:
    path = tmp_path / "take.wav"
    make(path)
    with pytest.raises(AudioError) as at_once:
        read(path)
    with pytest.raises(AudioError) as in_blocks:
        whole(path)
    assert str(in_blocks.value) == str(at_once.value)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".aiff", ".ogg"])
@pytest.mark.parametrize("gain", [0.2, 3.0])
def test_the_file_is_what_is_written_at_once(tmp_path: Path, suffix: str, gain: float) -> None:
    audio = gain * noise(40_000, gain=0.25)
    (tmp_path / "new").mkdir()
    paths = tmp_path / f"take{suffix}", tmp_path / "new" / f"take{suffix}"
    faults = []
    for path in paths:
        try:
            if path is paths[0]:
                write(path, audio, RATE)
                continue
            with writer(path, RATE, 40_000) as file:
                for start in range(0, 40_000, 15_000):
                    file.write(audio[:, start : start + 15_000])
                assert file.finish(lambda done, total: None) == ()
                assert file.samples == 40_000
                assert file.meter.rms_db() == pytest.approx(active_rms_db(audio, RATE), abs=1e-9)
        except AudioError as fault:
            faults.append(str(fault).replace(str(path), "it"))
    if suffix != ".wav" and gain > 1:
        assert len(faults) == 2
        assert faults[0] == faults[1]
        assert not [path for path in tmp_path.rglob("*") if path.is_file()]
        return
    infos = [soundfile.info(path) for path in paths]
    assert infos[0].subtype == infos[1].subtype
    if suffix != ".ogg":
        assert np.array_equal(*(soundfile.read(path, dtype="int32")[0] for path in paths))
    assert [path.name for path in (tmp_path / "new").iterdir()] == [f"take{suffix}"]


def test_what_wav_cannot_count_is_written_as_rf64(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "MOST_BYTES", 100_000)
    path, audio = tmp_path / "take.wav", noise(40_000)
    with writer(path, RATE, 40_000) as file:
        file.write(audio)
        assert file.finish(lambda done, total: None) == (
            "take.wav: more than WAV can count, written as RF64",
        )
    assert path.read_bytes()[:4] == b"RF64"
    torch.testing.assert_close(read(path).audio, audio, rtol=0, atol=2**-23)
    with (
        pytest.raises(AudioError, match=r"take\.aiff: a \.aiff file holds .*, use \.wav or"),
        writer(tmp_path / "take.aiff", RATE, 40_000),
    ):
        pass


def test_outputs_are_refused_before_anything_is_rendered(tmp_path: Path) -> None:
    check_output(tmp_path / "take.flac", 96_000)
    with pytest.raises(AudioError, match=r"take\.xyz: the name must end in one of"):
        check_output(tmp_path / "take.xyz", RATE)
    with pytest.raises(AudioError, match=r"take\.mp3: the file cannot be written \(.*48000"):
        check_output(tmp_path / "take.mp3", 96_000)
    with (
        pytest.raises(AudioError, match="the file cannot be written"),
        writer(tmp_path / "no" / "take.wav", RATE, 1),
    ):
        pass
    assert [*tmp_path.iterdir()] == []
