"""What every loader of a public data set says of it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from graphophone.sources.clip import Clip


@dataclass(frozen=True, slots=True)
class PublicSet:
    """A data set as it lies on disk after unpacking.

    Attributes:
        name: What it is called.
        licence: Name of the licence, for data cards.
        tier: Licence tier.
        credit: Citation, and where the licence is stated.
        find: Returns where the files of the set begin in a folder, or None if it is not there.
        load: Lists the files below that place, with their roles.
    """

    name: str
    licence: str
    tier: str
    credit: str
    find: Callable[[Path], Path | None]
    load: Callable[[Path], Iterable[Clip]]


def sounds(folder: Path, suffix: str = ".wav") -> Iterator[Path]:
    """Yield the files with a suffix below a folder, sorted; hidden ones are none of the set.

    Archives made on some systems carry ``__MACOSX`` folders and ``._NAME.wav`` files, which hold
    no sound.
    """
    for path in sorted(folder.rglob(f"*{suffix}")):
        inner = path.relative_to(folder).parts
        if not any(part.startswith((".", "__MACOSX")) for part in inner) and path.is_file():
            yield path
