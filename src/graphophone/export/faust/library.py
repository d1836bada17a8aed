"""Our processors in Faust, of which a program takes only what it needs.

The definitions stand in ``definitions/*.dsp``, a paragraph each: comments, then one or more
definitions of the same name. They use nothing of Faust's own libraries, so a program is one file
under our licence.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "definitions"
_WORD = re.compile(r"[A-Za-z_]\w*")
_COMMENT = re.compile(r"//.*")


class Paragraph(NamedTuple):
    """Some definitions with their comments, and the words in them."""

    text: str
    names: tuple[str, ...]
    words: frozenset[str]


@cache
def paragraphs() -> tuple[Paragraph, ...]:
    """Return all paragraphs of the library, in its order."""
    found = []
    for path in sorted(FOLDER.glob("*.dsp"), key=lambda path: (path.stem != "common", path.stem)):
        _, *rest = path.read_text(encoding="utf-8").split("\n\n")
        found += [_paragraph(text) for text in _joined(rest)]
    return tuple(found)


def _joined(parts: Iterable[str]) -> list[str]:
    """Put together what blank lines inside a definition have parted."""
    whole: list[str] = []
    for part in parts:
        if whole and part.startswith(" "):
            whole[-1] += f"\n\n{part}"
        else:
            whole.append(part)
    return [part.strip("\n") for part in whole]


def _paragraph(text: str) -> Paragraph:
    code = _COMMENT.sub("", text)
    starts = (_WORD.match(line) for line in code.splitlines())
    names = dict.fromkeys(start.group() for start in starts if start)
    return Paragraph(text, tuple(n for n in names if n != "with"), frozenset(_WORD.findall(code)))


def names() -> Mapping[str, Paragraph]:
    """Return which paragraph defines a name."""
    return {name: paragraph for paragraph in paragraphs() for name in paragraph.names}


def needed(lines: Iterable[str]) -> str:
    """Return all paragraphs that some code leads to, in the library's order."""
    known = names()
    wanted: set[Paragraph] = set()
    words = {word for line in lines for word in _WORD.findall(_COMMENT.sub("", line))}
    waiting = [known[word] for word in words & known.keys()]
    while waiting:
        paragraph = waiting.pop()
        if paragraph not in wanted:
            wanted.add(paragraph)
            waiting += [known[word] for word in paragraph.words & known.keys()]
    return "\n\n".join(paragraph.text for paragraph in paragraphs() if paragraph in wanted)
