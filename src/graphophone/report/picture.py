"""Spectrograms as small pictures, without a plotting library."""

import base64
import struct
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt

from graphophone.audio.features import log_mel
from graphophone.tensors import Stereo

RANGE_DB = 75.0
COLUMNS = 1_200
STOPS = ((13, 15, 26), (44, 28, 84), (127, 43, 118), (214, 74, 84), (250, 155, 76), (252, 238, 190))
"""Colours from silence to the loudest: even steps of lightness, so it reads in grey too."""


def spectrogram(audio: Stereo) -> str:
    """Draw the mel spectrum of mid of a recording at 44.1 kHz over time.

    Returns:
        A PNG as a data address, 256 pixels high, low frequencies at the bottom.
    """
    decibels = log_mel(audio[None])[0, 0].numpy()
    step = max(1, -(-decibels.shape[1] // COLUMNS))
    width = decibels.shape[1] // step * step
    columns = decibels[:, :width].reshape(len(decibels), -1, step).max(2)
    top = float(columns.max())
    shade = np.clip((columns - top) / RANGE_DB + 1, 0, 1)[::-1]
    return "data:image/png;base64," + base64.b64encode(png(coloured(shade))).decode()


def coloured(shade: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Map (height, width) in [0, 1] to colours (height, width, 3)."""
    places = np.linspace(0, 1, len(STOPS))
    channels = [np.interp(shade, places, [stop[i] for stop in STOPS]) for i in range(3)]
    return np.stack(channels, -1).round().astype(np.uint8)


def png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Encode (height, width, 3) as PNG (ISO/IEC 15948): 8-bit RGB, no filter."""
    height, width, _ = pixels.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)], axis=1)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows.tobytes(), 9)),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
