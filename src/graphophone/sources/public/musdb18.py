"""MUSDB18-HQ: the vocals of 150 produced songs, stereo WAV, 44.1 kHz.

Z. Rafii, A. Liutkus, F.-R. Stöter, S. I. Mimilakis and R. Bittner, MUSDB18-HQ: an uncompressed
version of MUSDB18, zenodo.org/records/3338373. Layout::

    train/<artist> - <title>/vocals.wav      100 songs, with bass, drums, other and mixture
    test/<artist> - <title>/vocals.wav        50 songs

The set is for academic use; each song has terms of its own, listed at
sigsep.github.io/datasets/musdb.html. An artist is one voice, and the songs of an artist who is in
``test`` are in no training. Vocals are stems of finished songs: many carry their effects, and the
check for wet recordings leaves those out. MUSDB18 without HQ is a compressed set of ``.stem.mp4``
files without sound above 16 kHz, and is refused.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from graphophone.errors import FormatError
from graphophone.sources.clip import NONCOMMERCIAL, Clip
from graphophone.sources.public.layout import PublicSet

ROLES = {"train": "train", "test": "valid-unseen"}
STEM = "vocals.wav"
GUEST = re.compile(r"\s+(feat\.?|ft\.?|\().*$", re.IGNORECASE)


def find(folder: Path) -> Path | None:
    """Return where ``train`` and ``test`` lie.

    Raises:
        FormatError: They hold ``.stem.mp4`` files.
    """
    for part in (".", *ROLES):
        if next((folder / part).glob("*.stem.mp4"), None):
            raise FormatError(
                f"{folder}: this is MUSDB18 as compressed .stem.mp4 files, which end at 16 kHz; "
                "MUSDB18-HQ, the same songs as WAV, is what can be used"
            )
    return folder if any(next((folder / p).glob(f"* - */{STEM}"), None) for p in ROLES) else None


def load(root: Path) -> Iterator[Clip]:
    """Yield the vocals of all songs; a group is an artist."""
    for part, role in ROLES.items():
        for path in sorted((root / part).glob(f"*/{STEM}")):
            artist = GUEST.sub("", path.parent.name.split(" - ")[0]).strip()
            name = path.relative_to(root).as_posix()
            yield Clip(path, name, "singing", artist, "", NONCOMMERCIAL, "", role=role)


MUSDB18 = PublicSet(
    name="MUSDB18-HQ",
    licence="academic use only, see its page",
    tier=NONCOMMERCIAL,
    credit="Z. Rafii et al., MUSDB18-HQ, 2019; "
    "terms of each song: sigsep.github.io/datasets/musdb.html",
    find=find,
    load=load,
)
