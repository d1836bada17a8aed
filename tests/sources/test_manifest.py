"""Splits: disjoint groups, permissive licences for training, and stable rules."""

from pathlib import Path

import pytest

from graphophone.errors import FormatError
from graphophone.sources.manifest import PERMISSIVE, clips, held_out, part

SINGING = ("singing", "speech", "instruments")
ALL = (*SINGING, "drums", "midi")


def groups(data: Path, split: str, categories: tuple[str, ...]) -> set[tuple[str, str]]:
    return {(clip.category, clip.group) for clip in clips(data, split, categories)}


def assert_splits_hold(data: Path) -> None:
    heard = groups(data, "train", (*SINGING, "drums")) | groups(data, "seen", (*SINGING, "drums"))
    assert not heard & groups(data, "unseen", (*SINGING, "drums"))
    train, seen, unseen = (
        {(clip.name, clip.start, clip.end): clip for clip in part(clips(data, split, ALL), split)}
        for split in ("train", "seen", "unseen")
    )
    assert all(clip.tier == PERMISSIVE for clip in (*train.values(), *seen.values()))
    assert not set(train) & set(seen)
    whole = {name for name, start, end in (*train, *seen) if (start, end) == (0, 1)}
    assert len(whole) == sum((start, end) == (0, 1) for _, start, end in (*train, *seen))
    assert not {name for name, *_ in (*train, *seen)} & {name for name, *_ in unseen}


def test_splits_are_disjoint_and_training_is_permissive(data: Path) -> None:
    assert_splits_hold(data)


@pytest.mark.recordings
def test_splits_of_the_real_recordings_are_disjoint_and_permissive(recordings: Path) -> None:
    assert_splits_hold(recordings)
    tests = groups(recordings, "test", ("drums",))
    others = groups(recordings, "train", ("drums",)) | groups(recordings, "unseen", ("drums",))
    assert not tests & others


def test_other_tiers_are_used_only_when_they_are_named(data: Path) -> None:
    both = clips(data, "train", ("singing",), allow_tiers=(PERMISSIVE, "C-sharealike"))
    assert {clip.group for clip in clips(data, "train", ("singing",))} == {"ann"}
    assert {clip.group for clip in both} == {"ann", "eve"}
    assert {clip.tier for clip in clips(data, "unseen", ("singing",))} == {"C-sharealike"}


def test_a_tenth_is_held_out_by_name_alone() -> None:
    """The digest of "a" is ca97...; a tenth of the range ends at 1999..."""
    assert not held_out("a")
    assert sum(held_out(str(i)) for i in range(10_000)) == pytest.approx(1_000, abs=100)


def test_small_groups_are_split_in_time(data: Path) -> None:
    rows = clips(data, "train", ("instruments",))
    cuts = [next((c.start, c.end) for c in part(rows, split)) for split in ("train", "seen")]
    assert cuts == [(0.0, 0.8), (0.8, 1.0)]


def test_faults_of_a_data_folder_are_named(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GRAPHOPHONE_DATA", raising=False)
    with pytest.raises(FormatError, match="real recordings need a data folder: give one, or set"):
        clips(None, "train", ("singing",))
    with pytest.raises(FormatError, match=r"the data folder has no MANIFEST\.csv"):
        clips(tmp_path, "train", ("singing",))
    (tmp_path / "MANIFEST.csv").write_text("path,role\n")
    with pytest.raises(FormatError, match=r"MANIFEST\.csv: the column 'category' is missing"):
        clips(tmp_path, "train", ("singing",))
    with pytest.raises(FormatError, match="the split 'test' has no singing or speech"):
        clips(data, "test", ("singing", "speech"))
    with pytest.raises(
        FormatError, match="split must be one of train, seen, unseen, test, got 'x'"
    ):
        clips(data, "x", ("singing",))


def test_the_environment_names_the_folder(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHOPHONE_DATA", str(data))
    assert clips(None, "train", ("singing",)) == clips(data, "train", ("singing",))
