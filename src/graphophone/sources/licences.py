"""Under which terms each group of recordings may be used, and whom they name.

A data folder with ``MANIFEST.csv`` says so twice: the manifest gives a licence for every file, and
a table in ``LICENCES.md``, where there is one, says which words each source asks for. Of the public
data sets we know both; a plain folder says neither.
"""

import csv
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from graphophone.errors import FormatError
from graphophone.sources.collection import data_folder, recognise
from graphophone.sources.manifest import MANIFEST

UNKNOWN = "not known"
COLUMNS = ("path", "category", "group")
TERMS = ("licence", "licence_tier", "source_repo")
"""Columns that say under which terms; a manifest may lack them."""
ATTRIBUTION = "attribution"
"""How the heading of the last column of the table begins."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of one group of recordings.

    Attributes:
        licence: As the manifest writes it; several are joined by a semicolon.
        tier: Licence tier of the manifest.
        source: Where the recordings come from.
        attribution: The words that a use must carry; empty where none are written down.
    """

    licence: str = UNKNOWN
    tier: str = UNKNOWN
    source: str = UNKNOWN
    attribution: str = ""


class Register:
    """All files of a data folder with the terms of their groups.

    Args:
        data: The folder.
        task: What is looked for in a plain folder: ``singing`` or ``drums``.

    Raises:
        FormatError: It holds no recordings, or its manifest does not name groups.
    """

    def __init__(self, data: Path, task: str = "singing") -> None:
        self.groups: dict[str, tuple[str, str]] = {}
        self.terms: dict[tuple[str, str], Terms] = {}
        if (data / MANIFEST).is_file():
            self._read(data)
        else:
            self._recognise(data, task)

    def _recognise(self, data: Path, task: str) -> None:
        """Take the terms of public data sets, or none."""
        collection = recognise(data_folder(data), task)
        credits = {credit.partition(": ")[0]: credit for credit in collection.credits}
        for clip in collection.clips:
            group = (clip.category, clip.group)
            self.groups[clip.name] = group
            if group not in self.terms:  # a public set or a sampled kit
                said = next((n for n in (clip.group, _set(clip.group)) if n in credits), "")
                source, credit = said or UNKNOWN, credits.get(said, "")
                self.terms[group] = Terms(clip.licence, clip.tier, source, credit)

    def _read(self, data: Path) -> None:
        """Read manifest and table."""
        path = data / MANIFEST
        words = attributions(data)
        found: dict[tuple[str, str], dict[str, set[str]]] = {}
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise FormatError(f"{path}: the column {missing[0]!r} is missing")
            for row in reader:
                group = (row["category"], row["group"])
                self.groups[row["path"]] = group
                said = found.setdefault(group, {name: set() for name in (*TERMS, ATTRIBUTION)})
                for name in TERMS:
                    said[name].add(row.get(name) or UNKNOWN)
                said[ATTRIBUTION].add(attribution(words, row["path"]))
        self.terms = {
            group: Terms(*("; ".join(sorted(filter(None, s))) for s in said.values()))
            for group, said in found.items()
        }

    def group(self, name: str) -> tuple[str, str] | None:
        """Return category and group of a file by its path inside the folder."""
        return self.groups.get(name)


def _set(group: str) -> str:
    """Return the public data set in the name of a group."""
    return group.partition("/")[0]


def attributions(data: Path) -> dict[str, str]:
    """Read the table of ``LICENCES.md``: words by pattern of paths, ``drums/linn_*`` say.

    A first cell may list several; one without a folder is in the folder of the one before.
    """
    path = data / "LICENCES.md"
    if not path.is_file():
        return {}
    words: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|") or len(cells) < 2 or set(cells[0]) <= set("-: "):
            continue
        folder = ""
        for part in cells[0].split(","):
            pattern = part.partition("(")[0].strip().strip("`")
            above, slash, _ = pattern.rpartition("/")
            if slash:
                folder = above
            elif folder:
                pattern = f"{folder}/{pattern}"
            if "/" in pattern:
                words[pattern] = cells[-1]
    return words


def attribution(words: dict[str, str], name: str) -> str:
    """Return the words for a file: of the longest pattern that it or a folder above fits."""
    whole = PurePosixPath(name)
    places = [str(path) for path in (whole, whole.with_suffix(""), *whole.parents)]
    fitting = [p for p in words if any(fnmatchcase(place, p) for place in places)]
    return words[max(fitting, key=len)] if fitting else ""
