"""A data folder that says of every file what it is: ``MANIFEST.csv``, a row a file."""

import csv
from pathlib import Path

from graphophone.errors import FormatError
from graphophone.sources.clip import Clip
from graphophone.sources.splits import STRICTEST

__all__ = ["COLUMNS", "MANIFEST", "Clip", "read_manifest"]

MANIFEST = "MANIFEST.csv"
COLUMNS = ("path", "role", "category", "group", "cls", "licence_tier", "note")


def read_manifest(folder: Path) -> tuple[Clip, ...]:
    """Return all files of a manifest in its order.

    The columns ``licence`` and ``sha256`` are read where there are any.

    Raises:
        FormatError: It cannot be read, lacks a column or has an unknown role.
    """
    path = folder / MANIFEST
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise FormatError(f"{path}: the column {missing[0]!r} is missing")
            return tuple(_clip(path, number, row) for number, row in enumerate(reader, start=2))
    except (UnicodeDecodeError, csv.Error) as error:
        raise FormatError(f"{path}: this is not a readable table ({error})") from None


def _clip(path: Path, number: int, row: dict[str, str]) -> Clip:
    if any(row[name] is None for name in COLUMNS):
        raise FormatError(f"{path}: line {number} is cut short")
    if row["role"] not in STRICTEST:
        allowed = ", ".join(reversed(STRICTEST))
        raise FormatError(f"{path}: line {number}: role must be {allowed}, got {row['role']!r}")
    return Clip(
        path=path.parent / row["path"],
        name=row["path"],
        category=row["category"],
        group=row["group"],
        cls=row["cls"],
        tier=row["licence_tier"],
        note=row["note"],
        role=row["role"],
        licence=row.get("licence") or "",
        sha256=(row.get("sha256") or "").strip().lower(),
    )
