"""Splits: disjoint groups, permissive licences for training, and stable rules."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphophone.errors import FormatError
from graphophone.sources.clip import PERMISSIVE, Clip
from graphophone.sources.collection import Collection, clips, recognise
from graphophone.sources.splits import (
    NOBODY,
    ROLES,
    STRICTEST,
    VOICES,
    apart,
    drawn_role,
    held_out,
    part,
)
from tests.sources.sets import MAKERS, MANY

SINGING = ("singing", "speech", "instruments")
ALL = (*SINGING, "drums", "midi", "noise")


def parts_of(collection: Collection) -> dict[str, tuple[Clip, ...]]:
    """What each split may draw from, whatever the licence."""
    return {
        split: part([c for c in collection.clips if c.role == ROLES[split]], split)
        for split in ROLES
    }


def who(clip: Clip) -> tuple[str, str]:
    return "voice" if clip.category in VOICES else clip.category, clip.group.casefold()


def assert_nothing_leaks(collection: Collection) -> None:
    splits = parts_of(collection)
    people = {
        split: {who(clip) for clip in rows if clip.category not in NOBODY}
        for split, rows in splits.items()
    }
    for split in ("unseen", "test"):
        assert not people[split] & (people["train"] | people["seen"])
    assert not people["unseen"] & people["test"]
    taken: dict[str, set[tuple[str, float, float]]] = {}
    for split, rows in splits.items():
        for clip in rows:
            for other, start, end in taken.setdefault(clip.name, set()):
                assert other == split or end <= clip.start or clip.end <= start
            taken[clip.name].add((split, clip.start, clip.end))


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_no_voice_and_no_kit_is_in_two_splits_of_any_set(tmp_path: Path, name: str) -> None:
    MAKERS[name](tmp_path)
    collection = recognise(tmp_path, "drums" if "kits" in name else "singing")
    assert_nothing_leaks(collection)
    if name in MANY:
        splits = parts_of(collection)
        assert splits["train"]
        assert splits["seen"]
        assert splits["unseen"]


@settings(deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(ALL),
            st.sampled_from(("ann", "Ann", "bob", "eve", "max")),
            st.sampled_from(STRICTEST),
        ),
        max_size=40,
    )
)
def test_whatever_a_manifest_says_nothing_leaks(rows: list[tuple[str, str, str]]) -> None:
    files = [
        Clip(Path(f"{i}.wav"), f"{i}.wav", category, group, "", PERMISSIVE, "", role=role)
        for i, (category, group, role) in enumerate(rows)
    ]
    kept = apart(files)
    assert [clip.name for clip in kept] == [clip.name for clip in files]
    assert_nothing_leaks(Collection(Path(), "made up", kept))
    for before, after in zip(files, kept, strict=True):
        assert STRICTEST.index(after.role) <= STRICTEST.index(before.role)
    assert apart(kept) == kept


def test_a_manifest_without_crossings_is_left_as_it_is(data: Path) -> None:
    rows = recognise(data).clips
    assert apart(rows) == rows


@pytest.mark.parametrize("category", NOBODY)
def test_scores_and_noises_keep_their_roles_though_groups_recur(category: str) -> None:
    one = Clip(Path("a"), "a", category, "max", "", PERMISSIVE, "")
    rows = (one, replace(one, name="b", role="test"))
    assert apart(rows) == rows


def test_splits_are_disjoint_and_training_is_permissive(data: Path) -> None:
    assert_nothing_leaks(recognise(data))
    for split in ("train", "seen"):
        assert {clip.tier for clip in clips(data, split, ALL)} == {PERMISSIVE}


@pytest.mark.recordings
def test_splits_of_the_real_recordings_are_disjoint_and_permissive(recordings: Path) -> None:
    assert_nothing_leaks(recognise(recordings))
    for split in ("train", "seen"):
        assert {clip.tier for clip in clips(recordings, split, ALL)} == {PERMISSIVE}


def test_a_tenth_is_held_out_by_name_alone() -> None:
    """The digest of "a" is ca97...; a tenth of the range ends at 1999..."""
    assert not held_out("a")
    assert sum(held_out(str(i)) for i in range(10_000)) == pytest.approx(1_000, abs=100)


def test_a_fifth_of_the_groups_is_unseen_by_name_alone() -> None:
    roles = [drawn_role(f"singer {i}") for i in range(10_000)]
    assert set(roles) == {"train", "valid-unseen"}
    assert roles.count("valid-unseen") == pytest.approx(2_000, abs=150)
    assert roles == [drawn_role(f"singer {i}") for i in range(10_000)]


def test_small_groups_are_split_in_time(data: Path) -> None:
    rows = clips(data, "train", ("instruments",))
    cuts = [next((c.start, c.end) for c in part(rows, split)) for split in ("train", "seen")]
    assert cuts == [(0.0, 0.8), (0.8, 1.0)]


def test_unknown_splits_are_refused(data: Path) -> None:
    with pytest.raises(
        FormatError, match="split must be one of train, seen, unseen, test, got 'x'"
    ):
        clips(data, "x", ("singing",))
