"""OpenSinger: about 50 hours of Mandarin pop songs by amateur singers, 24 kHz.

R. Huang et al., Multi-Singer: Fast Multi-Singer Singing Voice Vocoder With A Large-Scale
Corpus, ACM Multimedia 2021. Layout, as unpacked from the archive that
github.com/Multi-Singer/Multi-Singer.github.io links to::

    WomanRaw/<singer>_<song>/<singer>_<song>_<number>.wav      with .lab and .txt beside it
    ManRaw/...

Singers are numbered from 0 among women and among men. The set has no split of its own: it is
drawn from singers' names. Its page gives the licence CC BY-NC-SA, so it is not trained on unless
asked for in so many words.
"""

from collections.abc import Iterator
from pathlib import Path

from graphophone.sources.clip import NONCOMMERCIAL, Clip
from graphophone.sources.public.layout import PublicSet, sounds
from graphophone.sources.splits import drawn_role

LICENCE = "CC BY-NC-SA"
SIDES = {"WomanRaw": "woman", "ManRaw": "man"}


def find(folder: Path) -> Path | None:
    """Return where the two halves of the set lie."""
    return folder if any((folder / side).is_dir() for side in SIDES) else None


def load(root: Path) -> Iterator[Clip]:
    """Yield all utterances; a group is a singer (``woman12``)."""
    for side, word in SIDES.items():
        for path in sounds(root / side):
            singer = f"{word}{path.stem.split('_')[0]}"
            name = path.relative_to(root).as_posix()
            role = drawn_role(f"OpenSinger/{singer}")
            yield Clip(path, name, "singing", singer, "", NONCOMMERCIAL, "", role=role)


OPENSINGER = PublicSet(
    name="OpenSinger",
    licence=LICENCE,
    tier=NONCOMMERCIAL,
    credit="R. Huang et al., Multi-Singer, ACM Multimedia 2021; "
    "licence: github.com/Multi-Singer/Multi-Singer.github.io",
    find=find,
    load=load,
)
