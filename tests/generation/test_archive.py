"""Archives: the same bytes again, as another program reads them, and read at an offset."""

import io
import tarfile

import pytest

from graphophone.errors import FormatError
from graphophone.generation import archive
from graphophone.generation.archive import Entry

FILES = [("000000000.graph.json", b"{}"), ("000000000.mel.png", bytes(range(256)) * 5)]
MORE = [("000000001.graph.json", b""), ("000000001.dry.voice.flac", b"x" * 512)]


def test_another_program_reads_the_same_files() -> None:
    with tarfile.open(fileobj=io.BytesIO(archive.pack(FILES + MORE))) as tar:
        found = [(m.name, tar.extractfile(m).read()) for m in tar]  # type: ignore[union-attr]
        assert found == FILES + MORE
        assert {(m.mtime, m.uid, m.gid, m.uname, m.gname, m.mode) for m in tar} == {
            (0, 0, 0, "", "", 0o644)
        }


def test_an_entry_says_where_its_content_is() -> None:
    packed = archive.pack(FILES + MORE)
    entries = list(archive.entries(packed))
    assert [(e.name, packed[e.offset : e.offset + e.size]) for e in entries] == FILES + MORE
    last = entries[-1]
    assert (last.key, last.suffix) == ("000000001", "dry.voice.flac")
    assert archive.examples(entries)["000000001"] == {
        "graph.json": (last.offset - 512, 0),
        "dry.voice.flac": (last.offset, 512),
    }


def test_archives_joined_are_the_archive_of_all_their_files() -> None:
    parts = [archive.pack(FILES), archive.pack([]), archive.pack(MORE)]
    assert archive.join(parts) == archive.pack(FILES + MORE)


def test_names_sort_as_numbers_do() -> None:
    keys = [archive.key(n) for n in (0, 9, 10, 99_999, 100_000)]
    assert keys == sorted(keys)


def test_damage_is_named() -> None:
    packed = archive.pack(FILES)
    with pytest.raises(FormatError, match=r"the archive breaks off in 000000000\.mel\.png"):
        list(archive.entries(packed[:2_000]))
    with pytest.raises(FormatError, match="the archive is damaged at byte 1024"):
        list(archive.entries(packed[:1_025]))
    with pytest.raises(FormatError, match="the archive is damaged at byte 0"):
        list(archive.entries(b"1" + packed[1:]))
    assert list(archive.entries(archive.END)) == []
    assert Entry("a.b.c", 0, 0).suffix == "b.c"
