"""Recorded room tone: excerpts of the part that may be used, as loud as is said, from a split."""

from pathlib import Path
from random import Random

import numpy as np
import pytest
import soundfile
import torch

from graphophone.errors import FormatError
from graphophone.sources import settle
from graphophone.sources.clip import PERMISSIVE, Clip
from graphophone.sources.collection import recognise
from graphophone.sources.room_tones import RoomTones
from tests.sources import sets

RATE = 8_000
HEADER = "path,role,category,group,cls,licence_tier,note\n"


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHOPHONE_CACHE", str(tmp_path_factory.mktemp("cache")))


def recorded(folder: Path, samples: np.ndarray, start: float = 0.0, end: float = 1.0) -> RoomTones:
    path = folder / "a.wav"
    soundfile.write(path, samples, RATE, subtype="FLOAT")
    clip = Clip(path, "a.wav", "noise", "", "", PERMISSIVE, "", start, end)
    return RoomTones([clip])


def test_excerpts_are_equally_loud_and_have_no_offset(tmp_path: Path) -> None:
    fading = np.random.default_rng(0).standard_normal((4 * RATE, 2)) * np.linspace(0.01, 0.2)[0]
    tones = recorded(tmp_path, fading * np.linspace(0.1, 1, 4 * RATE)[:, None] + 0.1)
    starts = set()
    for seed in range(20):
        name, seconds = tones.draw(Random(seed), RATE, RATE)
        noise = tones.excerpt(name, seconds, RATE, RATE)
        assert noise.shape == (2, RATE)
        assert not torch.equal(noise[0], noise[1])
        assert float(noise.double().square().mean()) == pytest.approx(1.0, abs=1e-4)
        assert noise.mean(1).abs().max() < 1e-5
        assert 0 <= seconds <= 3
        starts.add(seconds)
    assert len(starts) == 20


def test_only_the_part_of_the_split_is_heard(tmp_path: Path) -> None:
    """A low tone in four fifths of the file, a high one in the last."""
    time = np.arange(10 * RATE) / RATE
    sines = np.where(time < 8, np.sin(2 * np.pi * 200 * time), np.sin(2 * np.pi * 2_000 * time))
    for start, end, hertz in ((0.0, 0.8, 200), (0.8, 1.0, 2_000)):
        tones = recorded(tmp_path, 0.1 * sines, start, end)
        tones.decoded = type(tones.decoded)()
        for seed in range(10):
            for samples in (RATE, 9 * RATE):  # shorter than the part, and longer
                drawn = tones.draw(Random(seed), samples, RATE)
                noise = tones.excerpt(*drawn, samples, RATE)
                assert torch.equal(noise[0], noise[1])
                power = np.abs(np.fft.rfft(noise[0].numpy())) ** 2
                near = np.abs(np.fft.rfftfreq(samples, 1 / RATE) - hertz) < 20
                assert power[near].sum() > 0.99 * power.sum()


@pytest.mark.parametrize("length", [1, 2, 3, 50])
def test_a_short_recording_goes_there_and_back(tmp_path: Path, length: int) -> None:
    values = np.linspace(0.1, 0.9, length) if length > 1 else np.array([0.5])
    tones = recorded(tmp_path, values)
    noise = tones.excerpt("a.wav", 0.0, 4 * length + 3, RATE)[0].double()
    assert bool(noise.isfinite().all())
    there = [*range(length), *range(length - 2, 0, -1)]
    expected = torch.tensor([values[there[i % len(there)]] for i in range(len(noise))])
    expected -= expected.mean()
    scale = expected.square().mean().sqrt() if length > 1 else 1
    torch.testing.assert_close(noise, expected / max(scale, 1e-30), atol=2e-3, rtol=0)


def test_silence_stays_silence_and_nothing_of_nothing_is_nothing(tmp_path: Path) -> None:
    tones = recorded(tmp_path, np.zeros(100) + 0.2)
    assert tones.excerpt("a.wav", 0.0, 50, RATE).abs().max() < 1e-3
    assert tones.excerpt("a.wav", 0.0, 0, RATE).shape == (2, 0)
    with pytest.raises(FormatError, match="a pool of room tones needs at least one recording"):
        RoomTones([])


def folder(path: Path) -> Path:
    """A manifest with a voice and noise of all roles and two tiers."""
    rows = [HEADER]
    for i in range(3):
        sets.sound(path / f"{i}.wav")
        rows.append(f"{i}.wav,train,singing,ann,,A-permissive,\n")
        rows.append(f"{i}.wav,valid-unseen,singing,bob,,C-sharealike,\n")
    rng = np.random.default_rng(0)
    for name, role, tier in (
        ("rain", "train", "A-permissive"),
        ("sea", "train", "C-sharealike"),
        ("wind", "valid-unseen", "C-sharealike"),
    ):
        soundfile.write(path / f"{name}.wav", 0.1 * rng.standard_normal(sets.RATE), sets.RATE)
        rows.append(f"{name}.wav,{role},noise,weather,,{tier},\n")
    (path / "MANIFEST.csv").write_text("".join(rows))
    return path


def test_noise_is_of_its_split_and_tier_and_there_only_when_wanted(tmp_path: Path) -> None:
    data = folder(tmp_path)
    for split, expected in (("train", {"rain"}), ("seen", {"rain"}), ("unseen", {"wind"})):
        without = settle("singing", "real", split, data)
        supply = settle("singing", "real", split, data, room_tones=True)
        assert {clip.path.stem for clip in supply.noises} == expected
        assert supply.clips == without.clips
        assert without.noises == ()
        assert without.stock().tones is None
        assert supply.stock().tones is not None
        assert supply.survey is not None
        assert without.survey is not None
        assert supply.survey.digest != without.survey.digest
    both = ("A-permissive", "C-sharealike")
    supply = settle("singing", "real", "train", data, room_tones=True, allow_tiers=both)
    assert {clip.path.stem for clip in supply.noises} == {"rain", "sea"}
    assert settle("singing", "procedural", "train", data, room_tones=True).noises == ()


def test_without_noise_there_is_none(tmp_path: Path) -> None:
    data = folder(tmp_path)
    manifest = data / "MANIFEST.csv"
    manifest.write_text("\n".join(x for x in manifest.read_text().split("\n") if "noise" not in x))
    assert settle("singing", "real", "train", data, room_tones=True).stock().tones is None


def test_noise_alone_is_no_supply(tmp_path: Path) -> None:
    data = folder(tmp_path)
    for i in range(3):
        (data / f"{i}.wav").write_bytes(b"torn")
    with pytest.raises(FormatError, match=r"none of 4 recordings can be used \(3 unreadable\)"):
        settle("singing", "real", "train", data, room_tones=True)


def test_a_plain_folder_has_noise_in_a_folder_of_that_name(tmp_path: Path) -> None:
    sets.plain(tmp_path, 2)
    for name in ("noise/rain.wav", "Room Tone/hall/a.wav"):
        sets.sound(tmp_path / name)
    noises = [clip for clip in recognise(tmp_path).clips if clip.category == "noise"]
    assert {clip.name for clip in noises} == {"noise/rain.wav", "Room Tone/hall/a.wav"}
    assert not any("noise" in c.group.lower() for c in recognise(tmp_path).clips if c not in noises)
    sets.plain_kits(tmp_path / "kits", 2)
    noises = [clip for clip in recognise(tmp_path, "drums").clips if clip.category == "noise"]
    assert len(noises) == 2
