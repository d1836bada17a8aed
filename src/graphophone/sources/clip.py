"""One recording or score that a pool may draw from, and what may be done with it."""

from dataclasses import dataclass
from pathlib import Path

from graphophone.sources.shots import Shot

PERMISSIVE = "A-permissive"
"""CC0, public domain as its source states it, CC BY, MIT, Apache: may be trained on."""
NONCOMMERCIAL = "D-noncommercial"
"""Licences for research, or against commercial use."""
OWN = "own"
"""A user's own folder, which says nothing of licences."""
NOT_STATED = "not stated"
"""Licence of a recording whose folder names none."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A file, or a part of one.

    Attributes:
        path: The file.
        name: Its path inside the data folder, for provenance.
        category: What it is: ``singing``, ``speech``, ``instruments``, ``drums``, ``midi``,
            ``noise``.
        group: Singer, speaker, set, kit or drummer.
        cls: Drum class or other label.
        tier: Licence tier.
        note: Remark of whoever collected the file.
        start: Where the usable part begins, as a share of the file.
        end: Where it ends.
        role: ``train``, ``valid-unseen`` or ``test``.
        licence: Name of the licence.
        sha256: Checksum of the file in hexadecimal, where it is known.
        shot: When it sounds, where the file of a sampled kit says so.
        fault: Why it cannot be used, where that shows before it is opened as a recording.
    """

    path: Path
    name: str
    category: str
    group: str
    cls: str
    tier: str
    note: str
    start: float = 0.0
    end: float = 1.0
    role: str = "train"
    licence: str = ""
    sha256: str = ""
    shot: Shot | None = None
    fault: str = ""
