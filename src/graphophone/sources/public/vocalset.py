"""VocalSet: 10 hours of 20 professional singers and 17 techniques, 44.1 kHz, CC BY 4.0.

J. Wilkins, P. Seetharaman, A. Wahl and B. Pardo, VocalSet: A Singing Voice Dataset, ISMIR 2018,
zenodo.org/records/1193957. Layout::

    FULL/<singer>/<context>/<technique>/<singer's letter and number>_....wav
    train_singers_technique.txt, test_singers_technique.txt      one singer a line

``<singer>`` is ``female1`` ... ``female9``, ``male1`` ... ``male11``. The same recordings lie in
other orders in further folders, which are left out. The singers that the authors tested on are
our unseen ones; where their list is missing, roles are drawn from singers' names.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from graphophone.sources.clip import PERMISSIVE, Clip
from graphophone.sources.public.layout import PublicSet, sounds
from graphophone.sources.splits import drawn_role

SINGER = re.compile(r"(fe)?male\d+$")
TESTED = "test_singers_technique.txt"


def find(folder: Path) -> Path | None:
    """Return the folder that holds ``FULL``."""
    return folder if any(SINGER.match(path.name) for path in folder.glob("FULL/*")) else None


def load(root: Path) -> Iterator[Clip]:
    """Yield all recordings; a group is a singer, the class a technique."""
    tested = _tested(root / TESTED)
    for path in sounds(root / "FULL"):
        singer, *inner = path.relative_to(root / "FULL").parts
        if not SINGER.match(singer):
            continue
        if tested:
            role = "valid-unseen" if singer in tested else "train"
        else:
            role = drawn_role(f"VocalSet/{singer}")
        technique = inner[-2] if len(inner) > 1 else ""
        name = path.relative_to(root).as_posix()
        yield Clip(path, name, "singing", singer, technique, PERMISSIVE, "", role=role)


def _tested(path: Path) -> set[str]:
    """Return the singers of the authors' test set; none where there is no list."""
    if not path.is_file():
        return set()
    words = re.findall(r"\S+", path.read_text(encoding="utf-8", errors="replace"))
    return {word.lower() for word in words if SINGER.match(word.lower())}


VOCALSET = PublicSet(
    name="VocalSet",
    licence="CC BY 4.0",
    tier=PERMISSIVE,
    credit="J. Wilkins, P. Seetharaman, A. Wahl and B. Pardo, VocalSet: A Singing Voice Dataset, "
    "ISMIR 2018; licence: zenodo.org/records/1193957",
    find=find,
    load=load,
)
