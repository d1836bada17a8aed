"""Recordings that stay on disk, read and written in blocks: memory does not grow with them."""

import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import soundfile
import soxr
import torch
from torch import Tensor

from graphophone.audio.files import (
    check_finite,
    check_heard,
    check_path,
    check_rate,
    check_writable,
    resampled_length,
    stereo,
)
from graphophone.audio.level import Meter
from graphophone.audio.libsndfile import (
    OPEN_END,
    appearing,
    check_whole,
    decodable,
    form,
    opened,
    writing,
)
from graphophone.errors import AudioError
from graphophone.tensors import Stereo

BLOCK = 16_384
"""Samples a block; a sixth of a second at 96 kHz."""
MOST_BYTES = 2**32 - 2**16
"""What WAV and AIFF can hold, whose headers count in 32 bits; the rest is left to the headers."""
BYTES = {"PCM_24": 6, "FLOAT": 8}
"""Bytes of a sample of both channels."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Track:
    """A recording on disk; :func:`track` opens one.

    Attributes:
        path: Its name.
        source: Where libsndfile reads it: the same file, or what ffmpeg made of it.
        rate: Samples a second in the file.
        claim: How many samples the file says it has; 0 where it does not say.
        notes: What is assumed while reading, in sentences for the user.
    """

    path: Path
    source: Path
    rate: int
    claim: int
    notes: tuple[str, ...]

    def blocks(self, rate: int) -> Iterator[Stereo]:
        """Yield all of it at a rate, in blocks of ``BLOCK`` samples; the last one has the rest.

        Raises:
            AudioError: What :func:`graphophone.audio.files.read` raises, once it is come upon.
        """
        parts = self._parts()
        return _even(parts if rate == self.rate else _resampled(parts, self.rate, rate))

    def _parts(self) -> Iterator[Stereo]:
        """Yield what the file holds as two channels, and doubt it as it goes by."""
        count, peak = 0, 0.0
        with opened(self.source) as file:
            while len(frames := file.read(BLOCK, dtype="float32", always_2d=True)):
                check_finite(self.path, frames)
                count, peak = count + len(frames), max(peak, float(np.abs(frames).max()))
                yield stereo(self.path, frames)[0]
            check_whole(self.source, file.frames, count)
        check_heard(self.path, peak)


@contextmanager
def track(path: Path) -> Iterator[Track]:
    """Open a recording to read it in blocks, as often as needed.

    Raises:
        AudioError: There is none, or it cannot be read.
    """
    check_path(path)
    with decodable(path) as source:
        with opened(source) as file:
            rate, claim, channels = file.samplerate, file.frames, file.channels
        check_rate(path, rate)
        _, notes = stereo(path, np.zeros((0, channels), np.float32))
        yield Track(path, source, rate, claim if claim < OPEN_END else 0, notes)


def together(tracks: Mapping[str, Track], rate: int) -> Iterator[dict[str, Stereo]]:
    """Yield blocks of several tracks side by side; silence follows those that end first."""
    running = {name: track.blocks(rate) for name, track in tracks.items()}
    while True:
        blocks = {name: next(parts, torch.zeros(2, 0)) for name, parts in running.items()}
        length = max(block.shape[1] for block in blocks.values())
        if length == 0:
            return
        yield {
            name: torch.nn.functional.pad(block, (0, length - block.shape[1]))
            for name, block in blocks.items()
        }


def _resampled(parts: Iterable[Stereo], from_rate: int, to_rate: int) -> Iterator[Stereo]:
    """Yield at another rate what :func:`graphophone.audio.files.resample` gives of the whole."""
    stream = soxr.ResampleStream(from_rate, to_rate, 2, quality="VHQ")
    heard = given = 0
    for part in parts:
        done = stream.resample_chunk(np.ascontiguousarray(part.numpy().T))
        heard, given = heard + part.shape[1], given + len(done)
        yield torch.from_numpy(done.T)
    wanted = resampled_length(heard, from_rate, to_rate) - given
    rest = stream.resample_chunk(np.zeros((0, 2), np.float32), last=True)[:wanted]
    yield torch.from_numpy(np.pad(rest, ((0, wanted - len(rest)), (0, 0))).T)


def _even(parts: Iterable[Stereo]) -> Iterator[Stereo]:
    """Yield the same samples in blocks of equal size; the last one has the rest."""
    held: list[Tensor] = []
    count = 0
    for part in parts:
        held.append(part)
        count += part.shape[1]
        if count >= BLOCK:
            joined = torch.cat(held, 1)
            whole = count - count % BLOCK
            for start in range(0, whole, BLOCK):
                yield joined[:, start : start + BLOCK]
            held, count = [joined[:, whole:]], count - whole
    if count:
        yield torch.cat(held, 1)


def check_output(path: Path, rate: int) -> None:
    """Make sure that there is a format for a name, and that it knows the rate.

    Raises:
        AudioError: There is none, or it does not.
    """
    kind, subtype = form(path)
    trial = io.BytesIO()
    with writing(path), soundfile.SoundFile(trial, "w", rate, 2, subtype=subtype, format=kind):
        pass


class Writer:
    """Writes a recording block by block; :func:`writer` makes one.

    Attributes:
        samples: How many there are so far.
        peak: The loudest of them.
        meter: Their level.
    """

    def __init__(self, path: Path, rate: int, scratch: IO[bytes]) -> None:
        self.path, self.rate = path, rate
        self.samples, self.peak, self.meter = 0, 0.0, Meter(rate)
        self._scratch = scratch

    def write(self, block: Stereo) -> None:
        """Take the next samples.

        Raises:
            AudioError: Some are not finite, or the disk is full.
        """
        frames = np.ascontiguousarray(block.numpy().T, np.float32)
        check_writable(self.path, frames)
        self.meter.add(block)
        self.samples += len(frames)
        self.peak = max(self.peak, float(np.abs(frames).max(initial=0.0)))
        with writing(self.path):
            self._scratch.write(frames.tobytes())

    def finish(self, progress: Progress) -> tuple[str, ...]:
        """Write the file, and return what is to be said about it.

        Raises:
            AudioError: It would clip, or cannot be written.
        """
        kind, subtype = form(self.path, self.peak)
        large = kind == "WAV" and self.samples * BYTES[subtype] > MOST_BYTES
        kind = "RF64" if large else kind
        done = 0
        with appearing(self.path) as temporary:
            self._scratch.seek(0)
            with soundfile.SoundFile(
                temporary, "w", self.rate, 2, subtype=subtype, format=kind
            ) as file:
                while data := self._scratch.read(BLOCK * BYTES["FLOAT"]):
                    # In double precision, as in `write`: 24 bits are then rounded alike.
                    frames = np.frombuffer(data, np.float32).reshape(-1, 2).astype(np.float64)
                    file.write(frames)
                    done += len(frames)
                    progress(done, self.samples)
        return (f"{self.path.name}: more than WAV can count, written as RF64",) if large else ()


@contextmanager
def writer(path: Path, rate: int, most: int) -> Iterator[Writer]:
    """Prepare to write a recording as :func:`graphophone.audio.files.write` would.

    Whether it clips is known at its end, and so is its format. Until then the samples lie in a
    file without a name, on the same disk, which is gone whatever ends the program.

    Args:
        path: The file, which appears when :meth:`Writer.finish` is done.
        rate: Samples a second.
        most: How many samples there may be.

    Raises:
        AudioError: So many do not fit into a file of this kind, or there is no room at all.
    """
    kind, subtype = form(path)
    if kind == "AIFF" and most * BYTES[subtype] > MOST_BYTES:
        raise AudioError(
            f"{path}: a {path.suffix} file holds {MOST_BYTES / 1e9:.1f} GB and this may take "
            f"{most * BYTES[subtype] / 1e9:.1f} GB, use .wav or .flac"
        )
    with ExitStack() as stack:
        with writing(path):
            scratch = stack.enter_context(tempfile.TemporaryFile(dir=path.parent))
        yield Writer(path, rate, scratch)
