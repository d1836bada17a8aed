"""The graph itself: an immutable value that can be compared, hashed and printed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Literal

Energy = Literal["normalised", "frozen", "plain"]


@dataclass(frozen=True, slots=True)
class Node:
    """One processor instance.

    Attributes:
        type: Name in the catalogue, or ``in`` or ``out``.
        params: Knob settings in physical units, in the order of the spec. Empty in a
            prototype, where only types are decided.
        source: Which dry signal enters here; only of an ``in`` node.
        scale_db: Gain that stands for the energy rule in a frozen graph.
        id: Name in files and messages; no part of the value.
    """

    type: str
    params: tuple[tuple[str, float], ...] = ()
    source: str | None = None
    scale_db: float | None = None
    id: str = field(default="", compare=False)

    @property
    def kind(self) -> str:
        """Type with the source it carries: ``in:kick`` and ``lowpass`` are node types."""
        return f"{self.type}:{self.source}" if self.source else self.type

    @property
    def knobs(self) -> dict[str, float]:
        """The settings by name."""
        return dict(self.params)

    def with_knobs(self, knobs: Mapping[str, float]) -> "Node":
        """Return the same node with all its settings replaced."""
        return Node(self.type, tuple(knobs.items()), self.source, self.scale_db, self.id)


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """One cable from an outlet to an inlet. Signals that meet at an inlet are summed.

    Attributes:
        source: Position of the node it comes from.
        target: Position of the node it goes to.
        outlet: Name of the outlet.
        inlet: Name of the inlet.
        gain_db: Level of an audio cable.
        invert: Whether an audio cable turns the polarity.
        depth: How far a control cable moves its knob, as a share of the knob's travel.
    """

    source: int
    target: int
    outlet: str = "out"
    inlet: str = "in"
    gain_db: float = 0.0
    invert: bool = False
    depth: float = 1.0

    @property
    def kind(self) -> tuple[str, str]:
        """The edge type of the paper: (outlet, inlet)."""
        return (self.outlet, self.inlet)

    @property
    def ports(self) -> tuple[int, str, int, str]:
        """What may occur only once in a graph."""
        return (self.source, self.outlet, self.target, self.inlet)

    def between(self, source: int, target: int, outlet: str | None = None) -> "Edge":
        """Return the same cable between other nodes, from the same outlet or another."""
        outlet = self.outlet if outlet is None else outlet
        return Edge(source, target, outlet, self.inlet, self.gain_db, self.invert, self.depth)


IN_ORDER = attrgetter(*(each.name for each in fields(Edge)))
"""Key by which cables are sorted as they compare, without a comparison in Python for each pair."""


@dataclass(frozen=True, eq=False)
class Graph:
    """Nodes are addressed by position; edges are kept sorted, so equal graphs are ``==``.

    Attributes:
        nodes: The processors, in any order.
        edges: The cables.
        sample_rate: Rate of the recording that the graph was written for, in Hz. Knobs are
            in physical units, so a graph renders at any rate.
        energy: Which energy rule holds; see ARCHITECTURE.md.
        reference_rms_db: Level in dBFS to which each dry source is brought at an ``in`` node.
        meta: Notes about the graph; no part of the value and unused in rendering.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...] = ()
    sample_rate: int = 44_100
    energy: Energy = "normalised"
    reference_rms_db: float = -20.0
    meta: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "nodes", tuple(self.nodes))
        object.__setattr__(self, "edges", tuple(sorted(self.edges, key=IN_ORDER)))
        object.__setattr__(self, "meta", MappingProxyType(dict(self.meta)))

    def __reduce__(self) -> tuple[Any, ...]:  # a mapping proxy cannot be pickled
        fields = (self.nodes, self.edges, self.sample_rate, self.energy, self.reference_rms_db)
        return (type(self), (*fields, dict(self.meta)))

    def __eq__(self, other: object) -> bool:
        """Compare by fields: a graph stays the value it is under any face that is put on it."""
        return self._value == other._value if isinstance(other, Graph) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._value)

    def __len__(self) -> int:
        return len(self.nodes)

    @property
    def _value(self) -> tuple[Any, ...]:
        """All fields that are part of the value."""
        return tuple(getattr(self, f.name) for f in fields(self) if f.compare)

    @property
    def inputs(self) -> tuple[int, ...]:
        """Positions of the ``in`` nodes."""
        return tuple(i for i, node in enumerate(self.nodes) if node.type == "in")

    @property
    def output(self) -> int:
        """Position of the ``out`` node."""
        return next(i for i, node in enumerate(self.nodes) if node.type == "out")

    def incoming(self, node: int) -> tuple[Edge, ...]:
        """Cables that end at ``node``, sorted."""
        return tuple(e for e in self.edges if e.target == node)

    def outgoing(self, node: int) -> tuple[Edge, ...]:
        """Cables that start at ``node``, sorted."""
        return tuple(e for e in self.edges if e.source == node)

    def label(self, node: int) -> str:
        """Name a node in messages by its id, or else its position, and its type."""
        return f"{self.nodes[node].id or node} {self.nodes[node].kind}"

    def cable(self, edge: Edge) -> str:
        """Name a cable in messages by its two ends: ``1 crossover.low -> 2 mix.in``."""
        source, target = self.label(edge.source), self.label(edge.target)
        return f"{source}.{edge.outlet} -> {target}.{edge.inlet}"

    def with_parts(self, nodes: Iterable[Node], edges: Iterable[Edge]) -> "Graph":
        """Return a graph of other nodes and edges with all else unchanged."""
        others = self.sample_rate, self.energy, self.reference_rms_db, self.meta
        return type(self)(tuple(nodes), tuple(edges), *others)

    def reordered(self, order: Iterable[int]) -> "Graph":
        """Return the same graph with its nodes listed in another order.

        Args:
            order: Old positions in their new order; each position once.
        """
        order = tuple(order)
        place = {old: new for new, old in enumerate(order)}
        return self.with_parts(
            (self.nodes[old] for old in order),
            (e.between(place[e.source], place[e.target]) for e in self.edges),
        )

    def __str__(self) -> str:
        """One line per node, then its cables; stable, so tests may compare it whole."""
        lines = []
        for i, node in enumerate(self.nodes):
            knobs = " ".join(f"{name}={value:.4g}" for name, value in node.params)
            lines.append(f"{i} {node.kind} {knobs}".rstrip())
            for e in self.outgoing(i):
                extra = f" {e.gain_db:+.3g} dB" if e.gain_db else ""
                extra += " inverted" if e.invert else ""
                extra += f" depth {e.depth:.3g}" if e.depth != 1 else ""
                lines.append(
                    f"    {e.outlet} -> {e.target} {self.nodes[e.target].kind}.{e.inlet}{extra}"
                )
        return "\n".join(lines)
