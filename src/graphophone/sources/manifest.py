"""Which recordings there are, which may be trained on, and how they are split.

A data folder holds ``MANIFEST.csv``, a row a file. Its roles keep groups (singers, kits, sets)
apart: ``train`` | ``valid-unseen`` | ``test``. A split is read off them by one rule:

- ``unseen`` is every file of the role ``valid-unseen``, ``test`` of the role ``test``;
- ``seen`` is a held-out part of the training groups and ``train`` the rest: a tenth of a
  group's files by a hash of their paths, or the last fifth of each file where a group has
  fewer than five.

Kits are used whole: ``seen`` drums are the training kits playing held-out scores. Scores keep
the split of their own data set, in which drummers recur.

Training takes the licence tier ``A-permissive`` alone unless other tiers are named.
"""

import csv
import hashlib
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from graphophone.errors import FormatError

ROLES: Mapping[str, str] = {
    "train": "train",
    "seen": "train",
    "unseen": "valid-unseen",
    "test": "test",
}
PERMISSIVE = "A-permissive"
SEEN_SHARE = 0.1
SEEN_TIME = 0.2
FEW = 5
COLUMNS = ("path", "role", "category", "group", "cls", "licence_tier", "note")


@dataclass(frozen=True, slots=True)
class Clip:
    """A file, or a part of one, that a pool may draw from.

    Attributes:
        path: The file.
        name: Its path inside the data folder, for provenance.
        category: What it is: ``singing``, ``speech``, ``instruments``, ``drums``, ``midi``.
        group: Singer, speaker, set, kit or drummer.
        cls: Drum class or other label.
        tier: Licence tier.
        note: Remark of whoever collected the file.
        start: Where the usable part begins, as a share of the file.
        end: Where it ends.
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


def data_folder(data: str | Path | None = None) -> Path:
    """Return the folder of recordings: the argument, or ``GRAPHOPHONE_DATA``.

    Raises:
        FormatError: None is given, or it holds no manifest.
    """
    named = data or os.environ.get("GRAPHOPHONE_DATA")
    if not named:
        raise FormatError(
            "real recordings need a data folder: give one, or set GRAPHOPHONE_DATA to it"
        )
    folder = Path(named)
    if not (folder / "MANIFEST.csv").is_file():
        raise FormatError(f"{folder}: the data folder has no MANIFEST.csv")
    return folder


def held_out(name: str) -> bool:
    """Whether a file of a training group belongs to ``seen``; the same on every machine."""
    digest = hashlib.sha256(name.encode()).digest()
    return int.from_bytes(digest[:8], "big") < SEEN_SHARE * 2**64


def clips(
    data: str | Path | None,
    split: str,
    categories: tuple[str, ...],
    allow_tiers: tuple[str, ...] | None = None,
) -> tuple[Clip, ...]:
    """Return the files of a split in the manifest's order.

    Args:
        data: Data folder; ``GRAPHOPHONE_DATA`` where it is None.
        split: ``train``, ``seen``, ``unseen`` or ``test``.
        categories: Which categories of the manifest.
        allow_tiers: Licence tiers to use. None means ``A-permissive`` alone for ``train`` and
            ``seen``, and any tier for ``unseen`` and ``test``, which are never trained on.

    Raises:
        FormatError: The manifest lacks a column, or the split has no such files.
    """
    if split not in ROLES:
        raise FormatError(f"split must be one of {', '.join(ROLES)}, got {split!r}")
    folder = data_folder(data)
    if allow_tiers is None and ROLES[split] == "train":
        allow_tiers = (PERMISSIVE,)
    with (folder / "MANIFEST.csv").open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise FormatError(f"{folder / 'MANIFEST.csv'}: the column {missing[0]!r} is missing")
        rows = [
            Clip(
                folder / row["path"],
                row["path"],
                row["category"],
                row["group"],
                row["cls"],
                row["licence_tier"],
                row["note"],
            )
            for row in reader
            if row["role"] == ROLES[split]
            and row["category"] in categories
            and (allow_tiers is None or row["licence_tier"] in allow_tiers)
        ]
    if not rows:
        raise FormatError(f"{folder}: the split {split!r} has no {' or '.join(categories)}")
    return tuple(rows)


def part(rows: tuple[Clip, ...], split: str) -> tuple[Clip, ...]:
    """Return what ``split`` may use of these files, by the rule for ``train`` and ``seen``."""
    if ROLES[split] != "train":
        return rows
    sizes = Counter((row.category, row.group) for row in rows)
    kept = []
    for row in rows:
        if sizes[row.category, row.group] < FEW:
            cut = 1 - SEEN_TIME
            start, end = (0.0, cut) if split == "train" else (cut, 1.0)
            kept.append(
                Clip(
                    row.path,
                    row.name,
                    row.category,
                    row.group,
                    row.cls,
                    row.tier,
                    row.note,
                    start,
                    end,
                )
            )
        elif held_out(row.name) == (split == "seen"):
            kept.append(row)
    return tuple(kept)
