"""How many samples a file's own header claims: a decoder shortens cut files in silence."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal

OPEN_ENDED = 0x7FFFFFFF  # streams that do not know their length claim 0 or nearly 2**32


def declared_frames(path: Path) -> int:
    """Return the claim of a RIFF/WAVE or AIFF header; 0 where it makes none."""
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] == b"RIFF" and head[8:] == b"WAVE":
            return _wave(file)
        if head[:4] == b"FORM" and head[8:] in (b"AIFF", b"AIFC"):
            return _aiff(file)
    return 0


def _chunks(file: BinaryIO, order: Literal["little", "big"]) -> Iterator[tuple[bytes, int]]:
    """Yield name and size of each chunk, the file standing at its body."""
    while len(head := file.read(8)) == 8:
        size = int.from_bytes(head[4:], order)
        after = file.tell() + size + size % 2
        yield head[:4], size
        file.seek(after, os.SEEK_SET)


def _wave(file: BinaryIO) -> int:
    """Return the size of the data over that of a frame (WAVE: little-endian)."""
    align = 0
    for name, size in _chunks(file, "little"):
        if name == b"fmt ":
            align = int.from_bytes(file.read(16)[12:14], "little")
        elif name == b"data":
            return size // align if align and size < OPEN_ENDED else 0
    return 0


def _aiff(file: BinaryIO) -> int:
    """Return the frame count of the common chunk (AIFF: big-endian)."""
    for name, _ in _chunks(file, "big"):
        if name == b"COMM":
            frames = int.from_bytes(file.read(8)[2:6], "big")
            return frames if frames < OPEN_ENDED else 0
    return 0
