"""What a drummer plays: hits in time, from MIDI files or from patterns."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, Protocol, runtime_checkable

import mido

from graphophone.errors import FormatError
from graphophone.sources.clip import Clip
from graphophone.sources.instruments import NOTES

PREROLL_SECONDS = 1.0
TRIES = 8
FEWEST_HITS = 4
REST_SECONDS = 0.5
FILL = "_fill_"
TIME = itemgetter(0)


class Hit(NamedTuple):
    """One stroke: when, in seconds; what, as an articulation; how hard, 0 to 1."""

    time: float
    articulation: str
    velocity: float


@dataclass(frozen=True)
class Groove:
    """Hits of a segment and a second before it, whose sounds may ring on; plain provenance."""

    hits: tuple[Hit, ...]
    provenance: dict[str, Any]


@runtime_checkable
class Grooves(Protocol):
    """A supply of grooves."""

    def draw(self, rng: Random, seconds: float) -> Groove:
        """Draw what is played in a segment; all chance comes from ``rng``."""
        ...


@lru_cache(maxsize=4_096)
def read_midi(path: Path) -> tuple[Hit, ...]:
    """Return the drum hits of a MIDI file in order of time; notes of no instrument are left out.

    Raises:
        FormatError: The file is no MIDI file.
    """
    hits, now = [], 0.0
    try:
        for message in mido.MidiFile(path):
            now += message.time
            struck = message.type == "note_on" and message.velocity > 0
            if struck and message.note in NOTES:
                hits.append(Hit(now, NOTES[message.note], message.velocity / 127))
    except (OSError, EOFError, ValueError, IndexError, KeyError):
        raise FormatError(f"{path}: this is not a readable MIDI file") from None
    return tuple(hits)


class MidiGrooves:
    """Windows of MIDI performances. Files shorter than the segment are looped.

    A file whose name says that it is a fill is drawn a third as often as another.
    With ``stretch``, the tempo is changed by up to 15 %.
    """

    def __init__(self, files: Sequence[Clip], *, stretch: bool = False) -> None:
        if not files:
            raise FormatError("a pool of grooves needs at least one MIDI file, got none")
        self.files = tuple(files)
        self.weights = [1.0 if FILL in clip.path.name else 3.0 for clip in self.files]
        self.stretch = stretch

    def draw(self, rng: Random, seconds: float) -> Groove:
        """Draw a window that holds at least four hits, if one is found in eight tries."""
        best, most = Groove((), {}), -1
        for _ in range(TRIES):
            groove, count = self._window(rng, seconds)
            if count > most:
                best, most = groove, count
            if count >= FEWEST_HITS:
                break
        return best

    def _window(self, rng: Random, seconds: float) -> tuple[Groove, int]:
        """Return one window and how many hits start in its first nine tenths."""
        clip = rng.choices(self.files, self.weights)[0]
        factor = round(rng.uniform(0.87, 1.15), 3) if self.stretch else 1.0
        score = read_midi(clip.path)
        provenance: dict[str, Any] = {"midi": clip.name, "stretch": factor}
        if not score:
            return Groove((), provenance), 0
        length = score[-1].time + REST_SECONDS  # here and below in the file's own time
        span, before = seconds / factor, PREROLL_SECONDS / factor
        loops = math.ceil((span + before) / length) if length < span + before else 0
        offset = rng.uniform(0, length if loops else length - span)
        hits = []
        for lap in range(-loops, loops + 1):
            low = bisect_left(score, offset - before - lap * length, key=TIME)
            high = bisect_left(score, offset + span - lap * length, key=TIME)
            shift = lap * length - offset
            hits += [h._replace(time=(h.time + shift) * factor) for h in score[low:high]]
        provenance["seconds"] = round(offset, 3)
        return Groove(tuple(hits), provenance), sum(0 <= h.time < 0.9 * seconds for h in hits)
