"""The library that knows the formats: what it opens, how it is told to write, what it says."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import soundfile

from graphophone.audio.header import cut_short, declared_frames
from graphophone.errors import AudioError

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
OPEN_END = 2**62
"""A length this great says that libsndfile does not know it."""
MISLEADING = "File does not exist"
"""What libsndfile says of a file that is there but that its MP3 decoder makes nothing of."""


@contextmanager
def opened(path: Path) -> Iterator[soundfile.SoundFile]:
    """Open a file that libsndfile reads; what goes wrong inside is said in a sentence.

    Raises:
        AudioError: It is not readable, or its end is missing.
    """
    if cut_short(path):
        raise AudioError(f"{path}: the file is truncated, its end is missing")
    try:
        with soundfile.SoundFile(path) as file:
            yield file
    except (soundfile.SoundFileError, TypeError) as error:
        raise AudioError(f"{path}: this is not a readable audio file ({_reason(error)})") from None


def _reason(error: Exception) -> str:
    """Return the last clause of a library's message, without its full stop."""
    reason = str(error).rstrip(". ").rpartition(": ")[2] or type(error).__name__
    return "no sound was recognised in it" if reason.startswith(MISLEADING) else reason


@contextmanager
def decodable(path: Path) -> Iterator[Path]:
    """Yield a file that libsndfile reads: this one, or a float WAV that ffmpeg makes of it.

    Raises:
        AudioError: ffmpeg is not installed, or does not know the file either.
    """
    if path.suffix.lower() not in FFMPEG:
        yield path
        return
    program = shutil.which("ffmpeg")
    if program is None:
        raise AudioError(
            f"{path}: reading {path.suffix} needs the program ffmpeg, which is not installed; "
            "install it or convert the file to WAV"
        )
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "decoded.wav"
        command = [program, "-v", "error", "-i", str(path), "-vn", "-c:a", "pcm_f32le"]
        command += ["-rf64", "auto", str(wav)]  # an hour at a high rate is beyond 4 GB
        done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)
        if done.returncode != 0 or not wav.exists():
            raise AudioError(f"{path}: this is not a readable audio file (ffmpeg refused it)")
        yield wav


def check_whole(path: Path, claim: int, count: int) -> None:
    """Make sure that all samples came out of a file, and that there are any.

    Args:
        path: The file, which says itself how long it is if it is WAV or AIFF.
        claim: How many samples libsndfile announced.
        count: How many it gave.

    Raises:
        AudioError: Some are missing, or there are none.
    """
    missing = max(claim, declared_frames(path)) - count
    if missing > 0 and claim < OPEN_END and path.suffix.lower() != ".mp3":
        raise AudioError(
            f"{path}: the file is truncated, {missing} of its {missing + count} samples are missing"
        )
    if count == 0:
        raise AudioError(f"{path}: the file holds no samples")


def form(path: Path, peak: float = 0.0) -> tuple[str, str]:
    """Return libsndfile's format and subtype for a name and the loudest sample.

    Raises:
        AudioError: There is none for this name, or only one that would clip.
    """
    suffix = path.suffix.lower()
    if suffix not in WRITABLE:
        allowed = ", ".join(WRITABLE)
        raise AudioError(f"{path}: the name must end in one of {allowed}, got {suffix!r}")
    kind, subtype = WRITABLE[suffix]
    if peak > 1:
        if suffix != ".wav":
            raise AudioError(f"{path}: the audio would clip in a {suffix} file, use .wav")
        subtype = "FLOAT"
    return kind, subtype


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Say in a sentence why a file cannot be written.

    Raises:
        AudioError: The sentence.
    """
    try:
        yield
    except (soundfile.SoundFileError, OSError, ValueError) as error:
        raise AudioError(f"{path}: the file cannot be written ({_reason(error)})") from None


@contextmanager
def appearing(path: Path) -> Iterator[Path]:
    """Yield a temporary name for a file that appears under its own when it is complete.

    Raises:
        AudioError: It cannot be written.
    """
    temporary = path.with_name(f".{path.stem}-{os.getpid()}{path.suffix.lower()}")
    try:
        with writing(path):
            yield temporary
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
