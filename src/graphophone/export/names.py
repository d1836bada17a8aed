"""Names of other people's in formats that they must not break out of."""

import re

LONGEST = 60
"""Characters of a name that are kept."""

_FOREIGN = re.compile(r"[^\w .+-]", re.ASCII)
_SPACES = re.compile(r"\s+")


def plain(name: str) -> str:
    """Return a name of letters, digits, blanks and ``_ . + -`` alone, which no format reads.

    What is not among them becomes ``_``; a line of it is one line, and never empty.
    """
    short = _SPACES.sub(" ", name).strip()[:LONGEST]
    return _FOREIGN.sub("_", short) or "_"


def identifier(name: str) -> str:
    """Return a name as programs write them: letters, digits and ``_``, no digit first."""
    word = re.sub(r"\W", "_", plain(name), flags=re.ASCII)
    return word if not word[0].isdigit() else f"_{word}"
