"""Recordings on disk: read whatever musicians have, write nothing by halves."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
import torch
from torch import Tensor

from graphophone.audio.downmix import to_stereo
from graphophone.audio.level import FLOOR_DB
from graphophone.audio.libsndfile import (
    SUFFIXES,
    appearing,
    check_whole,
    decodable,
    form,
    opened,
)
from graphophone.errors import AudioError
from graphophone.tensors import Stereo

RATES = (8_000, 192_000)
SILENCE = 10 ** (FLOOR_DB / 20)


@dataclass(frozen=True)
class Recording:
    """A recording with two channels.

    Attributes:
        audio: Left and right; two equal channels where the file was mono.
        rate: Samples a second, as in the file.
        notes: What was assumed while reading, in sentences for the user.
    """

    audio: Stereo
    rate: int
    notes: tuple[str, ...] = ()


def read(path: str | Path, start: float | None = None, end: float | None = None) -> Recording:
    """Read a recording, or the part of it between ``start`` and ``end`` in seconds.

    Raises:
        AudioError: One sentence that names the file and what is wrong with it.
    """
    path = Path(path)
    check_path(path)
    frames, rate = _decode(path)
    check_rate(path, rate)
    frames = _cut(frames, rate, start, end, path)
    check_finite(path, frames)
    check_heard(path, float(np.abs(frames).max()))
    audio, notes = stereo(path, frames)
    return Recording(audio.contiguous(), rate, notes)


def check_path(path: Path) -> None:
    """Make sure that there is a file with something in it.

    Raises:
        AudioError: There is none.
    """
    if not path.exists():
        raise AudioError(f"{path}: there is no such file")
    if path.is_dir():
        raise AudioError(f"{path}: this is a folder, an audio file is needed")
    if path.stat().st_size == 0:
        raise AudioError(f"{path}: the file is empty")


def check_rate(path: Path, rate: int) -> None:
    """Make sure that the processors run at the rate of a file.

    Raises:
        AudioError: They do not.
    """
    if not RATES[0] <= rate <= RATES[1]:
        raise AudioError(f"{path}: the sample rate must be 8 kHz to 192 kHz, got {rate} Hz")


def check_finite(path: Path, frames: np.ndarray) -> None:
    """Make sure that all samples are numbers.

    Raises:
        AudioError: Some are not.
    """
    if not np.isfinite(frames).all():
        raise AudioError(f"{path}: some samples are not finite numbers (NaN or infinity)")


def check_heard(path: Path, peak: float) -> None:
    """Make sure that a recording whose loudest sample is ``peak`` is not silence.

    Raises:
        AudioError: It is.
    """
    if peak < SILENCE:
        raise AudioError(f"{path}: this is silence, nothing is above {FLOOR_DB:g} dBFS")


def stereo(path: Path, frames: np.ndarray) -> tuple[Stereo, tuple[str, ...]]:
    """Return samples (time, channel) as two channels, and what was assumed of which file."""
    audio, notes = to_stereo(torch.from_numpy(frames.T))
    return audio, tuple(f"{path.name}: {note}" for note in notes)


def _cut(
    frames: np.ndarray, rate: int, start: float | None, end: float | None, path: Path
) -> np.ndarray:
    """Return the samples between two times, which must lie in the file."""
    seconds = len(frames) / rate
    first, last = 0.0 if start is None else start, seconds if end is None else end
    for name, value in (("start", first), ("end", last)):
        if not 0 <= value <= seconds + 0.5 / rate:
            raise AudioError(
                f"{path}: {name} must be within the file's {seconds:.2f} s, got {value:g} s"
            )
    part = frames[round(first * rate) : round(last * rate)]
    if len(part) == 0:
        raise AudioError(f"{path}: start must be before end, got {first:g} s and {last:g} s")
    return part


def _decode(path: Path) -> tuple[np.ndarray, int]:
    """Return all samples as (time, channel) float32."""
    with decodable(path) as source, opened(source) as file:
        frames = file.read(dtype="float32", always_2d=True)
        check_whole(source, file.frames, len(frames))
        return frames, file.samplerate


def write(path: str | Path, audio: Tensor, rate: int) -> None:
    """Write (channel, time) in the format of the suffix: 24 bit, or a float WAV where it clips.

    The file appears under its name when it is complete, and not before.

    Raises:
        AudioError: One sentence that names the file and why it cannot be written.
    """
    path = Path(path)
    form(path)
    samples = audio.detach().to("cpu", torch.float64).numpy().T
    check_writable(path, samples)
    kind, subtype = form(path, float(np.abs(samples).max()) if samples.size else 0.0)
    with appearing(path) as temporary:
        soundfile.write(temporary, samples, rate, subtype=subtype, format=kind)


def check_writable(path: Path, samples: np.ndarray) -> None:
    """Make sure that samples for a file are numbers.

    Raises:
        AudioError: Some are not.
    """
    if not np.isfinite(samples).all():
        raise AudioError(f"{path}: the audio has samples that are not finite, nothing was written")


def resampled_length(length: int, from_rate: int, to_rate: int) -> int:
    """Return how many samples stand for ``length`` at another rate, rounded up."""
    return -(-length * to_rate // from_rate)


def resample(audio: Tensor, from_rate: int, to_rate: int) -> Tensor:
    """Return (channel, time) at another rate (soxr, very high quality), of rounded-up length."""
    if from_rate == to_rate:
        return audio
    frames = audio.detach().cpu().numpy().T
    wanted = resampled_length(audio.shape[-1], from_rate, to_rate)
    done = np.asarray(soxr.resample(frames, from_rate, to_rate, quality="VHQ"))[:wanted]
    padded = np.pad(done, ((0, wanted - len(done)), (0, 0)))
    return torch.from_numpy(np.ascontiguousarray(padded.T))


def find(paths: Iterable[str | Path]) -> tuple[Path, ...]:
    """Replace each folder by the audio files in it and below, sorted; keep files as given.

    Raises:
        AudioError: A folder holds no audio file.
    """
    found: list[Path] = []
    for path in map(Path, paths):
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
        inside = [p for p in inside if not p.name.startswith(".")]
        if not inside:
            raise AudioError(f"{path}: there is no audio file in this folder")
        found.extend(inside)
    return tuple(dict.fromkeys(found))
