"""A graph on the table: nodes by id, cables by their ends, ready to be changed."""

from dataclasses import dataclass, replace
from typing import Any

from graphophone.errors import GraphError
from graphophone.graph.model import Edge, Graph, Node
from graphophone.graph.rules import suggestion


@dataclass(frozen=True)
class Cable:
    """One cable whose ends are called by the ids of their nodes."""

    source: str
    outlet: str
    target: str
    inlet: str
    gain_db: float = 0.0
    invert: bool = False
    depth: float = 1.0

    @property
    def ends(self) -> tuple[str, str, str, str]:
        """What may occur only once on a board."""
        return self.source, self.outlet, self.target, self.inlet

    def __str__(self) -> str:
        return f"{self.source}.{self.outlet} -> {self.target}.{self.inlet}"


class Board:
    """The parts of one graph, in their order; :meth:`graph` puts them together again.

    Args:
        graph: A graph whose nodes have ids of their own.
    """

    def __init__(self, graph: Graph) -> None:
        ids = [node.id for node in graph.nodes]
        self.like = graph
        self.nodes: dict[str, Node] = dict(zip(ids, graph.nodes, strict=True))
        self.cables: list[Cable] = [
            Cable(ids[e.source], e.outlet, ids[e.target], e.inlet, e.gain_db, e.invert, e.depth)
            for e in graph.edges
        ]

    def graph(self) -> Graph:
        """Return the graph of what lies on the board; no rule is checked."""
        place = {name: i for i, name in enumerate(self.nodes)}
        edges = (
            Edge(place[c.source], place[c.target], c.outlet, c.inlet, c.gain_db, c.invert, c.depth)
            for c in self.cables
        )
        return self.like.with_parts(self.nodes.values(), edges)

    def node(self, name: str) -> Node:
        """Return a node by its id.

        Raises:
            GraphError: There is none.
        """
        if name not in self.nodes:
            raise GraphError(f"there is no node {name!r}{suggestion(name, self.nodes)}")
        return self.nodes[name]

    def cable(self, ends: tuple[str, str, str, str]) -> Cable:
        """Return a cable by its ends.

        Raises:
            GraphError: There is none.
        """
        for cable in self.cables:
            if cable.ends == ends:
                return cable
        raise GraphError(f"there is no cable {Cable(*ends)}")

    def into(self, name: str, inlet: str | None = None) -> list[Cable]:
        """Cables that end at a node, or at one of its inlets."""
        return [c for c in self.cables if c.target == name and inlet in (None, c.inlet)]

    def out_of(self, name: str) -> list[Cable]:
        """Cables that start at a node."""
        return [c for c in self.cables if c.source == name]

    def put(self, name: str, node: Node) -> None:
        """Lay a node on the board, in the place of the one that has its id."""
        self.nodes[name] = replace(node, id=name)

    def plug(self, cable: Cable) -> None:
        """Add a cable; whether it may be there is for the rules to say."""
        self.cables.append(cable)

    def unplug(self, *cables: Cable) -> None:
        """Take cables away."""
        gone = set(cables)
        self.cables = [c for c in self.cables if c not in gone]

    def change(self, cable: Cable, **fields: Any) -> None:
        """Change a cable where it is."""
        place = self.cables.index(cable)
        self.cables[place] = replace(cable, **fields)

    def take(self, name: str) -> None:
        """Take a node away, with its cables."""
        del self.nodes[name]
        self.cables = [c for c in self.cables if name not in (c.source, c.target)]

    def fresh(self, kind: str) -> str:
        """Return an id that is free: ``lowpass``, ``lowpass2`` ..."""
        number, name = 2, kind
        while name in self.nodes:
            name, number = f"{kind}{number}", number + 1
        return name
