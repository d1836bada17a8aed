"""Patch a graph together, node by node and cable by cable."""

from itertools import pairwise
from typing import Any

from graphophone.errors import GraphError, ParameterError
from graphophone.graph.fault import Specs, listing
from graphophone.graph.model import Edge, Graph, Node
from graphophone.graph.rules import check, suggestion
from graphophone.spec import ProcessorSpec


class GraphBuilder:
    """Collects nodes and cables, then returns them as a checked :class:`Graph`.

    >>> patch = GraphBuilder(SPECS)
    >>> voice, split = patch.add("in", source="voice"), patch.add("crossover", frequency=800)
    >>> patch.connect(voice, split)
    """

    def __init__(self, specs: Specs) -> None:
        self.specs = specs
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []

    def add(self, type: str, /, source: str | None = None, *, id: str = "", **knobs: float) -> int:
        """Add a node and return its position; knobs that are not given keep their default.

        Raises:
            GraphError: The type is unknown.
            ParameterError: A knob is unknown or out of range.
        """
        if type not in self.specs:
            raise GraphError(f"unknown node type {type!r}{suggestion(type, self.specs)}")
        spec = self.specs[type]
        for name, value in knobs.items():
            if name not in spec.params:
                raise ParameterError(f"{type} has no knob {name!r} (it has {listing(spec.params)})")
            spec.params[name].check(value, name=f"{type} {name}")
        settings = spec.defaults() | knobs
        params = tuple((name, float(value)) for name, value in settings.items())
        self.nodes.append(Node(type, params, source=source, id=id))
        return len(self.nodes) - 1

    def connect(
        self,
        source: int,
        target: int,
        outlet: str | None = None,
        inlet: str = "in",
        *,
        gain_db: float = 0.0,
        invert: bool = False,
        depth: float = 1.0,
    ) -> None:
        """Add a cable; without ``outlet`` it starts at the first one of the source.

        Raises:
            GraphError: There is no such node, or the source has no outlet at all.
        """
        ports = self._spec(source).outlets
        self._spec(target)
        if outlet is None:
            if not ports:
                raise GraphError(f"{source} {self.nodes[source].kind} has no outlet")
            outlet = ports[0].name
        self.edges.append(Edge(source, target, outlet, inlet, gain_db, invert, depth))

    def chain(self, *nodes: int) -> int:
        """Connect nodes in series by their first outlets and ``in``; return the last."""
        for source, target in pairwise(nodes):
            self.connect(source, target)
        return nodes[-1]

    def graph(self, *, prototype: bool = False, **fields: Any) -> Graph:
        """Return the graph if it keeps all rules.

        Args:
            prototype: Leave the settings out: knobs are dropped, cables must be untouched.
            **fields: Other fields of :class:`Graph`, such as ``sample_rate`` or ``energy``.

        Raises:
            GraphError: A rule is broken.
        """
        nodes = [n.with_knobs({}) for n in self.nodes] if prototype else self.nodes
        graph = Graph(tuple(nodes), tuple(self.edges), **fields)
        return check(graph, self.specs, prototype=prototype)

    def _spec(self, node: int) -> ProcessorSpec:
        if not 0 <= node < len(self.nodes):
            raise GraphError(f"there is no node {node}, the builder has {len(self.nodes)}")
        return self.specs[self.nodes[node].type]
