"""How requests are answered: errors by their kind, samples as bytes, files as downloads."""

import json
import re
from collections.abc import Sequence
from typing import Any

from fastapi.responses import Response

from graphophone.errors import GraphophoneError, WorkerError
from graphophone.studio.editing import EditError
from graphophone.studio.sessions import UnknownSessionError
from graphophone.studio.signals import Frames, Signal, wav_bytes, wav_header

RANGE = re.compile(r"bytes=(\d*)-(\d*)")
MOST_PIECE = 32 * 2**20
"""Bytes of a WAV file that one answer holds; whoever wants more asks on."""


def graded(error: GraphophoneError) -> tuple[int, dict[str, Any]]:
    """Give the status of a deliberate error, and the nodes that a refused edit points at."""
    if isinstance(error, UnknownSessionError):
        return 404, {}
    if isinstance(error, WorkerError):
        return 503, {}
    return 422, {"nodes": error.nodes} if isinstance(error, EditError) else {}


def floats(frames: Frames) -> Response:
    """Answer with samples: interleaved 32-bit floats, little-endian."""
    return Response(frames.astype("<f4").tobytes(), media_type="application/octet-stream")


def wav(signal: Signal, asked: str | None) -> Response:
    """Answer with a WAV file of floats, or the part of it that a ``Range`` header asks for.

    RFC 9110, section 14: one range of bytes; a suffix counts from the end; what cannot be
    satisfied is answered with 416 and the size.
    """
    size = len(wav_header(signal.samples, signal.rate)) + signal.samples * 8
    headers = {"Accept-Ranges": "bytes"}
    first, last, status = 0, size - 1, 200
    found = RANGE.fullmatch(asked.strip()) if asked else None
    if found is not None and found.group(0) != "bytes=-":
        begin, end = found.groups()
        if begin:
            first, last = int(begin), min(int(end), size - 1) if end else size - 1
        else:
            first = max(0, size - int(end))
        if first >= size or first > last:
            return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
        status = 206
    if last - first >= MOST_PIECE:
        last, status = first + MOST_PIECE - 1, 206
    if status == 206:
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    body = wav_bytes(signal.path, signal.samples, signal.rate, first, last)
    return Response(body, status, headers, media_type="audio/wav")


def download(body: bytes, media_type: str, name: str, lost: Sequence[str] = ()) -> Response:
    """Answer with a file to save, and say what it does not carry."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Lost": json.dumps(lost)}
    return Response(body, media_type=media_type, headers=headers)
