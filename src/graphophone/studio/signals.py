"""Signals on disk: whatever their length, only what is asked for is in memory.

A signal lies in a file of interleaved 32-bit floats, little-endian, left and right, without a
header. So a piece of it is a piece of the file, and a WAV file is a header in front of it.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import torch

from graphophone.audio.blocks import BLOCK
from graphophone.audio.level import Meter
from graphophone.tensors import Stereo

Frames = npt.NDArray[np.float32]
FRAME_BYTES = 8
WAV_HEADER = 58
"""Bytes in front of the samples of a float WAV file."""
IEEE_FLOAT = 3


@dataclass(frozen=True)
class Signal:
    """A finished signal.

    Attributes:
        path: The file of floats.
        rate: Samples a second.
        samples: How many there are.
        level_db: RMS level over active frames in dBFS; ``None`` for silence.
        name: What people call it.
        notes: What was assumed while reading it, in sentences.
    """

    path: Path
    rate: int
    samples: int
    level_db: float | None
    name: str
    notes: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.samples / self.rate

    def to_json(self) -> dict[str, Any]:
        """Return all of it as plain data; of the path only the name in its folder."""
        return {**asdict(self), "path": self.path.name, "notes": list(self.notes)}

    @classmethod
    def from_json(cls, document: dict[str, Any], folder: Path) -> "Signal":
        """Read what :meth:`to_json` gave; the file lies in ``folder``."""
        path = folder / Path(document["path"]).name
        return cls(**{**document, "path": path, "notes": tuple(document["notes"])})

    def read(self, start: int, count: int) -> Frames:
        """Return samples (time, 2) from ``start`` on; what lies outside is left out."""
        return read(self.path, start, min(count, self.samples - start))

    def moved(self, path: Path) -> "Signal":
        """Put the file elsewhere, in the place of what is there, and return the signal there."""
        self.path.replace(path)
        return replace(self, path=path)

    def blocks(self, start: int = 0, size: int = BLOCK) -> Iterator[Stereo]:
        """Yield it in blocks (2, time); the last one has the rest."""
        for place in range(start, self.samples, size):
            yield stereo(self.read(place, size))


def read(path: Path, start: int, count: int) -> Frames:
    """Return up to ``count`` samples (time, 2) of a file of floats."""
    if count <= 0 or start < 0:
        return np.zeros((0, 2), np.float32)
    frames = np.fromfile(path, "<f4", 2 * count, offset=FRAME_BYTES * start)
    return frames[: len(frames) // 2 * 2].reshape(-1, 2)


def stereo(frames: Frames) -> Stereo:
    """Return samples (time, 2) as a tensor (2, time)."""
    return torch.from_numpy(np.ascontiguousarray(frames.T))


class SignalWriter:
    """Writes a signal block by block; what is written can be read at once.

    Args:
        path: The file; replaced.
        rate: Samples a second.
    """

    def __init__(self, path: Path, rate: int) -> None:
        self.path, self.rate, self.samples, self.meter = path, rate, 0, Meter(rate)
        self._file: IO[bytes] = path.open("wb")

    def write(self, block: Stereo) -> None:
        """Add samples (2, time)."""
        self._file.write(block.numpy().T.astype("<f4").tobytes())
        self._file.flush()
        self.meter.add(block)
        self.samples += block.shape[1]

    def skip(self, samples: int) -> None:
        """Leave out samples: they read as silence, take no room and have no part in the level."""
        self.samples += samples
        self._file.truncate(self.samples * FRAME_BYTES)
        self._file.seek(self.samples * FRAME_BYTES)

    def shorten(self, samples: int) -> None:
        """Forget what comes after so many samples."""
        self._file.truncate(samples * FRAME_BYTES)
        self.samples = samples

    def finish(self, name: str, notes: Iterable[str] = ()) -> Signal:
        """Close the file and return what it holds."""
        self.close()
        level = self.meter.rms_db() if self.samples and self.meter.power > 0 else None
        return Signal(self.path, self.rate, self.samples, level, name, tuple(notes))

    def close(self) -> None:
        """Close the file, finished or not."""
        self._file.close()


def wav_header(samples: int, rate: int) -> bytes:
    """Return the header of a float WAV file with two channels (Microsoft RIFF, with a fact chunk).

    Sizes that 32 bits cannot count are written as the largest number, which players read as
    "to the end".
    """
    data = samples * FRAME_BYTES
    most = 2**32 - 1
    kind = struct.pack("<HHIIHHH", IEEE_FLOAT, 2, rate, rate * FRAME_BYTES, FRAME_BYTES, 32, 0)
    return (
        b"RIFF"
        + struct.pack("<I", min(data + WAV_HEADER - 8, most))
        + b"WAVEfmt "
        + struct.pack("<I", len(kind))
        + kind
        + b"fact"
        + struct.pack("<II", 4, min(samples, most))
        + b"data"
        + struct.pack("<I", min(data, most))
    )


def wav_bytes(path: Path, samples: int, rate: int, first: int, last: int) -> bytes:
    """Return bytes ``first`` to ``last``, inclusive, of a signal as a WAV file."""
    header = wav_header(samples, rate)
    head = header[first : last + 1]
    start = max(first - len(header), 0)
    count = last + 1 - len(header) - start
    if count <= 0:
        return head
    with path.open("rb") as file:
        file.seek(start)
        return head + file.read(count)
