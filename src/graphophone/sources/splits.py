"""How recordings are divided so that nothing is tested on what was trained on.

Each file has a role: ``train``, ``valid-unseen`` or ``test``. Four splits are read off them:

- ``unseen`` is every file of the role ``valid-unseen``, ``test`` of the role ``test``;
- ``seen`` is a held-out part of the training groups and ``train`` the rest: a tenth of a
  group's files by a hash of their names, or the last fifth of each file where a group has
  fewer than five.

Roles come from a manifest, from a data set's own split, or from :func:`drawn_role`, a hash of
the group's name. Wherever they come from, :func:`apart` has the last word: a voice or a kit
that is in one of the tests anywhere is in no training.

Recordings of noise are nobody's, so each keeps its own role. Kits are used whole: ``seen``
drums are the training kits playing held-out scores. Scores keep the split of their own data
set, in which drummers recur.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from graphophone.errors import FormatError
from graphophone.sources.clip import Clip

ROLES: Mapping[str, str] = {
    "train": "train",
    "seen": "train",
    "unseen": "valid-unseen",
    "test": "test",
}
STRICTEST = ("test", "valid-unseen", "train")
VOICES = ("singing", "speech")
SCORES = "midi"
NOISE = "noise"
NOBODY = (SCORES, NOISE)
"""Categories whose groups are neither voices nor kits."""
SEEN_SHARE = 0.1
SEEN_TIME = 0.2
UNSEEN_SHARE = 0.2
FEW = 5


def check_split(split: str) -> None:
    """Make sure that a split is one of the four.

    Raises:
        FormatError: It is not.
    """
    if split not in ROLES:
        raise FormatError(f"split must be one of {', '.join(ROLES)}, got {split!r}")


def drawn_role(group: str) -> str:
    """Return the role of a group that no one has given one: a fifth of all are unseen.

    It depends on the name alone, so it is the same on every machine and stays when others join.
    """
    return "valid-unseen" if _hash(f"group {group}") < UNSEEN_SHARE else "train"


def held_out(name: str) -> bool:
    """Whether a file of a training group belongs to ``seen``; the same on every machine."""
    return _hash(name) < SEEN_SHARE


def apart(rows: Sequence[Clip]) -> tuple[Clip, ...]:
    """Return the files with one role a voice or kit: the strictest that any of its files has.

    Singing and speech of one name are one voice. Names that differ by case alone are one name.
    """
    roles: dict[tuple[str, str], str] = {}
    for row in rows:
        if row.category not in NOBODY:
            other = roles.setdefault(_who(row), row.role)
            roles[_who(row)] = min(other, row.role, key=STRICTEST.index)
    return tuple(
        row
        if row.category in NOBODY or row.role == roles[_who(row)]
        else replace(row, role=roles[_who(row)])
        for row in rows
    )


def part(rows: Sequence[Clip], split: str) -> tuple[Clip, ...]:
    """Return what ``split`` may use of these files, by the rule for ``train`` and ``seen``."""
    if ROLES[split] != "train":
        return tuple(rows)
    sizes = Counter((row.category, row.group) for row in rows)
    kept = []
    for row in rows:
        if sizes[row.category, row.group] < FEW:
            cut = 1 - SEEN_TIME
            start, end = (0.0, cut) if split == "train" else (cut, 1.0)
            kept.append(replace(row, start=start, end=end))
        elif held_out(row.name) == (split == "seen"):
            kept.append(row)
    return tuple(kept)


def _who(row: Clip) -> tuple[str, str]:
    return "voice" if row.category in VOICES else row.category, row.group.casefold()


def _hash(name: str) -> float:
    """Return a number from 0 to 1 that depends on a name alone."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") / 2**64
