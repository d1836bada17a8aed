"""Tables of bytes as greyscale PNG: a packed spectrogram to the bit, at less than half its size.

Neighbours in a spectrogram are alike, so what is stored is how far each byte is from what those
to the left, above and above left promise (the Paeth filter), coded by Huffman's method with
runs. W3C Recommendation, Portable Network Graphics (PNG) Specification, third edition, sections
9 (filtering) and 10 (compression). Any viewer shows such a file, and a flipped bit breaks the
check sum of its chunk.
"""

import struct
import zlib
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from graphophone.dsp.compile import Array, kernel
from graphophone.errors import FormatError

Bytes = npt.NDArray[np.uint8]

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER = struct.Struct(">IIBBBBB")
GREY = (8, 0, 0, 0, 0)
"""Eight bits, greyscale, deflate, adaptive filters, not interlaced."""
PAETH = 4
FILTERS = 5


def encode(table: Bytes) -> bytes:
    """Return a PNG file that shows a table (rows, columns)."""
    table = np.ascontiguousarray(table)
    lines = np.empty((table.shape[0], 1 + table.shape[1]), np.uint8)
    filtered(table, lines)
    # Runs alone, no earlier strings: noise has none, and they are half of the time.
    packer = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS, 9, zlib.Z_RLE)
    body = packer.compress(lines.data) + packer.flush()
    head = HEADER.pack(table.shape[1], table.shape[0], *GREY)
    return SIGNATURE + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def decode(file: bytes) -> Bytes:
    """Return the table (rows, columns) that an 8-bit greyscale PNG file shows.

    Raises:
        FormatError: It is no such file, or a bit of it was changed.
    """
    if not file.startswith(SIGNATURE):
        raise FormatError("this is no PNG file")
    head, body = b"", b""
    for kind, content in _chunks(file):
        if kind == b"IHDR":
            head = content
        elif kind == b"IDAT":
            body += content
    if len(head) != HEADER.size or HEADER.unpack(head)[2:] != GREY:
        raise FormatError("the PNG file is not one of 8-bit greyscale")
    width, height = HEADER.unpack(head)[:2]
    try:
        raw = zlib.decompress(body, bufsize=max(1, height * (1 + width)))
    except zlib.error as error:
        raise FormatError(f"the PNG file cannot be unpacked: {error}") from None
    if len(raw) != height * (1 + width):
        raise FormatError(f"the PNG file should hold {height} rows of {width} bytes")
    lines = np.frombuffer(raw, np.uint8).reshape(height, 1 + width)
    if height and lines[:, 0].max() >= FILTERS:
        raise FormatError(f"the PNG file has a row of filter {lines[:, 0].max()}, the last is 4")
    table = np.empty((height, width), np.uint8)
    unfiltered(lines, table)
    return table


@kernel
def filtered(table: Array, lines: Array) -> None:
    """Write each byte's distance from what its neighbours promise, modulo 256.

    Args:
        table: Bytes (rows, columns).
        lines: Where the result goes, (rows, 1 + columns); a filter's number begins a row.
    """
    rows, columns = table.shape
    nothing = np.zeros(columns, np.uint8)
    for row in range(rows):
        here, before, line = table[row], nothing if row == 0 else table[row - 1], lines[row]
        line[0] = PAETH
        line[1] = here[0] - before[0]
        for column in range(1, columns):
            left, above = np.int16(here[column - 1]), np.int16(before[column])
            promise = paeth(left, above, np.int16(before[column - 1]))
            line[1 + column] = np.uint8(np.int16(here[column]) - promise)


@kernel
def unfiltered(lines: Array, table: Array) -> None:
    """Undo :func:`filtered`, and the other four filters of the format."""
    rows, columns = table.shape
    nothing = np.zeros(columns, np.uint8)
    for row in range(rows):
        here, before, line = table[row], nothing if row == 0 else table[row - 1], lines[row]
        left = corner = np.int16(0)
        kind = line[0]
        if kind == PAETH:
            for column in range(columns):
                above = np.int16(before[column])
                left = np.int16(
                    (np.int16(line[1 + column]) + paeth(left, above, corner)) & np.int16(255)
                )
                here[column], corner = left, above
            continue
        for column in range(columns):
            above = np.int16(before[column])
            promise = np.int16(0)
            if kind == 1:
                promise = left
            elif kind == 2:
                promise = above
            elif kind == 3:
                promise = (left + above) >> np.int16(1)
            left = np.int16((np.int16(line[1 + column]) + promise) & np.int16(255))
            here[column] = left


@kernel
def paeth(left: np.int16, above: np.int16, corner: np.int16) -> np.int16:
    """Return the neighbour that is nearest to the plane through all three."""
    to_left, to_above = abs(above - corner), abs(left - corner)
    to_corner = abs((above - corner) + (left - corner))
    upper = above if to_above <= to_corner else corner
    return left if (to_left <= to_above) & (to_left <= to_corner) else upper


def _chunk(kind: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(content, zlib.crc32(kind)))
    )


def _chunks(file: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield kind and content of each chunk."""
    at = len(SIGNATURE)
    while at < len(file):
        size = int.from_bytes(file[at : at + 4], "big")
        kind, content = file[at + 4 : at + 8], file[at + 8 : at + 8 + size]
        if len(content) < size or file[at + 8 + size : at + 12 + size] != struct.pack(
            ">I", zlib.crc32(content, zlib.crc32(kind))
        ):
            raise FormatError(f"the PNG file is damaged in its part {kind.decode('latin-1')!r}")
        yield kind, content
        at += 12 + size
