"""Recordings on disk: read whatever musicians have, write nothing by halves."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
import torch
from torch import Tensor

from graphophone.audio.downmix import to_stereo
from graphophone.audio.header import cut_short, declared_frames
from graphophone.audio.level import FLOOR_DB
from graphophone.errors import AudioError
from graphophone.tensors import Stereo

LIBSNDFILE = (".wav", ".flac", ".ogg", ".mp3", ".aiff", ".aif", ".aifc", ".oga", ".opus", ".w64")
FFMPEG = (".m4a", ".aac", ".mp4", ".wma", ".webm", ".mka", ".caf", ".ac3")
SUFFIXES = LIBSNDFILE + FFMPEG
WRITABLE = {
    ".wav": ("WAV", "PCM_24"),
    ".flac": ("FLAC", "PCM_24"),
    ".aiff": ("AIFF", "PCM_24"),
    ".aif": ("AIFF", "PCM_24"),
    ".ogg": ("OGG", "VORBIS"),
    ".mp3": ("MP3", "MPEG_LAYER_III"),
}
RATES = (8_000, 192_000)
SILENCE = 10 ** (FLOOR_DB / 20)
MISLEADING = "File does not exist"
"""What libsndfile says of a file that is there but that its MP3 decoder makes nothing of."""


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
    if not path.exists():
        raise AudioError(f"{path}: there is no such file")
    if path.is_dir():
        raise AudioError(f"{path}: this is a folder, an audio file is needed")
    if path.stat().st_size == 0:
        raise AudioError(f"{path}: the file is empty")
    frames, rate = _decode(path)
    if not RATES[0] <= rate <= RATES[1]:
        raise AudioError(f"{path}: the sample rate must be 8 kHz to 192 kHz, got {rate} Hz")
    if len(frames) == 0:
        raise AudioError(f"{path}: the file holds no samples")
    frames = _cut(frames, rate, start, end, path)
    if not np.isfinite(frames).all():
        raise AudioError(f"{path}: some samples are not finite numbers (NaN or infinity)")
    if np.abs(frames).max() < SILENCE:
        raise AudioError(f"{path}: this is silence, nothing is above {FLOOR_DB:g} dBFS")
    audio, notes = to_stereo(torch.from_numpy(frames.T))
    return Recording(audio.contiguous(), rate, tuple(f"{path.name}: {note}" for note in notes))


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
    if path.suffix.lower() in FFMPEG:
        return _decode_with_ffmpeg(path)
    if cut_short(path):
        raise AudioError(f"{path}: the file is truncated, its end is missing")
    try:
        with soundfile.SoundFile(path) as file:
            declared, rate = file.frames, file.samplerate
            frames = file.read(dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, TypeError) as error:
        raise AudioError(f"{path}: this is not a readable audio file ({_reason(error)})") from None
    missing = max(declared, declared_frames(path)) - len(frames)
    if missing > 0 and declared < 2**62 and path.suffix.lower() != ".mp3":
        raise AudioError(
            f"{path}: the file is truncated, {missing} of its {missing + len(frames)} "
            "samples are missing"
        )
    return frames, rate


def _reason(error: Exception) -> str:
    """Return the last clause of a library's message, without its full stop."""
    reason = str(error).rstrip(". ").rpartition(": ")[2] or type(error).__name__
    return "no sound was recognised in it" if reason.startswith(MISLEADING) else reason


def _decode_with_ffmpeg(path: Path) -> tuple[np.ndarray, int]:
    """Let an installed ffmpeg write a float WAV, and read that."""
    program = shutil.which("ffmpeg")
    if program is None:
        raise AudioError(
            f"{path}: reading {path.suffix} needs the program ffmpeg, which is not installed; "
            "install it or convert the file to WAV"
        )
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "decoded.wav"
        command = [program, "-v", "error", "-i", str(path), "-vn", "-c:a", "pcm_f32le", str(wav)]
        done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)
        if done.returncode != 0 or not wav.exists():
            raise AudioError(f"{path}: this is not a readable audio file (ffmpeg refused it)")
        return _decode(wav)


def write(path: str | Path, audio: Tensor, rate: int) -> None:
    """Write (channel, time) in the format of the suffix: 24 bit, or a float WAV where it clips.

    The file appears under its name when it is complete, and not before.

    Raises:
        AudioError: One sentence that names the file and why it cannot be written.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in WRITABLE:
        allowed = ", ".join(WRITABLE)
        raise AudioError(f"{path}: the name must end in one of {allowed}, got {suffix!r}")
    samples = audio.detach().to("cpu", torch.float64).numpy().T
    if not np.isfinite(samples).all():
        raise AudioError(f"{path}: the audio has samples that are not finite, nothing was written")
    kind, subtype = WRITABLE[suffix]
    if samples.size and np.abs(samples).max() > 1:
        if suffix != ".wav":
            raise AudioError(f"{path}: the audio would clip in a {suffix} file, use .wav")
        subtype = "FLOAT"
    temporary = path.with_name(f".{path.stem}-{os.getpid()}{suffix}")
    try:
        soundfile.write(temporary, samples, rate, subtype=subtype, format=kind)
        temporary.replace(path)
    except (soundfile.SoundFileError, OSError, ValueError) as error:
        raise AudioError(f"{path}: the file cannot be written ({_reason(error)})") from None
    finally:
        temporary.unlink(missing_ok=True)


def resample(audio: Tensor, from_rate: int, to_rate: int) -> Tensor:
    """Return (channel, time) at another rate (soxr, very high quality), of rounded-up length."""
    if from_rate == to_rate:
        return audio
    frames = audio.detach().cpu().numpy().T
    wanted = -(-audio.shape[-1] * to_rate // from_rate)
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
