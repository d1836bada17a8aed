"""One broken rule, and where in the graph it is broken."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from graphophone.graph.model import Edge
from graphophone.spec import ProcessorSpec

Specs: TypeAlias = Mapping[str, ProcessorSpec]
"""What each node type is: the catalogue's specs with ``in`` and ``out`` among them."""


class Fault(NamedTuple):
    """What one rule found in one place.

    Attributes:
        detail: One sentence without a full stop: the name, what is allowed, what was got.
        nodes: Positions of the nodes to point at.
        edges: Cables to point at.
    """

    detail: str
    nodes: tuple[int, ...] = ()
    edges: tuple[Edge, ...] = ()


@dataclass(frozen=True, slots=True)
class Violation:
    """A fault together with the name of the rule it breaks."""

    rule: str
    detail: str
    nodes: tuple[int, ...] = ()
    edges: tuple[Edge, ...] = ()


def listing(names: Iterable[str]) -> str:
    """Join names for a sentence: ``low, high``; ``none`` where there are none."""
    return ", ".join(names) or "none"
