"""What a folder of recordings turns out to be."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from graphophone.errors import FormatError
from graphophone.sources.clip import OWN, PERMISSIVE, Clip
from graphophone.sources.folders import drawn, plain_clips
from graphophone.sources.manifest import MANIFEST, read_manifest
from graphophone.sources.public import PUBLIC_SETS, PublicSet
from graphophone.sources.shelf import Shelf, read_shelf
from graphophone.sources.splits import ROLES, apart, check_split

NOUNS = {
    "singing": "singing",
    "speech": "speech",
    "instruments": "instruments",
    "drums": "one-shots of drums",
    "midi": "MIDI scores",
}


@dataclass(frozen=True, slots=True)
class Collection:
    """Recordings and scores in a folder.

    Attributes:
        folder: The folder.
        title: What it was recognised as.
        clips: All files, of which none is in two roles' groups.
        credits: Whom to name, and where licences are stated.
    """

    folder: Path
    title: str
    clips: tuple[Clip, ...]
    credits: tuple[str, ...] = ()

    def sentence(self) -> str:
        """Say what was found, for people."""
        counts = []
        for category in dict.fromkeys(clip.category for clip in self.clips):
            rows = [clip for clip in self.clips if clip.category == category]
            files, groups = len({clip.name for clip in rows}), len({clip.group for clip in rows})
            noun = NOUNS.get(category, category)
            counts.append(
                f"{noun} ({files} {_number(files, 'file')}, {groups} {_number(groups, 'group')})"
            )
        return f"{self.title}: {', '.join(counts)}"

    def select(
        self, split: str, categories: Sequence[str], allow_tiers: Sequence[str] | None = None
    ) -> tuple[Clip, ...]:
        """Return the files of a split in the order of the collection.

        Args:
            split: ``train``, ``seen``, ``unseen`` or ``test``.
            categories: Which categories.
            allow_tiers: Licence tiers to use. None means ``A-permissive`` alone for ``train``
                and ``seen``, and any tier for ``unseen`` and ``test``, which are never trained on.

        Raises:
            FormatError: The split has no such files, or none with a permitted licence.
        """
        check_split(split)
        allowed = _allowed(split, allow_tiers)
        there = self._there(split, categories)
        if not there:
            wanted = " or ".join(categories)
            raise FormatError(f"{self.folder}: the split {split!r} has no {wanted}")
        rows = self.offered(split, categories, allow_tiers)
        if not rows:
            raise FormatError(_forbidden(self.folder, there, allowed or ()))
        return rows

    def offered(
        self, split: str, categories: Sequence[str], allow_tiers: Sequence[str] | None = None
    ) -> tuple[Clip, ...]:
        """Return the same files as :meth:`select`, or none where there are none."""
        allowed = _allowed(split, allow_tiers)
        there = self._there(split, categories)
        return tuple(c for c in there if allowed is None or c.tier in allowed)

    def withheld(
        self, split: str, categories: Sequence[str], allow_tiers: Sequence[str] | None = None
    ) -> dict[str, int]:
        """Return how many files of each tier :meth:`select` leaves out for their licences."""
        allowed = _allowed(split, allow_tiers)
        there = {(c.tier, c.name) for c in self._there(split, categories)}
        counts = Counter(tier for tier, _ in there if allowed is not None and tier not in allowed)
        return dict(sorted(counts.items()))

    def _there(self, split: str, categories: Sequence[str]) -> list[Clip]:
        return [c for c in self.clips if c.role == ROLES[split] and c.category in categories]


def _allowed(split: str, allow_tiers: Sequence[str] | None) -> Sequence[str] | None:
    """Return the licence tiers that a split may use; None for any."""
    return (PERMISSIVE,) if allow_tiers is None and ROLES[split] == "train" else allow_tiers


def _forbidden(folder: Path, there: list[Clip], allowed: Sequence[str]) -> str:
    """Say why licences keep all files from being used."""
    tiers = sorted({clip.tier for clip in there})
    files = len({clip.name for clip in there})
    meaning = "; name it if they are yours to train on" if tiers == [OWN] else ""
    return (
        f"{folder}: no recording has a licence of the tier {' or '.join(allowed)}, "
        f"all {files} are of {' or '.join(tiers)} (--allow-tier permits a tier{meaning})"
    )


def data_folder(data: str | Path | None = None) -> Path:
    """Return the folder of recordings: the argument, or ``GRAPHOPHONE_DATA``.

    Raises:
        FormatError: None is given, or there is no such folder.
    """
    named = data or os.environ.get("GRAPHOPHONE_DATA")
    if not named:
        raise FormatError(
            "real recordings need a data folder: give one, or set GRAPHOPHONE_DATA to it"
        )
    folder = Path(named)
    if not folder.is_dir():
        raise FormatError(f"{folder}: a folder of recordings is needed, there is none")
    return folder


def recognise(folder: Path, task: str = "singing") -> Collection:
    """Find out what a folder is and list what it holds.

    It is, in this order: a folder with ``MANIFEST.csv``; one of the public data sets; a folder
    in whose subfolders such sets lie; a plain folder. For drums, sampled kits are found beside or
    inside of public sets too.

    Args:
        folder: The folder.
        task: What is looked for outside of manifests and public sets: ``singing`` or ``drums``.

    Raises:
        FormatError: It holds nothing of use, or in a form that cannot be used.
    """
    if (folder / MANIFEST).is_file():
        return Collection(folder, f"a folder with {MANIFEST}", apart(read_manifest(folder)))
    shelf = read_shelf(folder) if task == "drums" else Shelf()
    if found := _public(folder):
        return _of_sets(folder, [found], shelf)
    below = sorted(sub for sub in folder.iterdir() if sub.is_dir() and sub.name[0] != ".")
    inside = {sub: found for sub in below if (found := _public(sub))}
    if inside:
        homes = {parent for home in shelf.homes for parent in (home, *home.parents)}
        others = [sub.name for sub in below if sub not in inside and sub not in homes]
        return _of_sets(folder, list(inside.values()), shelf, others)
    title = "a plain folder" + _with_kits(shelf)
    return Collection(folder, title, apart(plain_clips(folder, task, shelf)), shelf.credits)


def clips(
    data: str | Path | None,
    split: str,
    categories: Sequence[str],
    allow_tiers: Sequence[str] | None = None,
) -> tuple[Clip, ...]:
    """Return the files of a split of a folder, unchecked; see :meth:`Collection.select`."""
    task = "drums" if set(categories) & {"drums", "midi"} else "singing"
    return recognise(data_folder(data), task).select(split, categories, allow_tiers)


def _public(folder: Path) -> tuple[PublicSet, Path] | None:
    """Return the public set that a folder is, and where its files begin."""
    for public in PUBLIC_SETS:
        root = public.find(folder)
        if root is not None:
            return public, root
    return None


def _of_sets(
    folder: Path, found: list[tuple[PublicSet, Path]], shelf: Shelf, others: Sequence[str] = ()
) -> Collection:
    """Join public sets and sampled kits.

    A group is named by its set, for two sets may each have a singer 1.
    """
    rows: list[Clip] = []
    for public, root in found:
        rows += [
            replace(
                clip,
                name=clip.path.relative_to(folder).as_posix(),
                group=f"{public.name}/{clip.group}",
                tier=public.tier,
                licence=public.licence,
            )
            for clip in public.load(root)
        ]
    names = dict.fromkeys(public.name for public, _ in found)
    credits = dict.fromkeys(f"{p.name}: {p.licence}. {p.credit}" for p, _ in found)
    title = " and ".join(names) + _with_kits(shelf)
    title += f" (left out: {', '.join(others)})" if others else ""
    return Collection(
        folder, title, apart([*rows, *drawn(shelf.clips)]), (*credits, *shelf.credits)
    )


def _with_kits(shelf: Shelf) -> str:
    """Say how many sampled kits there are."""
    kits = len({clip.group for clip in shelf.clips})
    return f" with {kits} sampled {_number(kits, 'kit')}" if kits else ""


def _number(count: int, noun: str) -> str:
    return noun if count == 1 else noun + "s"
