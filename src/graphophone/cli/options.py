"""Options that several commands share, and how their words are read."""

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graphophone.errors import UsageError

if TYPE_CHECKING:
    from graphophone.report.wear import Take


class Task(StrEnum):
    """What a model listens for."""

    singing = "singing"
    drums = "drums"


class AnyTask(StrEnum):
    """A task, or the decision by ear."""

    auto = "auto"
    singing = "singing"
    drums = "drums"


class Sources(StrEnum):
    """Where dry audio comes from."""

    real = "real"
    procedural = "procedural"
    virtual = "virtual"
    mixed = "mixed"


class Held(StrEnum):
    """Which voices and kits, of those that no model has learned from."""

    seen = "seen"
    unseen = "unseen"


class Split(StrEnum):
    """Which voices, kits and recordings may be drawn."""

    train = "train"
    seen = "seen"
    unseen = "unseen"


Mix = Annotated[
    str,
    typer.Option(
        metavar="NAME|FILE.toml",
        help="Kind of graphs: paper, wide, short, single, extended, or a file of your own.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Data = Annotated[
    Path | None,
    typer.Option(
        envvar="GRAPHOPHONE_DATA",
        help="Folder of real recordings: one with a MANIFEST.csv, OpenSinger, VocalSet, "
        "MUSDB18-HQ, the Groove MIDI Dataset, kits in SFZ or Hydrogen format, a folder of such "
        "sets, or a plain one.",
    ),
]
AllowTier = Annotated[
    list[str] | None,
    typer.Option(
        help="Licence tier of recordings that may be used, again for each; "
        "A-permissive alone for training by default."
    ),
]
Strict = Annotated[
    bool, typer.Option(help="Refuse recordings with a fault instead of leaving them out.")
]
Workers = Annotated[
    int | None, typer.Option(min=1, help="Examples at a time; all cores by default.")
]
Bpm = Annotated[
    float | None, typer.Option(min=20, max=400, help="Tempo; delays are told as note values.")
]


def named(words: Iterable[str]) -> dict[str, Path]:
    """Read ``kick=kick.wav`` as a name and a path, and a bare path with the empty name.

    Raises:
        UsageError: A name is given twice, or bare paths and names are mixed.
    """
    found: dict[str, Path] = {}
    for word in words:
        name, sign, path = word.partition("=")
        if not sign or Path(word).exists():
            name, path = "", word
        if name in found:
            detail = f"the input {name!r} is" if name else "a recording without a name is"
            raise UsageError(f"{detail} given twice: {found[name]} and {path}")
        found[name] = Path(path)
    if "" in found and len(found) > 1:
        raise UsageError(f"{found['']} has no name, but others have: write NAME={found['']}")
    return found


def read_take(words: Iterable[str]) -> "Take | None":
    """Read a take, or stems by name; ``None`` where there are no words."""
    from graphophone.audio.files import read
    from graphophone.report.wear import stems

    paths = named(words)
    if not paths:
        return None
    tracks = {name: read(path) for name, path in paths.items()}
    title = ", ".join(path.name for path in paths.values())
    return stems({name: (r.audio, r.rate) for name, r in tracks.items()}, title)
