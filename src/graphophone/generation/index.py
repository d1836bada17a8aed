"""What an archive of examples holds, and where: written beside it, so nothing is unpacked."""

import hashlib
import json
import mmap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphophone.errors import FormatError
from graphophone.generation import archive
from graphophone.generation.example import GRAPH, PROVENANCE, digest

Place = tuple[int, int]
"""Offset and size, in bytes."""


@dataclass(frozen=True, slots=True)
class Index:
    """An archive of consecutive examples.

    Attributes:
        start: Number of the first example.
        size: Of the archive, in bytes.
        sha256: Of the archive.
        redraws: Graphs and knobs that were drawn again for these examples.
        digests: Of graph and provenance of each example.
        places: Where each file of each example is, by suffix.
    """

    start: int
    size: int
    sha256: str
    redraws: int
    digests: tuple[str, ...]
    places: tuple[Mapping[str, Place], ...]

    def __len__(self) -> int:
        return len(self.digests)

    def to_json(self) -> dict[str, Any]:
        """Return plain data; files are listed by suffix, ``None`` where an example lacks one."""
        suffixes = dict.fromkeys(suffix for places in self.places for suffix in places)
        return {
            "start": self.start,
            "examples": len(self),
            "size": self.size,
            "sha256": self.sha256,
            "redraws": self.redraws,
            "digests": list(self.digests),
            "files": {s: [places.get(s) for places in self.places] for s in suffixes},
        }

    @classmethod
    def read(cls, path: Path) -> "Index":
        """Read an index.

        Raises:
            FormatError: The file is none.
        """
        try:
            data = json.loads(path.read_bytes())
            count = int(data["examples"])
            digests = tuple(map(str, data["digests"]))
            columns = {
                s: [p and (int(p[0]), int(p[1])) for p in c] for s, c in data["files"].items()
            }
            if {len(digests), *map(len, columns.values())} != {count}:
                raise FormatError(f"{path} does not list {count} examples, as it says")
            places = tuple(
                {s: p for s, column in columns.items() if (p := column[i])} for i in range(count)
            )
            start, size, redraws = (int(data[name]) for name in ("start", "size", "redraws"))
            return cls(start, size, str(data["sha256"]), redraws, digests, places)
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            raise FormatError(f"{path} is not an index: {error!r}") from None
        except (json.JSONDecodeError, UnicodeDecodeError, ValueError) as error:
            if isinstance(error, FormatError):
                raise
            raise FormatError(f"{path} is not an index: {error}") from None


class Indexer:
    """Writes the index of an archive that is put together part by part.

    Args:
        start: Number of the first example.
    """

    def __init__(self, start: int) -> None:
        self.start = start
        self._hash = hashlib.sha256()
        self._size = self._redraws = 0
        self._digests: list[str] = []
        self._places: list[Mapping[str, Place]] = []

    def add(self, part: bytes) -> None:
        """Count files in; the part is an archive without its end.

        Raises:
            FormatError: It is none, or its examples are not those that come next.
        """
        for key, places in archive.examples(archive.entries(part + archive.END)).items():
            wanted = archive.key(self.start + len(self._digests))
            if key != wanted or not {GRAPH, PROVENANCE} <= places.keys():
                raise FormatError(f"the archive holds {key} where {wanted} should be")
            contents = {s: part[o : o + n] for s, (o, n) in places.items()}
            self._digests.append(digest(contents))
            self._redraws += int(json.loads(contents[PROVENANCE])["redraws"])
            self._places.append({s: (self._size + o, n) for s, (o, n) in places.items()})
        self._hash.update(part)
        self._size += len(part)

    def finish(self) -> Index:
        """Return the index of all parts and the archive's end."""
        self._hash.update(archive.END)
        return Index(
            self.start,
            self._size + len(archive.END),
            self._hash.hexdigest(),
            self._redraws,
            tuple(self._digests),
            tuple(self._places),
        )


def check(index: Index, path: Path, *, thorough: bool) -> str | None:
    """Return what is wrong with an archive or its index in a few words, or nothing.

    Args:
        index: What the archive should hold.
        path: The archive.
        thorough: Whether to read all of it, not its size alone.
    """
    if not path.exists():
        return "is missing, though it has an index"
    size = path.stat().st_size
    if size < index.size:
        return f"is truncated: {size} of {index.size} bytes"
    if size > index.size:
        return f"has {size} bytes, its index says {index.size}"
    if not thorough:
        return None
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != index.sha256:
            return "does not match the SHA-256 in its index: at least one bit was changed"
    with mapped(path) as content:
        try:
            found = archive.examples(archive.entries(content))
        except FormatError as error:
            return str(error)
    numbers = range(index.start, index.start + len(index))
    if found != dict(zip(map(archive.key, numbers), index.places, strict=True)):
        return "holds other files than its index says"
    return None


def mapped(path: Path) -> mmap.mmap:
    """Map a file into memory, for reading."""
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def at_random(content: mmap.mmap) -> mmap.mmap:
    """Have no more of a mapped file read than is asked for: its parts are read in any order.

    Disks may otherwise read megabytes around each example, most of which is thrown away unseen
    where a set is larger than memory. Systems without such advice are left alone.
    """
    if hasattr(content, "madvise"):
        content.madvise(mmap.MADV_RANDOM)
    return content


def will_read(content: mmap.mmap, offset: int, size: int) -> None:
    """Have a part of a mapped file read at once, rather than page by page."""
    if hasattr(content, "madvise"):
        start = offset - offset % mmap.PAGESIZE
        content.madvise(mmap.MADV_WILLNEED, start, offset + size - start)


def digests(indices: Iterable[Index]) -> Iterator[bytes]:
    """Yield the digest of each example of several archives, in order."""
    for index in indices:
        yield from map(bytes.fromhex, index.digests)
