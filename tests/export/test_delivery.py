"""Files of an export: where they go, and what is never replaced."""

from pathlib import Path

import pytest

from graphophone.errors import StorageError, UsageError
from graphophone.export.delivery import built_in, written
from graphophone.export.fidelity import Export, Fidelity

NOTHING = Fidelity(())


def test_other_files_go_beside_the_one_asked_for(tmp_path: Path) -> None:
    out = tmp_path / "new" / "song.py"
    paths = written(Export(b"main", NOTHING, {"-impulses.npz": b"more"}), out)
    assert paths == (out, out.with_name("song-impulses.npz"))
    assert [path.read_bytes() for path in paths] == [b"main", b"more"]
    assert len(list(out.parent.iterdir())) == 2


def test_one_of_several_files_is_reason_enough_to_write_none(tmp_path: Path) -> None:
    (tmp_path / "song-impulses.npz").write_bytes(b"mine")
    with pytest.raises(UsageError, match=r"song-impulses.npz is there already; --force"):
        written(Export(b"main", NOTHING, {"-impulses.npz": b"more"}), tmp_path / "song.py")
    assert not (tmp_path / "song.py").exists()


def test_a_folder_holds_its_files(tmp_path: Path) -> None:
    out = tmp_path / "song.lv2"
    made = Export(None, NOTHING, {"manifest.ttl": b"a", "song.so": b"b"})
    assert written(made, out) == (out / "manifest.ttl", out / "song.so")
    with pytest.raises(UsageError, match="is there already"):
        written(made, out)
    assert written(made, out, force=True)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match=r"song.py: the file cannot be written \("):
        written(Export(b"main", NOTHING), tmp_path / "file" / "song.py")


def test_the_built_in_kit_stands_for_drums() -> None:
    made = built_in(["kick", "bell"], 22_050)
    assert made.title == "the built-in calibration kit"
    assert made.rate == 22_050
    assert made.tracks.keys() == {"kick", "bell"}
    assert all(track.abs().amax() > 0 for track in made.tracks.values())
