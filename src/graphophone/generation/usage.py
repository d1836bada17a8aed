"""Which recordings and generators the examples of a set draw on, read off their provenance."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from graphophone.sources.licences import Register, Terms

PROCEDURAL = "procedural"
MODELLED = "modelled-"
"""How the names of modelled kits begin."""
FILES = ("file", "midi")
"""Keys under which provenance names files of a data folder."""
NEEDS_NONE = Terms("none needed", "procedural", "made by this program")


@dataclass(frozen=True, slots=True)
class Origin:
    """One group of recordings, or one generator.

    Attributes:
        category: ``singing``, ``speech``, ``drums``, ``midi``, ``procedural``, ...
        group: Singer, kit, drummer, set or generator.
        share: Share of the examples that draw on it; an example may draw on several.
        terms: What its licence asks.
    """

    category: str
    group: str
    share: float
    terms: Terms


class Usage:
    """Counts examples by what they draw on.

    Args:
        register: Files of the data folder with their terms; without one a recording's group
            is read off its path, and its terms are not known.
    """

    def __init__(self, register: Register | None = None) -> None:
        self.register = register
        self.examples = 0
        self._counts: Counter[tuple[str, str]] = Counter()
        self._licences: Counter[tuple[str, str]] = Counter()

    def add(self, provenance: Mapping[str, Any]) -> None:
        """Count one example."""
        self.examples += 1
        groups = self.groups(provenance)
        self._counts.update(groups)
        self._licences.update({(t.licence, t.tier) for t in map(self._terms, groups)})

    def groups(self, provenance: Mapping[str, Any]) -> set[tuple[str, str]]:
        """Return category and group of all that one example draws on."""
        found = {self._group(name) for name in _named(provenance)}
        if isinstance(kit := provenance.get("kit"), str):
            modelled = kit.startswith(MODELLED)
            found.add((PROCEDURAL, "modelled kits") if modelled else ("drums", kit))
        groove = provenance.get("groove")
        if isinstance(groove, Mapping) and "pattern" in groove:
            found.add((PROCEDURAL, "groove patterns"))
        kind, group = provenance.get("kind"), provenance.get("group")
        if isinstance(kind, str) and (not found or kind == PROCEDURAL):
            found.add((kind, str(group)))
        return found or {("not said", "not said")}

    def origins(self) -> tuple[Origin, ...]:
        """Return all that was drawn on, the most used first."""
        return tuple(
            Origin(*name, count / self.examples, self._terms(name))
            for name, count in sorted(self._counts.items(), key=lambda x: (-x[1], x[0]))
        )

    def licences(self) -> dict[tuple[str, str], float]:
        """Return the share of examples that each licence and tier binds, the largest first."""
        counts = sorted(self._licences.items(), key=lambda x: (-x[1], x[0]))
        return {name: count / self.examples for name, count in counts}

    def _terms(self, name: tuple[str, str]) -> Terms:
        if name[0] == PROCEDURAL:
            return NEEDS_NONE
        return self.register.terms.get(name, Terms()) if self.register else Terms()

    def _group(self, name: str) -> tuple[str, str]:
        if self.register and (known := self.register.group(name)):
            return known
        first, *rest = PurePosixPath(name).parts
        return first, rest[0] if len(rest) > 1 else first


def _named(value: Any, key: str = "") -> Iterator[str]:
    """Yield every file that provenance names, however deep."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _named(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _named(inner, key)
    elif isinstance(value, str) and key in FILES:
        yield value
