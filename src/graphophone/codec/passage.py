"""The way of the sound through a graph: what comes one after the other, what side by side.

Where every way from one node to another leads through a third, that third stands in series;
what lies between two such nodes is a fork. This is the series-parallel reading of a directed
acyclic graph (J. Valdes, R. E. Tarjan, E. L. Lawler, The Recognition of Series Parallel Digraphs,
SIAM J. Comput. 11(2), 1982), done by counting ways; parts that cannot be read so are listed in
the order of computation.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from graphophone.graph.model import Edge, Graph
from graphophone.graph.order import topological
from graphophone.spec import ProcessorSpec

Specs: TypeAlias = Mapping[str, ProcessorSpec]
Step: TypeAlias = "int | Fork"
Passage: TypeAlias = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """One way of a fork.

    Attributes:
        outlet: Where it leaves the node before the fork.
        inlet: Where it enters the node behind the fork.
        steps: What is on it; nothing on a mere cable.
        gain_db: Level of its last cable.
    """

    outlet: str
    inlet: str
    steps: Passage
    gain_db: float = 0.0


@dataclass(frozen=True, slots=True)
class Fork:
    """Ways side by side from one node to another."""

    start: int
    stop: int
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Journey:
    """A whole graph: a passage for each source up to where all meet, then a shared one."""

    tracks: tuple[tuple[str, Passage], ...]
    bus: Passage


def journey(graph: Graph, specs: Specs) -> Journey:
    """Follow the sound of a valid graph from its sources to ``out``.

    Cables to sidechains and control nodes are no part of the way.
    """
    order, out = topological(graph), graph.output
    edges = tuple(e for e in graph.edges if _is_heard(graph, specs, e))
    inputs = [i for i in order if i in graph.inputs and _stations(edges, order, i, out)]
    if len(inputs) == 1:
        return Journey((), _passage(edges, order, inputs[0], out))
    here = meeting(graph, specs)
    tracks = tuple((str(graph.nodes[i].source), _passage(edges, order, i, here)) for i in inputs)
    return Journey(tracks, (here, *_passage(edges, order, here, out)) if here != out else ())


def meeting(graph: Graph, specs: Specs) -> int:
    """Return the first node that every way from every source to ``out`` leads through."""
    order = topological(graph)
    edges = tuple(e for e in graph.edges if _is_heard(graph, specs, e))
    common = [set(_stations(edges, order, i, graph.output)) for i in graph.inputs]
    # A source that is only listened to, by a sidechain, has no way and no say.
    common = [stations for stations in common if stations]
    return next(i for i in order if all(i in stations for stations in common))


def _is_heard(graph: Graph, specs: Specs, edge: Edge) -> bool:
    target = specs[graph.nodes[edge.target].type]
    inlet = target.inlet(edge.inlet)
    audio = inlet is not None and inlet.signal == "audio" and edge.inlet != "sidechain"
    return audio and target.group != "control"


def _ways(edges: Iterable[Edge], order: Iterable[int], start: int) -> Counter[int]:
    """Count the ways from ``start`` to every node; parallel cables are different ways."""
    into: dict[int, list[int]] = {}
    for e in edges:
        into.setdefault(e.target, []).append(e.source)
    ways = Counter({start: 1})
    for node in order:
        if node != start:
            ways[node] = sum(ways[source] for source in into.get(node, ()))
    return ways


def _stations(edges: tuple[Edge, ...], order: tuple[int, ...], start: int, stop: int) -> list[int]:
    """List the nodes that every way from ``start`` to ``stop`` leads through, both included."""
    forward = _ways(edges, order, start)
    turned = [Edge(e.target, e.source, e.inlet, e.outlet) for e in edges]
    backward = _ways(turned, tuple(reversed(order)), stop)
    total = forward[stop]
    return [i for i in order if total and forward[i] * backward[i] == total]


def _passage(edges: tuple[Edge, ...], order: tuple[int, ...], start: int, stop: int) -> Passage:
    """Describe what lies between two nodes; neither is part of it."""
    steps: list[Step] = []
    stations = _stations(edges, order, start, stop)
    for here, there in pairwise(stations):
        inner = _between(edges, order, here, there)
        if len(inner) > 1:
            steps.append(Fork(here, there, _branches(inner, order, here, there)))
        if there != stop:
            steps.append(there)
    return tuple(steps)


def _between(
    edges: tuple[Edge, ...], order: tuple[int, ...], start: int, stop: int
) -> tuple[Edge, ...]:
    """Keep the cables that lie on a way from ``start`` to ``stop``."""
    forward = _ways(edges, order, start)
    turned = [Edge(e.target, e.source, e.inlet, e.outlet) for e in edges]
    backward = _ways(turned, tuple(reversed(order)), stop)
    return tuple(e for e in edges if forward[e.source] and backward[e.target])


def _branches(
    edges: tuple[Edge, ...], order: tuple[int, ...], start: int, stop: int
) -> tuple[Branch, ...]:
    """Part a fork into ways that share no node."""
    branches = [
        Branch(e.outlet, e.inlet, (), e.gain_db)
        for e in edges
        if (e.source, e.target) == (start, stop)
    ]
    for group in _groups(edges, order, start, stop):
        mine = tuple(e for e in edges if e.source in group or e.target in group)
        first = next(e for e in mine if e.source == start)
        last = next(e for e in mine if e.target == stop)
        if len(_stations(mine, order, start, stop)) > 2:
            steps = _passage(mine, order, start, stop)
        else:  # woven ways, which have no series and no parallel parts
            steps = tuple(i for i in order if i in group)
        branches.append(Branch(first.outlet, last.inlet, steps, last.gain_db))
    return tuple(branches)


def _groups(
    edges: tuple[Edge, ...], order: tuple[int, ...], start: int, stop: int
) -> list[set[int]]:
    """Part the nodes inside a fork into groups that no cable connects."""
    inside = {i for e in edges for i in (e.source, e.target)} - {start, stop}
    groups: list[set[int]] = []
    for node in order:
        if node in inside:
            near = {e.source for e in edges if e.target == node}
            joined = [g for g in groups if g & near]
            groups = [g for g in groups if not g & near]
            groups.append({node}.union(*joined))
    return groups
