"""Tar archives of examples: the same bytes on any day, and read at an offset without unpacking.

The format is ustar (IEEE Std 1003.1-2017, pax, "ustar Interchange Format"), the names follow
WebDataset's convention: what stands before the first dot is the key of an example, the rest
says which of its files it is. Files of one example stand side by side.
"""

import tarfile
from collections.abc import Iterable, Iterator, Mapping
from mmap import mmap
from typing import NamedTuple

from graphophone.errors import FormatError

BLOCK = 512
END = bytes(2 * BLOCK)
"""Two empty blocks end an archive."""


class Entry(NamedTuple):
    """One file in an archive.

    Attributes:
        name: Such as ``000000012.graph.json``.
        offset: Where its content begins, in bytes.
        size: Of its content, in bytes.
    """

    name: str
    offset: int
    size: int

    @property
    def key(self) -> str:
        """Which example it belongs to."""
        return self.name.partition(".")[0]

    @property
    def suffix(self) -> str:
        """Which file of the example it is, such as ``graph.json``."""
        return self.name.partition(".")[2]


def key(index: int) -> str:
    """Return the key of an example; names sort as numbers do."""
    return f"{index:09}"


def pack(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Return an archive of files by name, without owner or date."""
    parts = []
    for name, content in files:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        padding = bytes(-len(content) % BLOCK)
        parts += [info.tobuf(tarfile.USTAR_FORMAT), content, padding]
    return b"".join([*parts, END])


def join(archives: Iterable[bytes]) -> bytes:
    """Return one archive of the files of several, in order."""
    return b"".join([*(archive.removesuffix(END) for archive in archives), END])


def entries(archive: bytes | mmap) -> Iterator[Entry]:
    """Yield where each file of an archive is.

    Raises:
        FormatError: A header's check sum is wrong, or the archive breaks off.
    """
    at = 0
    while True:
        header = archive[at : at + BLOCK]
        if header == END[:BLOCK]:
            return
        try:
            info = tarfile.TarInfo.frombuf(header, "ascii", "strict")
        except (tarfile.HeaderError, UnicodeDecodeError) as error:
            raise FormatError(f"the archive is damaged at byte {at}: {error}") from None
        at += BLOCK
        if at + info.size > len(archive):
            raise FormatError(f"the archive breaks off in {info.name}")
        yield Entry(info.name, at, info.size)
        at += -(-info.size // BLOCK) * BLOCK


def examples(found: Iterable[Entry]) -> dict[str, Mapping[str, tuple[int, int]]]:
    """Return where the files of each example are: (offset, size) by key and suffix."""
    keys: dict[str, dict[str, tuple[int, int]]] = {}
    for entry in found:
        keys.setdefault(entry.key, {})[entry.suffix] = (entry.offset, entry.size)
    return dict(keys)
