"""What an export carries as it is, what it only comes near to, and what it leaves out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from graphophone.graph.model import Graph

Grade = Literal["exact", "approximated", "dropped"]
GRADES: tuple[Grade, ...] = ("exact", "approximated", "dropped")


@dataclass(frozen=True, slots=True)
class Part:
    """One node or cable of a graph in an export.

    Attributes:
        name: What it is called, as in messages: ``3 compressor``.
        grade: How well it is carried.
        note: In what it differs, unless it is exact.
    """

    name: str
    grade: Grade
    note: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.note}" if self.note else self.name


@dataclass(frozen=True, slots=True)
class Fidelity:
    """All parts of a graph, in its order."""

    parts: tuple[Part, ...]

    @classmethod
    def of(cls, graph: Graph, other: "Mapping[int, Part] | None" = None) -> "Fidelity":
        """Say that all nodes are exact but those at some positions."""
        other = other or {}
        return cls(tuple(other.get(i, Part(graph.label(i), "exact")) for i in range(len(graph))))

    def graded(self, grade: Grade) -> tuple[Part, ...]:
        """Return the parts of one grade."""
        return tuple(part for part in self.parts if part.grade == grade)

    @property
    def lost(self) -> tuple[Part, ...]:
        """Everything that is not exact."""
        return tuple(part for part in self.parts if part.grade != "exact")


@dataclass(frozen=True, slots=True)
class Export:
    """What a target makes of a graph.

    Attributes:
        content: The file that was asked for, or nothing if it is a folder.
        fidelity: How well the graph is carried.
        beside: Other files, by what their names have instead of that file's suffix; or those of
            the folder, by name.
    """

    content: bytes | None
    fidelity: Fidelity
    beside: Mapping[str, bytes] = field(default_factory=dict)
