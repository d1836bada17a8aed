"""What can be wrong with a dry source: one file is looked at once, then judged.

:func:`examine` measures and never refuses; :func:`judge` compares what was measured with
:class:`Limits` and names each fault. Looking is slow and is remembered (:mod:`.survey`); judging
is quick, so other limits need no new look.
"""

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from graphophone.audio.files import read
from graphophone.errors import AudioError, FormatError
from graphophone.sources.activity import sounding, voiced
from graphophone.sources.bandwidth import bandwidth
from graphophone.sources.clip import Clip
from graphophone.sources.clipping import clipped_share
from graphophone.sources.dryness import dryness
from graphophone.sources.grooves import read_midi
from graphophone.sources.splits import SCORES, VOICES

PARTS = 20
"""A file is divided into so many parts, each of which is remembered to sound or not."""
LONGEST_SECONDS = 60.0
"""Bandwidth is measured on the first minute."""
WET = "may be wet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """From where on a recording is not used. None stands for no limit.

    Attributes:
        rate: Lowest sample rate in Hz.
        bandwidth_hertz: Lowest true bandwidth of a voice in Hz.
        clipped: Largest share of samples on flat tops.
        offset: Largest mean over the loudest sample.
        quiet_db: Lowest level of the loudest sample in dBFS.
        fall_db: Least fall in 100 ms of a dry voice, in dB (:class:`.Dryness`).
        echo: Highest line that the cepstrum of a dry voice may have, over its noise.
    """

    rate: int | None = 16_000
    bandwidth_hertz: float | None = 6_000.0
    clipped: float | None = 1e-3
    offset: float | None = 0.05
    quiet_db: float | None = -60.0
    fall_db: float | None = 18.0
    echo: float | None = 14.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was measured on a file; plain data, ready for JSON.

    Attributes:
        error: Why it cannot be read; the rest is then empty.
        seconds: Length.
        rate: Sample rate in Hz; 0 for scores.
        peak_db: Level of the loudest sample in dBFS.
        offset: Mean over the loudest sample.
        clipped: Share of samples on flat tops.
        bandwidth_hertz: True bandwidth of a voice, None for others.
        fall_db: See :class:`.Dryness`; None also for what is no voice.
        echo: See :class:`.Dryness`; 0 for what is no voice.
        sounds: For each twentieth of the file, whether anything sounds in it.
        sha256: Checksum, where there is one to compare with.
    """

    error: str = ""
    seconds: float = 0.0
    rate: int = 0
    peak_db: float = 0.0
    offset: float = 0.0
    clipped: float = 0.0
    bandwidth_hertz: float | None = None
    fall_db: float | None = None
    echo: float = 0.0
    sounds: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a file that its user should know.

    Attributes:
        file: Name of the file in its folder.
        check: What was looked at, in one word.
        reason: What is wrong, in a sentence without a full stop.
    """

    file: str
    check: str
    reason: str


def examine(clip: Clip) -> Facts:
    """Look at one file."""
    if clip.fault:
        return Facts(error=clip.fault)
    try:
        digest = _sha256(clip.path) if clip.sha256 else ""
        if clip.category == SCORES:
            hits = read_midi(clip.path)
            return Facts(seconds=hits[-1].time if hits else 0.0, sha256=digest)
        recording = read(clip.path)
    except (AudioError, FormatError) as error:
        return Facts(error=str(error).removeprefix(f"{clip.path}: "))
    except OSError as error:
        return Facts(error=f"the file cannot be read ({error.strerror or error})")
    samples = recording.audio.numpy()
    mono = samples.mean(0)
    peak = float(np.abs(samples).max())
    voice = clip.category in VOICES
    heard = dryness(mono, recording.rate) if voice else None
    start = mono[: round(LONGEST_SECONDS * recording.rate)]
    active = (voiced if voice else sounding)(mono, recording.rate)
    return Facts(
        seconds=len(mono) / recording.rate,
        rate=recording.rate,
        peak_db=round(20 * math.log10(peak), 2),
        offset=round(abs(float(mono.mean(dtype=np.float64))) / peak, 5),
        clipped=round(max(clipped_share(side) for side in samples), 6),
        bandwidth_hertz=round(bandwidth(start, recording.rate)) if voice else None,
        fall_db=None if heard is None or heard.fall_db is None else round(heard.fall_db, 2),
        echo=0.0 if heard is None else round(heard.echo, 2),
        sounds="".join("1" if part.any() else "0" for part in np.array_split(active, PARTS)),
        sha256=digest,
    )


def judge(clip: Clip, facts: Facts, limits: Limits) -> tuple[Finding, ...]:
    """Return everything for which a clip should not be used; nothing if it is sound."""
    faults: list[tuple[str, str]] = []
    if clip.sha256 and facts.sha256 and facts.sha256 != clip.sha256:
        faults.append(("checksum", "its SHA-256 is not the one in the manifest"))
    if facts.error:
        faults.append(("unreadable", facts.error))
    elif clip.category == SCORES:
        if not facts.seconds:
            faults.append(("empty", "no drum is struck in it"))
    else:
        faults += _of_sound(clip, facts, limits)
        faults += _of_voice(clip, facts, limits)
    return tuple(Finding(clip.name, check, reason) for check, reason in faults)


def _of_sound(clip: Clip, facts: Facts, limits: Limits) -> list[tuple[str, str]]:
    """Return the faults that any recording may have."""
    faults = []
    if limits.rate is not None and facts.rate < limits.rate:
        faults.append(("rate", f"its rate is {facts.rate} Hz, {limits.rate} Hz is the least"))
    first, last = (round(share * PARTS) for share in (clip.start, clip.end))
    if limits.quiet_db is not None and facts.peak_db < limits.quiet_db:
        faults.append(("silence", f"nothing in it is above {limits.quiet_db:g} dBFS"))
    elif "1" not in facts.sounds[first:last]:
        what = "no voice is heard" if clip.category in VOICES else "nothing is heard"
        faults.append(("silence", f"{what} between {clip.start:.0%} and {clip.end:.0%} of it"))
    if limits.clipped is not None and facts.clipped > limits.clipped:
        faults.append(("clipping", f"{facts.clipped:.2%} of its samples are cut off"))
    if limits.offset is not None and facts.offset > limits.offset:
        faults.append(("offset", f"its mean is {facts.offset:.1%} of its peak and not 0"))
    if WET in clip.note:
        faults.append(("wet", "whoever collected it noted that it may be wet"))
    return faults


def _of_voice(clip: Clip, facts: Facts, limits: Limits) -> list[tuple[str, str]]:
    """Return the faults that are looked for in voices alone."""
    faults = []
    width, least = facts.bandwidth_hertz, limits.bandwidth_hertz
    if width is not None and least is not None and width < min(least, 0.4 * facts.rate):
        faults.append(("bandwidth", f"it ends at {width:g} Hz, whatever its rate"))
    if limits.echo is not None and facts.echo > limits.echo:
        faults.append(("wet", f"it repeats itself as by a delay ({facts.echo:.0f} over noise)"))
    elif facts.fall_db is not None and facts.fall_db < (limits.fall_db or 0):
        fall = f"{facts.fall_db:.0f} dB in 100 ms"
        faults.append(("wet", f"it falls by {fall} at most, as in a room"))
    return faults


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
