"""What a folder of recordings turns out to be."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from graphophone.errors import FormatError
from graphophone.sources.clip import OWN, PERMISSIVE, Clip
from graphophone.sources.folders import plain_clips
from graphophone.sources.manifest import MANIFEST, read_manifest
from graphophone.sources.public import PUBLIC_SETS, PublicSet
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
            groups = len({clip.group for clip in rows})
            noun = NOUNS.get(category, category)
            counts.append(
                f"{noun} ({len(rows)} {_number(len(rows), 'file')}, "
                f"{groups} {_number(groups, 'group')})"
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
        if allow_tiers is None and ROLES[split] == "train":
            allow_tiers = (PERMISSIVE,)
        there = [c for c in self.clips if c.role == ROLES[split] and c.category in categories]
        if not there:
            wanted = " or ".join(categories)
            raise FormatError(f"{self.folder}: the split {split!r} has no {wanted}")
        rows = [c for c in there if allow_tiers is None or c.tier in allow_tiers]
        if not rows:
            raise FormatError(_forbidden(self.folder, there, allow_tiers or ()))
        return tuple(rows)


def _forbidden(folder: Path, there: list[Clip], allowed: Sequence[str]) -> str:
    """Say why licences keep all files from being used."""
    tiers = sorted({clip.tier for clip in there})
    meaning = "; name it if they are yours to train on" if tiers == [OWN] else ""
    return (
        f"{folder}: no recording has a licence of the tier {' or '.join(allowed)}, "
        f"all {len(there)} are of {' or '.join(tiers)} (--allow-tier permits a tier{meaning})"
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
    in whose subfolders such sets lie; a plain folder.

    Args:
        folder: The folder.
        task: What is looked for in a plain folder: ``singing`` or ``drums``.

    Raises:
        FormatError: It holds nothing of use, or in a form that cannot be used.
    """
    if (folder / MANIFEST).is_file():
        return Collection(folder, f"a folder with {MANIFEST}", apart(read_manifest(folder)))
    if found := _public(folder):
        return _of_sets(folder, [found])
    below = sorted(sub for sub in folder.iterdir() if sub.is_dir() and sub.name[0] != ".")
    inside = {sub: found for sub in below if (found := _public(sub))}
    if inside:
        return _of_sets(folder, list(inside.values()), [s.name for s in below if s not in inside])
    return Collection(folder, "a plain folder", apart(plain_clips(folder, task)))


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
    folder: Path, found: list[tuple[PublicSet, Path]], others: Sequence[str] = ()
) -> Collection:
    """Join public sets; a group is named by its set, for two sets may each have a singer 1."""
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
    title = " and ".join(names) + (f" (left out: {', '.join(others)})" if others else "")
    return Collection(folder, title, apart(rows), tuple(credits))


def _number(count: int, noun: str) -> str:
    return noun if count == 1 else noun + "s"
