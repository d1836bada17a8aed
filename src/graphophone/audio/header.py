"""What a file's own header claims of its length: a decoder shortens cut files in silence."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal

OPEN_ENDED = 0x7FFFFFFF  # streams that do not know their length claim 0 or nearly 2**32
OGG_PAGE = 65_307  # the largest there can be
XING_WITHIN = 64  # header and side information take 36 bytes at most, and the tag 16


def declared_frames(path: Path) -> int:
    """Return the claim of a RIFF/WAVE or AIFF header; 0 where it makes none."""
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] == b"RIFF" and head[8:] == b"WAVE":
            return _wave(file)
        if head[:4] == b"FORM" and head[8:] in (b"AIFF", b"AIFC"):
            return _aiff(file)
    return 0


def cut_short(path: Path) -> bool:
    """Whether an Ogg or MP3 file ends before its own structure says.

    An Ogg page tells the sizes of its segments (RFC 3533, section 6), so a last page without
    all of them was cut. An MP3 may tell the size of its stream in a Xing or Info header.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(10)
        if head[:4] == b"OggS":
            file.seek(max(0, size - OGG_PAGE))
            return _page_is_cut(file.read())
        if head[:3] == b"ID3":  # a tag in front: its size in four groups of seven bits
            file.seek(10 + sum((byte & 127) << 7 * k for k, byte in enumerate(reversed(head[6:]))))
        else:
            file.seek(0)
        begin = file.tell()
        return _xing_bytes(file.read(XING_WITHIN)) > size - begin


def _page_is_cut(end: bytes) -> bool:
    """Whether the last page in these bytes lacks a part: 27 bytes, a table, the segments."""
    page = end[end.rfind(b"OggS") :]
    table = page[27 : 27 + page[26]] if len(page) > 26 else b""
    return len(page) < 27 or len(table) < page[26] or len(page) < 27 + len(table) + sum(table)


def _xing_bytes(frame: bytes) -> int:
    """Return the size of a stream that starts with this frame; 0 where it does not say."""
    if frame[:1] != b"\xff":
        return 0
    tag = max(frame.find(b"Xing"), frame.find(b"Info"))
    if tag < 0 or len(frame) < tag + 16:
        return 0
    flags = int.from_bytes(frame[tag + 4 : tag + 8], "big")
    place = tag + 8 + 4 * (flags & 1)
    return int.from_bytes(frame[place : place + 4], "big") if flags & 2 else 0


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
