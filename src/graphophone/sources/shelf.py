"""The sampled kits in a folder: SFZ files and Hydrogen kits, each recording with its strokes."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from graphophone.errors import FormatError
from graphophone.sources.clip import NOT_STATED, OWN, Clip
from graphophone.sources.hydrogen import FILE, read_hydrogen
from graphophone.sources.sfz import read_sfz
from graphophone.sources.shots import KitFile
from graphophone.sources.splits import drawn_role

SUFFIX = ".sfz"


@dataclass(frozen=True, slots=True)
class Shelf:
    """The sampled kits of a folder.

    Attributes:
        clips: Their recordings, once for each stroke that they answer; a group is a kit. Of a
            kit that cannot be read there is its own file, with the fault.
        credits: What kits say of their licences and authors.
        homes: The folders of the kits' files.
    """

    clips: tuple[Clip, ...] = ()
    credits: tuple[str, ...] = ()
    homes: frozenset[Path] = frozenset()

    def holds(self, path: Path) -> bool:
        """Whether a file lies beside a kit's file or below; it is no recording by itself then."""
        return not self.homes.isdisjoint(path.parents)


def read_shelf(folder: Path) -> Shelf:
    """Read the sampled kits below a folder, in the order of their paths.

    A file that another one includes is a part of that kit. Kits that share a recording have one
    role, drawn from the name of the first of them, so variants of a kit stay together.
    """
    kits, faults = _read(folder)
    names = _names(folder, [*kits, *faults])
    roles = _roles({names[path]: kit for path, kit in kits.items()})
    clips: list[Clip] = []
    for path in sorted(names):
        group = names[path]
        if path in faults:
            role = drawn_role(group)
            clips.append(_clip(folder, path, group, role, NOT_STATED, fault=faults[path]))
            continue
        for shot in kits[path].shots:
            made = _clip(folder, shot.path, group, roles[group], _licence(kits[path]))
            clips.append(replace(made, cls=shot.articulation, shot=shot))
    credits = (
        f"{names[path]}: {_licence(kit)}. {kit.author}".rstrip()
        for path, kit in kits.items()
        if kit.licence or kit.author
    )
    return Shelf(tuple(clips), tuple(credits), frozenset(path.parent for path in names))


def _read(folder: Path) -> tuple[dict[Path, KitFile], dict[Path, str]]:
    """Return what each kit's file says, and why others cannot be read."""
    kits: dict[Path, KitFile] = {}
    faults: dict[Path, str] = {}
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder).parts  # archives made on some systems leave ._NAME.sfz
        if any(part.startswith((".", "__MACOSX")) for part in inner):
            continue
        try:
            if path.name == FILE:
                kits[path] = read_hydrogen(path)
            elif path.suffix.lower() == SUFFIX:
                kits[path] = read_sfz(path)
        except FormatError as error:
            faults[path] = str(error).removeprefix(f"{path}: ")
    parts = {os.path.normpath(part) for kit in kits.values() for part in kit.included}
    whole = {path: kit for path, kit in kits.items() if str(path) not in parts}
    return whole, {path: why for path, why in faults.items() if str(path) not in parts}


def _names(folder: Path, paths: Iterable[Path]) -> dict[Path, str]:
    """Return a kit's name: its folder for Hydrogen, its file for SFZ, both inside ``folder``."""
    short = {path: path.parent if path.name == FILE else path.with_suffix("") for path in paths}
    often = Counter(short.values())
    return {
        path: folder.name
        if name == folder
        else (name if often[name] == 1 else path).relative_to(folder).as_posix()
        for path, name in short.items()
    }


def _roles(kits: Mapping[str, KitFile]) -> dict[str, str]:
    """Return the role of each kit by its name; those joined by recordings have one."""
    first: dict[str, str] = {name: name for name in kits}
    owner: dict[Path, str] = {}

    def head(name: str) -> str:
        return name if first[name] == name else head(first[name])

    for name in sorted(kits):
        for shot in kits[name].shots:
            other = owner.setdefault(Path(os.path.normpath(shot.path)), name)
            low, high = sorted((head(other), head(name)))
            first[high] = low
    return {name: drawn_role(head(name)) for name in kits}


def _licence(kit: KitFile) -> str:
    return " ".join(kit.licence.split()) or NOT_STATED


def _clip(folder: Path, path: Path, group: str, role: str, licence: str, fault: str = "") -> Clip:
    name = Path(os.path.relpath(path, folder)).as_posix()
    return Clip(path, name, "drums", group, "", OWN, "", role=role, licence=licence, fault=fault)
