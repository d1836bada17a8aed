"""Processors written in a language of another program; what is exported takes only what it needs.

A library is a folder of source files, a paragraph each definition: comments, then one or more
definitions of the same name. The first paragraph of a file is its title. Libraries use nothing but
their language, so that what is exported is one file under our licence.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

WORD = r"[A-Za-z_]\w*"
_COMMENT = re.compile(r"//.*")


class Paragraph(NamedTuple):
    """Some definitions with their comments, and the words in them."""

    text: str
    names: tuple[str, ...]
    words: frozenset[str]


class Library:
    """The definitions in a folder.

    Args:
        folder: Where they are.
        ending: How its files end, with the dot. What stands in ``common`` comes first.
        start: How a line begins that defines what the first group names.
        use: How another definition is named in code.
        no_names: Words that look like definitions and are none.
    """

    def __init__(
        self,
        folder: Path,
        ending: str,
        *,
        start: str,
        use: str = WORD,
        no_names: Iterable[str] = (),
    ) -> None:
        self._folder, self._ending = folder, ending
        self._start, self._use = re.compile(start), re.compile(use)
        self._no_names = frozenset(no_names)

    @cached_property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        """All paragraphs of the library, in its order."""
        found: list[Paragraph] = []
        files = self._folder.glob(f"*{self._ending}")
        for path in sorted(files, key=lambda path: (path.stem != "common", path.stem)):
            _, *rest = path.read_text(encoding="utf-8").split("\n\n")
            found += [self._paragraph(text) for text in _joined(rest)]
        return tuple(found)

    @cached_property
    def names(self) -> Mapping[str, Paragraph]:
        """Which paragraph defines a name."""
        return {name: paragraph for paragraph in self.paragraphs for name in paragraph.names}

    def needed(self, lines: Iterable[str]) -> str:
        """Return all paragraphs that some code leads to, in the library's order."""
        known = self.names
        wanted: set[Paragraph] = set()
        words = {word for line in lines for word in self._use.findall(_COMMENT.sub("", line))}
        waiting = [known[word] for word in words & known.keys()]
        while waiting:
            paragraph = waiting.pop()
            if paragraph not in wanted:
                wanted.add(paragraph)
                waiting += [known[word] for word in paragraph.words & known.keys()]
        return "\n\n".join(paragraph.text for paragraph in self.paragraphs if paragraph in wanted)

    def _paragraph(self, text: str) -> Paragraph:
        code = _COMMENT.sub("", text)
        starts = (self._start.match(line) for line in code.splitlines())
        names = dict.fromkeys(start.group(1) for start in starts if start)
        kept = tuple(name for name in names if name not in self._no_names)
        return Paragraph(text, kept, frozenset(self._use.findall(code)))


def _joined(parts: Iterable[str]) -> list[str]:
    """Put together what blank lines inside a definition have parted."""
    whole: list[str] = []
    for part in parts:
        if whole and part.startswith(" "):
            whole[-1] += f"\n\n{part}"
        else:
            whole.append(part)
    return [part.strip("\n") for part in whole]
