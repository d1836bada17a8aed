"""The card of a set: what is in it, whose it is, how it was made, and where it is weak."""

import json
import math
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from graphophone import __version__
from graphophone.audio.features import RATE, SEGMENT
from graphophone.errors import FormatError
from graphophone.generation.card_text import markdown
from graphophone.generation.disk import put
from graphophone.generation.inspection import Extreme, Inspection, Progress, inspect_set
from graphophone.generation.reading import StoredSet, open_set
from graphophone.generation.recordings import read_recordings
from graphophone.generation.scales import CARD, Scales, measured
from graphophone.generation.statistics import Statistics
from graphophone.processors import CATALOGUE
from graphophone.sources.collection import data_folder
from graphophone.sources.licences import Register

FORMAT = 1
DECODED = 2_000
"""Of about how many examples of a large set features and audio are decoded."""
COMMONEST = 3
NAMES = ("card.md", CARD)


def write_card(
    folder: Path,
    data: Path | None = None,
    *,
    workers: int | None = 1,
    progress: Progress | None = None,
) -> Path:
    """Write the data card of a finished set into its folder.

    In a large set features and audio of two thousand examples are decoded, not of all.

    Args:
        folder: The set.
        data: Folder of the recordings that it draws on, for their licences; without one, and
            without ``GRAPHOPHONE_DATA``, the card says that they are not known.
        workers: Processes that make examples again to see what only their making shows; None
            for one a core.
        progress: Called with (examples done, examples in all).

    Returns:
        The path of ``card.md``.

    Raises:
        FormatError: The folder holds no set, or not one example of it is sound.
    """
    stored = open_set(folder, damaged="skip")
    every = max(1, stored.recipe.count // DECODED)
    found = inspect_set(stored, register(data, stored.recipe.task), every=every, progress=progress)
    return save_card(folder, card_of(stored, found, measured(stored, data, workers)))


def save_card(folder: Path, card: dict[str, Any]) -> Path:
    """Write a card as ``card.json`` and, for people, as ``card.md``; return the latter's path."""
    text, plain = (folder / name for name in NAMES)
    put(plain, [json.dumps(card, indent=1, ensure_ascii=False, allow_nan=False).encode(), b"\n"])
    put(text, [markdown(card).encode()])
    return text


def register(data: Path | None, task: str) -> Register | None:
    """Return the terms of all recordings, or ``None`` where no folder tells them."""
    try:
        return Register(data_folder(data), task)
    except FormatError:
        return None


def card_of(stored: StoredSet, found: Inspection, scales: Scales) -> dict[str, Any]:
    """Return the card as plain data.

    Args:
        stored: The set.
        found: What an inspection found.
        scales: What making some examples again showed.

    Raises:
        FormatError: Not one example of the set is sound.
    """
    if found.statistics is None:
        raise FormatError(f"{stored.folder}: there is no sound example to write a card about")
    return {
        "graphophone": FORMAT,
        "made_with": stored.manifest.get("version"),
        "written_with": __version__,
        "catalogue": stored.manifest.get("catalogue"),
        "mix": stored.manifest.get("mix"),
        "recipe": stored.manifest["recipe"],
        "store": stored.manifest.get("store"),
        "rate": RATE,
        "seconds": round(SEGMENT / RATE, 3),
        "examples": found.examples,
        "failed": found.failed,
        "failures": [asdict(failure) for failure in found.failures],
        "statistics": found.statistics.to_json(),
        "decoded": found.decoded,
        "redraws": {
            "in_all": found.redraws,
            "for_each_example": found.redraws / found.examples,
            "share_of_examples": found.redrawn,
        },
        "ghosts": found.ghosts.to_json(),
        "told": found.told,
        "licences": [
            {"licence": licence, "tier": tier, "share": share}
            for (licence, tier), share in found.licences.items()
        ],
        "recordings": read_recordings(stored.folder),
        "sources": [asdict(origin) for origin in found.origins],
        "biases": list(_biases(found, found.statistics)),
        "worst": {name: _plain(cases) for name, cases in found.extremes.items()}
        | {"scales": _plain(scales.worst)},
        "remade": {
            "examples": scales.examples,
            "share_with_a_limited_scale": scales.share_limited,
        },
    }


def _biases(found: Inspection, figures: Statistics) -> Iterable[str]:
    """Say in sentences where a set leans to one side, as far as that can be counted."""
    processors = {n: s for n, s in figures.present.items() if n in CATALOGUE and n != "mix"}
    common = sorted(processors, key=lambda name: -processors[name])[:COMMONEST]
    if common:
        told = ", ".join(f"{name} ({processors[name]:.0%})" for name in common)
        yield f"The types in most graphs are {told}."
    absent = [name for name in CATALOGUE if name not in figures.present]
    if absent:
        yield f"Types that are in no graph: {', '.join(absent)}."
    yield f"{figures.empty:.1%} of the graphs have no processor, {figures.small:.1%} at most five."
    least, most = figures.processors[0], figures.processors[-1]
    yield f"Graphs have {least:.0f} to {most:.0f} processors; larger ones do not occur."
    if virtual := found.told.get("virtual"):
        yield f"{virtual:.1%} of the examples are sung by virtual singers, made of recorded ones."
    if copies := found.told.get("copy"):
        yield f"{copies:.1%} of the wet clips are spoiled copies, as of a finished recording."
    yield (
        f"{found.told.get('other_hands', 0.0):.1%} of the examples have effects of another make "
        "than this program's."
    )
    if found.origins:
        first = found.origins[0]
        yield (
            f"The source drawn on most is {first.group} ({first.category}), in "
            f"{first.share:.1%} of the examples."
        )
    yield (
        "All graphs are drawn at random from rules, not taken from work of engineers; all clips "
        f"are {SEGMENT / RATE:.2f} s long at {RATE} Hz, with each source at -20 dBFS."
    )


def _plain(cases: Iterable[Extreme]) -> list[dict[str, Any]]:
    return [
        {"index": c.index, "value": round(c.value, 2) if math.isfinite(c.value) else None}
        for c in cases
    ]
