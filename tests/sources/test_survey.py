"""What is used is settled before the first draw, remembered, and the same for any worker count."""

import json
import os
import pickle
from pathlib import Path
from random import Random

import numpy as np
import pytest
import soundfile

from graphophone.errors import AudioError, FormatError
from graphophone.sources import settle, survey
from graphophone.sources.cache import Decoded
from graphophone.sources.singer import Singer
from tests.sources import sets

RATE = 24_000
OWN = ("own",)


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("GRAPHOPHONE_CACHE", str(folder))
    return folder


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    path.write_bytes(content[: len(content) // 2])


def as_flac(folder: Path) -> None:
    """A folder of 60 files, five of them bad in one way or another."""
    for i in range(60):
        path = sets.sound(folder / f"singer {i % 3}" / f"{i}.flac", 150 + i, 0.3)
        if i in (7, 31):
            damage(path)
        if i == 11:
            sets.sound(path, seconds=0.3, rate=8_000)
        if i == 12:
            path.write_bytes(b"")
        if i == 50:
            soundfile.write(path, np.zeros(5_000), RATE)


def test_a_corrupt_flac_among_many_is_named_counted_and_left_out(tmp_path: Path) -> None:
    as_flac(tmp_path)
    supply = settle("singing", "real", "train", tmp_path, allow_tiers=OWN)
    report = supply.survey
    assert report is not None
    bad = {finding.file.partition("/")[2]: finding.check for finding in report.findings}
    expected = {"7.flac", "31.flac", "11.flac", "12.flac", "50.flac"}
    there = {f"{i}.flac" for i in range(60)} - {c.path.name for c in supply.clips}
    assert bad.keys() == there & expected
    assert bad["11.flac"] == "rate"
    assert report.counts() == {"rate": 1, "unreadable": 4}
    assert "left out (1 rate, 4 unreadable); the first is singer" in report.sentences()[1]
    pool = supply.pool()
    drawn = {
        piece["file"]
        for seed in range(60)
        for piece in pool.draw(Random(seed), 20_000, RATE).provenance["pieces"]
    }
    assert not {Path(name).name for name in drawn} & expected


def test_strict_refuses_and_names_the_first(tmp_path: Path) -> None:
    as_flac(tmp_path)
    sentence = r"5 of \d+ recordings cannot be used \(1 rate, 4 unreadable\); the first is singer"
    with pytest.raises(FormatError, match=sentence):
        settle("singing", "real", "train", tmp_path, allow_tiers=OWN, strict=True)


def test_a_file_that_is_left_out_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    """So what others draw depends on which files are sound, and on nothing else."""
    as_flac(tmp_path)
    with_bad = settle("singing", "real", "train", tmp_path, allow_tiers=OWN)
    for clip in {f.file for f in with_bad.survey.findings}:  # type: ignore[union-attr]
        (tmp_path / clip).unlink()
    without = settle("singing", "real", "train", tmp_path, allow_tiers=OWN)
    assert without.survey is not None
    assert without.survey.findings == ()
    for seed in range(10):
        first, second = (s.pool().draw(Random(seed), 20_000, RATE) for s in (with_bad, without))
        assert first.provenance == second.provenance
        assert bool((first.tracks["voice"] == second.tracks["voice"]).all())


def test_any_number_of_workers_settles_the_same(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_flac(tmp_path)
    one = settle("singing", "real", "train", tmp_path, allow_tiers=OWN, workers=1)
    monkeypatch.setenv("GRAPHOPHONE_CACHE", str(cache / "other"))
    steps: list[tuple[int, int]] = []
    two = settle(
        "singing",
        "real",
        "train",
        tmp_path,
        allow_tiers=OWN,
        workers=2,
        progress=lambda done, total: steps.append((done, total)),
    )
    assert one == two
    assert steps == [(i, steps[-1][1]) for i in range(1, steps[-1][1] + 1)]


def test_files_are_looked_at_once_until_they_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sets.plain(tmp_path, 3)
    first = settle("singing", "real", "train", tmp_path, allow_tiers=OWN)
    looked: list[str] = []
    examine = survey.examine
    monkeypatch.setattr(survey, "examine", lambda clip: looked.append(clip.name) or examine(clip))
    assert settle("singing", "real", "train", tmp_path, allow_tiers=OWN) == first
    assert looked == []
    changed = first.clips[4]
    soundfile.write(changed.path, np.zeros(9_000), RATE)
    assert changed not in settle("singing", "real", "train", tmp_path, allow_tiers=OWN).clips
    assert looked == [changed.name]
    same_size = first.clips[5].path
    stat = same_size.stat()
    os.utime(same_size, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    settle("singing", "real", "train", tmp_path, allow_tiers=OWN)
    assert looked[1:] == [first.clips[5].name]


@pytest.mark.parametrize("content", ["", "{", '{"version": 0, "facts": {}}', "[]"])
def test_a_torn_memory_is_none(tmp_path: Path, cache: Path, content: str) -> None:
    sets.plain(tmp_path, 2)
    first = settle("singing", "real", "train", tmp_path, allow_tiers=OWN)
    (store,) = (cache / "recordings").glob("*.json")
    store.write_text(content)
    assert settle("singing", "real", "train", tmp_path, allow_tiers=OWN) == first


@pytest.mark.parametrize(
    ("seconds", "rate", "sentence"),
    [
        (0.3, 8_000, r"none of \d+ recordings can be used \(\d+ rate\); .* 8000 Hz, 16000 Hz is"),
        (0.0, RATE, r"none of \d+ recordings can be used \(\d+ unreadable\); the first is"),
    ],
)
def test_nothing_of_use_is_one_sentence(
    tmp_path: Path, seconds: float, rate: int, sentence: str
) -> None:
    for i in range(5):
        sets.sound(tmp_path / f"{i}.wav", seconds=seconds, rate=rate)
    with pytest.raises(FormatError, match=sentence):
        settle("singing", "real", "train", tmp_path, allow_tiers=OWN)


def test_nothing_dry_is_one_sentence(tmp_path: Path) -> None:
    for i in range(5):
        voice = Singer("train").draw(Random(i), 3 * RATE, RATE).tracks["voice"][0].numpy()
        late = np.concatenate((np.zeros(7_000), voice[:-7_000]))
        soundfile.write(tmp_path / f"{i}.wav", 0.1 * (voice + 0.5 * late), RATE)
    with pytest.raises(FormatError, match=r"none of 5 .* \(5 wet\); .* repeats itself as by a del"):
        settle("singing", "real", "train", tmp_path, allow_tiers=OWN)


def test_the_report_names_files_licences_and_credits_but_no_place(tmp_path: Path) -> None:
    sets.vocalset(tmp_path)
    supply = settle("singing", "real", "train", tmp_path)
    assert supply.survey is not None
    report = supply.survey.to_json()
    (row,) = report["licences"]
    assert (row["licence"], row["tier"], row["files"]) == ("CC BY 4.0", "A-permissive", 6)
    assert row["groups"] == ["VocalSet/female1", "VocalSet/male1", "VocalSet/male3"]
    assert row["seconds"] == pytest.approx(6 * 0.3 * 0.8, abs=0.05)
    assert "ISMIR 2018" in report["credits"][0]
    assert str(tmp_path) not in json.dumps(report)


def test_a_supply_travels_and_draws_the_same(tmp_path: Path) -> None:
    sets.plain(tmp_path, 3)
    supply = settle("singing", "mixed", "train", tmp_path, allow_tiers=OWN)
    other = pickle.loads(pickle.dumps(supply))
    for seed in range(6):
        first, second = (s.pool().draw(Random(seed), 20_000, RATE) for s in (supply, other))
        assert first.provenance == second.provenance


def test_a_file_that_fails_later_is_named(tmp_path: Path) -> None:
    """What is used is settled: a file that is lost in the middle is an error and no redraw."""
    sets.plain(tmp_path, 1)
    supply = settle("singing", "real", "train", tmp_path, allow_tiers=OWN)
    for clip in supply.clips:
        damage(clip.path)
    pool = supply.pool()
    pool.decoded = Decoded()  # type: ignore[attr-defined]
    with pytest.raises(AudioError, match=r"singer 0/\d\.wav: the file is truncated"):
        pool.draw(Random(0), 20_000, RATE)


def test_a_disk_that_fails_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sets.sound(tmp_path / "a.wav")

    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("graphophone.sources.cache.read", fail)
    with pytest.raises(AudioError, match=r"a\.wav: the file cannot be read \(Input/output error\)"):
        Decoded()(path, RATE)
