"""Whole files or none, one writer, and room asked for first."""

import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from graphophone.errors import StorageError
from graphophone.generation import disk


def test_a_file_that_is_not_finished_leaves_nothing_and_what_was_there_stays(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a"
    disk.put(path, [b"be", b"fore"])
    assert path.read_bytes() == b"before"

    def stops() -> object:
        yield b"half"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        disk.put(path, stops())  # type: ignore[arg-type]
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such lock")
def test_a_folder_has_one_writer(tmp_path: Path) -> None:
    with (
        disk.alone(tmp_path),
        pytest.raises(StorageError, match="is being written by another run"),
        disk.alone(tmp_path),
    ):
        pass
    with disk.alone(tmp_path):
        pass


def test_room_is_asked_for_before_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed, free = disk.make_room(tmp_path / "a" / "b", "singing", "features", 10)
    assert 0.5e6 < needed < 2e6
    assert free == pytest.approx(shutil.disk_usage(tmp_path).free, rel=0.1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=9_000_000))
    with pytest.raises(
        StorageError,
        match=r"100000 examples will take about .* GB, .* has 9 MB free; ask for fewer",
    ):
        disk.make_room(tmp_path, "drums", "audio", 100_000)


@pytest.mark.parametrize(
    ("amount", "said"),
    [(0, "0 bytes"), (999, "999 bytes"), (1_000, "1 kB"), (11.25e9, "11.2 GB"), (3e15, "3e+03 TB")],
)
def test_sizes_are_said_in_words(amount: float, said: str) -> None:
    assert disk.size(amount) == said
