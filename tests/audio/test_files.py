"""Files: round trips, and a sentence for everything that cannot be read or written."""

import os
import re
import stat
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from torch import Tensor

from graphophone.audio.downmix import to_stereo
from graphophone.audio.files import find, read, resample, write
from graphophone.errors import AudioError

RATE = 8_000


def tone(samples: int = 4_000, channels: int = 2, amplitude: float = 0.5) -> Tensor:
    time = torch.arange(samples) / RATE
    rows = [torch.sin(2 * torch.pi * (200 + 50 * i) * time) for i in range(channels)]
    return amplitude * torch.stack(rows)


def save(path: Path, audio: Tensor, rate: int = RATE, subtype: str | None = None) -> Path:
    soundfile.write(path, audio.numpy().T, rate, subtype=subtype)
    return path


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".aiff", ".aif"])
def test_24_bits_survive_a_round_trip(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"take{suffix}"
    write(path, tone(), RATE)
    back = read(path)
    assert (back.rate, back.notes) == (RATE, ())
    assert soundfile.info(path).subtype == "PCM_24"
    torch.testing.assert_close(back.audio, tone(), atol=2**-23, rtol=0)


@pytest.mark.parametrize("suffix", [".ogg", ".mp3"])
def test_lossy_formats_keep_the_sound(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"take{suffix}"
    write(path, tone(44_100).repeat(1, 1), 44_100)
    back = read(path).audio[:, :44_100]
    length = back.shape[1]
    assert length > 43_000
    spectra = [torch.fft.rfft(x[:, :length]).abs()[0].argmax() for x in (back, tone(44_100))]
    assert abs(int(spectra[0] - spectra[1])) <= 1


def test_what_exceeds_full_scale_is_kept_in_a_float_wav(tmp_path: Path) -> None:
    write(tmp_path / "loud.wav", tone(amplitude=3.0), RATE)
    assert soundfile.info(tmp_path / "loud.wav").subtype == "FLOAT"
    torch.testing.assert_close(read(tmp_path / "loud.wav").audio, tone(amplitude=3.0))


@pytest.mark.parametrize("rate", [8_000, 44_100, 96_000, 192_000])
def test_rates_are_kept(tmp_path: Path, rate: int) -> None:
    write(tmp_path / "take.wav", tone(), rate)
    assert read(tmp_path / "take.wav").rate == rate


def test_mono_becomes_two_equal_channels_and_says_so(tmp_path: Path) -> None:
    back = read(save(tmp_path / "mono.wav", tone(channels=1)))
    assert torch.equal(back.audio[0], back.audio[1])
    assert back.notes == ("mono.wav: mono, taken as two equal channels",)


def test_six_channels_are_mixed_as_bs_775_says(tmp_path: Path) -> None:
    audio = tone(channels=6, amplitude=0.1)
    back = read(save(tmp_path / "surround.wav", audio, subtype="FLOAT"))
    left, right, centre, _, left_surround, right_surround = audio
    root = 0.5**0.5
    expected = torch.stack(
        (left + root * centre + root * left_surround, right + root * centre + root * right_surround)
    )
    torch.testing.assert_close(back.audio, expected)
    assert "taken as L R C LFE Ls Rs" in back.notes[0]


def test_other_counts_are_mixed_by_turns() -> None:
    audio = tone(channels=5)
    mixed, notes = to_stereo(audio)
    torch.testing.assert_close(mixed[0], (audio[0] + audio[2] + audio[4]) / 3)
    torch.testing.assert_close(mixed[1], (audio[1] + audio[3]) / 2)
    assert notes[0].startswith("5 channels, mixed down to two")


def test_seven_point_one_has_two_surrounds_a_side() -> None:
    audio = torch.zeros(8, 3)
    audio[6] = 1.0
    torch.testing.assert_close(to_stereo(audio)[0], torch.tensor([[0.5**0.5] * 3, [0.0] * 3]))


def test_a_part_is_cut_to_the_sample(tmp_path: Path) -> None:
    write(tmp_path / "take.wav", tone(), RATE)
    part = read(tmp_path / "take.wav", start=0.125, end=0.25).audio
    torch.testing.assert_close(part, tone()[:, 1_000:2_000], atol=2**-23, rtol=0)


@pytest.mark.parametrize(
    ("start", "end", "sentence"),
    [
        (-1.0, None, r"start must be within the file's 0\.50 s, got -1 s"),
        (0.7, None, r"start must be within the file's 0\.50 s, got 0\.7 s"),
        (0.0, 9.0, r"end must be within the file's 0\.50 s, got 9 s"),
        (float("nan"), None, r"start must be within the file's 0\.50 s, got nan s"),
        (0.3, 0.2, r"start must be before end, got 0\.3 s and 0\.2 s"),
        (0.2, 0.2, r"start must be before end, got 0\.2 s and 0\.2 s"),
    ],
)
def test_parts_must_lie_in_the_file(
    tmp_path: Path, start: float, end: float | None, sentence: str
) -> None:
    write(tmp_path / "take.wav", tone(), RATE)
    with pytest.raises(AudioError, match=rf"take\.wav: {sentence}"):
        read(tmp_path / "take.wav", start, end)


def spoil(path: Path, value: float) -> Path:
    audio = tone()
    audio[0, 7] = value
    return save(path, audio, subtype="FLOAT")


def test_refuses_what_is_no_recording(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.wav").write_text("this is not audio at all, whatever its name says")
    (tmp_path / "text.mp3").write_text("neither is this")
    cases = {
        tmp_path / "missing.wav": "there is no such file",
        tmp_path: "this is a folder, an audio file is needed",
        tmp_path / "empty.wav": "the file is empty",
        tmp_path / "text.wav": "this is not a readable audio file",
        tmp_path / "text.mp3": "this is not a readable audio file",
        save(tmp_path / "none.wav", torch.zeros(2, 0)): "the file holds no samples",
        save(
            tmp_path / "silent.wav", torch.zeros(2, 99)
        ): "this is silence, nothing is above -90 d",
        spoil(tmp_path / "nan.wav", float("nan")): "some samples are not finite numbers",
        spoil(tmp_path / "inf.wav", float("inf")): "some samples are not finite numbers",
        save(tmp_path / "slow.wav", tone(), 4_000): "must be 8 kHz to 192 kHz, got 4000 Hz",
    }
    for path, sentence in cases.items():
        with pytest.raises(AudioError, match=re.escape(f"{path}: ") + f".*{sentence}"):
            read(path)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".aiff"])
def test_refuses_a_truncated_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"cut{suffix}"
    noise = 0.3 * torch.randn(2, 40_000, generator=torch.Generator().manual_seed(0))
    write(path, noise.clamp(-1, 1), RATE)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(
        AudioError, match=r"cut\.\w+: (the file is truncated, \d+ of its|this is not a)"
    ):
        read(path)


@pytest.mark.parametrize("suffix", [".ogg", ".mp3"])
@pytest.mark.parametrize("tag", [b"", b"ID3\x04\x00\x00\x00\x00\x01\x02" + bytes(130)])
def test_refuses_a_compressed_file_without_its_end(
    tmp_path: Path, suffix: str, tag: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    """Decoders read on to where the data ends and say nothing."""
    path = tmp_path / f"cut{suffix}"
    noise = 0.1 * torch.randn(2, 3 * RATE, generator=torch.Generator().manual_seed(0))
    write(path, noise, RATE)
    tag = tag if suffix == ".mp3" else b""
    whole = tag + path.read_bytes()
    path.write_bytes(whole)
    assert read(path).audio.shape[1] >= 3 * RATE
    for size in (300, len(whole) // 2, len(whole) - 10):
        path.write_bytes(whole[:size])
        with pytest.raises(AudioError, match=r"cut\.\w+: the file is truncated, its end is mis"):
            read(path)
    path.write_bytes(whole + b"TAG" + bytes(125))  # what other programs put behind
    assert read(path).audio.shape[1] >= 3 * RATE
    assert capfd.readouterr().err == ""


def test_never_says_that_a_file_is_not_there_when_it_is(tmp_path: Path) -> None:
    path = tmp_path / "x.mp3"
    path.write_bytes(b"\xff\xfb\x90\x44" + bytes(200))
    with pytest.raises(AudioError, match=r"x\.mp3: this is not a readable .* recognised"):
        read(path)


def test_a_streamed_wav_that_claims_no_length_is_read(tmp_path: Path) -> None:
    path = save(tmp_path / "stream.wav", tone(), subtype="PCM_16")
    data = bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    data[at : at + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    assert read(path).audio.shape == (2, 4_000)


def test_m4a_without_ffmpeg_says_what_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "take.m4a").write_bytes(b"something")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AudioError, match=r"take\.m4a: reading \.m4a needs the program ffmpeg"):
        read(tmp_path / "take.m4a")


def install(folder: Path, script: str) -> None:
    """Put a stand-in for ffmpeg, which decodes to its last argument, into a folder."""
    program = folder / "ffmpeg"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


def test_m4a_is_decoded_by_an_installed_ffmpeg(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path / "take.wav", tone(), subtype="FLOAT")
    (tmp_path / "take.wav").rename(tmp_path / "take.m4a")
    install(tmp_path, 'for last; do :; done; cp "$4" "$last"')
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    torch.testing.assert_close(read(tmp_path / "take.m4a").audio, tone())
    install(tmp_path, "exit 1")
    with pytest.raises(AudioError, match=r"take\.m4a: .*ffmpeg refused it"):
        read(tmp_path / "take.m4a")


def test_writing_refuses_what_it_cannot_do(tmp_path: Path) -> None:
    for name, audio, sentence in [
        ("take.xyz", tone(), r"must end in one of \.wav, .*, got '\.xyz'"),
        ("take.flac", tone(amplitude=2.0), r"would clip in a \.flac file, use \.wav"),
        ("take.wav", tone() / 0, "has samples that are not finite, nothing was written"),
        ("no/such/folder/take.wav", tone(), "the file cannot be written"),
        ("folder.wav", tone(), "the file cannot be written"),
    ]:
        (tmp_path / "folder.wav" / "inside").mkdir(parents=True, exist_ok=True)
        with pytest.raises(AudioError, match=rf"{re.escape(name)}: .*{sentence}"):
            write(tmp_path / name, audio, RATE)
    assert [path.name for path in tmp_path.iterdir()] == ["folder.wav"]


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "take.wav", tone(), RATE)
    before = (tmp_path / "take.wav").read_bytes()

    def fail(path: Path, *_: object, **__: object) -> None:
        path.write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(soundfile, "write", fail)
    with pytest.raises(AudioError, match=r"cannot be written \(disk full\)"):
        write(tmp_path / "take.wav", tone(), RATE)
    assert (tmp_path / "take.wav").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(("a", "b"), [(44_100, 48_000), (96_000, 44_100), (8_000, 44_100)])
def test_resampling_keeps_a_sine(a: int, b: int) -> None:
    def sine(rate: int) -> Tensor:
        time = torch.arange(rate, dtype=torch.float64) / rate
        return torch.sin(2 * torch.pi * 440 * time).float().expand(2, -1)

    done = resample(sine(a).contiguous(), a, b)
    assert done.shape == (2, b)
    torch.testing.assert_close(
        done[:, b // 4 : -b // 4], sine(b)[:, b // 4 : -b // 4], atol=1e-4, rtol=0
    )


def test_resampling_rounds_lengths_up_and_one_rate_changes_nothing() -> None:
    assert resample(tone(3), 3, 2).shape == (2, 2)
    assert resample(tone(4), 3, 2).shape == (2, 3)
    assert torch.equal(resample(tone(), RATE, RATE), tone())


def test_folders_are_replaced_by_what_is_in_them(tmp_path: Path) -> None:
    for name in ("b.wav", "a.FLAC", "notes.txt", "sub/c.mp3", ".hidden.wav"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = find([tmp_path, tmp_path / "b.wav", tmp_path / "missing.wav"])
    names = [path.relative_to(tmp_path).as_posix() for path in found]
    assert names == ["a.FLAC", "b.wav", "sub/c.mp3", "missing.wav"]


def test_a_folder_without_audio_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(AudioError, match="there is no audio file in this folder"):
        find([tmp_path])


def test_samples_are_float32_whatever_the_file_holds(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "d.wav", np.ones((10, 2)) / 2, RATE, subtype="DOUBLE")
    assert read(tmp_path / "d.wav").audio.dtype == torch.float32
