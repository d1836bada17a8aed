"""Groove MIDI Dataset: 13.6 hours of drumming by ten people, as MIDI, CC BY 4.0.

J. Gillick, A. Roberts, J. Engel, D. Eck and D. Bamman, Learning to Groove with Inverse Sequence
Transformations, ICML 2019, magenta.tensorflow.org/datasets/groove. Layout::

    info.csv      drummer, session, id, style, bpm, beat_type, time_signature,
                  midi_filename, audio_filename, duration, split
    drummer1/session1/1_funk_80_beat_4-4.mid ...

The split is the data set's own. It divides performances and not people: drummers recur. The
recordings of an electronic kit that come with it are not used; scores are played on kits.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from graphophone.errors import FormatError
from graphophone.sources.clip import PERMISSIVE, Clip
from graphophone.sources.public.layout import PublicSet

INDEX = "info.csv"
COLUMNS = ("drummer", "style", "bpm", "beat_type", "midi_filename", "split")
ROLES = {"train": "train", "validation": "valid-unseen", "test": "test"}


def find(folder: Path) -> Path | None:
    """Return the folder of ``info.csv``, if that is one of drummers."""
    path = folder / INDEX
    if not path.is_file():
        return None
    with path.open(encoding="utf-8", errors="replace") as file:
        return folder if file.readline().startswith("drummer,") else None


def load(root: Path) -> Iterator[Clip]:
    """Yield all scores; a group is a drummer, the class a style.

    Raises:
        FormatError: ``info.csv`` lacks a column or has an unknown split.
    """
    path = root / INDEX
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise FormatError(f"{path}: the column {missing[0]!r} is missing")
        for row in reader:
            if row["split"] not in ROLES:
                raise FormatError(f"{path}: split must be {', '.join(ROLES)}, got {row['split']!r}")
            note = f"{row['bpm']} bpm {row['beat_type']}"
            yield Clip(
                path=root / row["midi_filename"],
                name=row["midi_filename"],
                category="midi",
                group=row["drummer"],
                cls=row["style"],
                tier=PERMISSIVE,
                note=note,
                role=ROLES[row["split"]],
            )


GROOVE = PublicSet(
    name="Groove MIDI Dataset",
    licence="CC BY 4.0",
    tier=PERMISSIVE,
    credit="J. Gillick, A. Roberts, J. Engel, D. Eck and D. Bamman, Learning to Groove with "
    "Inverse Sequence Transformations, ICML 2019; licence: magenta.tensorflow.org/datasets/groove",
    find=find,
    load=load,
)
