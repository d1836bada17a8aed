"""Runs of exchangeable parts: single-input single-output systems in series.

A *unit* is what stands between a signal and the next point where everything that the signal
feeds has come together again in one signal: a single node, or a whole split with its branches
and its mix. Units that follow one another form a *chain*, and their order can be chosen.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from graphophone.graph.fault import Specs
from graphophone.graph.model import Edge, Graph, Node
from graphophone.graph.order import breadth_first
from graphophone.graph.walk import topological

Signal: TypeAlias = tuple[int, str]
"""What leaves a node at one of its outlets."""

Allowed: TypeAlias = Callable[[int], bool]
"""Whether a node may be part of a unit."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A part of a graph with one signal going in and one coming out."""

    members: tuple[int, ...]
    output: Signal


def sort_chains(graph: Graph, specs: Specs, allowed: Allowed, largest: int | None = None) -> Graph:
    """Put the units of every chain in order of size, then type; inner chains first.

    A cable into a unit moves with it, level and polarity included.

    Args:
        graph: A valid graph or prototype.
        specs: Description of each node type.
        allowed: Which nodes may be part of a unit, by position.
        largest: Most nodes a unit may have, if there is a limit.

    Returns:
        The same nodes at the same positions with other cables.
    """
    place = {node: i for i, node in enumerate(topological(graph))}
    signals = sorted({(e.source, e.outlet) for e in graph.edges})
    wiring = _Wiring.of(graph)
    units = {s: _unit(wiring, s, place, allowed, largest) for s in signals}
    inside = {unit.output for unit in units.values() if unit}
    starts = []
    for signal in signals:
        if signal not in inside and units[signal]:
            chain = _chain(units, signal)
            starts.append((sum(len(u.members) for u in chain), signal))
    for _, start in sorted(starts):
        chain = _chain(units, start)
        wanted = _sorted(graph, specs, chain)
        if wanted != chain:
            graph = _rewire(graph, start, chain, wanted)
            signal = start
            for unit in wanted:
                units[signal], signal = unit, unit.output
            units[signal] = None
    return graph


def _chain(units: dict[Signal, Unit | None], signal: Signal) -> list[Unit]:
    chain = []
    while unit := units.get(signal):
        chain.append(unit)
        signal = unit.output
    return chain


@dataclass(frozen=True, slots=True)
class _Wiring:
    """The cables of a graph by number, which are found and compared at once."""

    edges: tuple[Edge, ...]
    into: list[set[int]]
    out_of: list[set[int]]

    @classmethod
    def of(cls, graph: Graph) -> "_Wiring":
        into: list[set[int]] = [set() for _ in graph.nodes]
        out_of: list[set[int]] = [set() for _ in graph.nodes]
        for number, edge in enumerate(graph.edges):
            into[edge.target].add(number)
            out_of[edge.source].add(number)
        return cls(graph.edges, into, out_of)


def _unit(
    wiring: _Wiring, signal: Signal, place: dict[int, int], allowed: Allowed, largest: int | None
) -> Unit | None:
    """Grow a region from ``signal`` until one node holds all that is open, if one does."""
    edges = wiring.edges
    loose = {i for i in wiring.out_of[signal[0]] if edges[i].outlet == signal[1]}
    members: list[int] = []
    while loose and (largest is None or len(members) < largest):
        node = min((edges[i].target for i in loose), key=place.__getitem__)
        if not wiring.into[node] <= loose or not allowed(node):
            return None
        members.append(node)
        loose -= wiring.into[node]
        outlets = {edges[i].outlet for i in wiring.out_of[node]}
        if not loose and len(outlets) == 1:
            return Unit(tuple(sorted(members)), (node, outlets.pop()))
        loose |= wiring.out_of[node]
    return None


def _sorted(graph: Graph, specs: Specs, chain: list[Unit]) -> list[Unit]:
    """Return units in order; what takes long to compare is compared only where sizes are equal."""
    sizes = Counter(len(unit.members) for unit in chain)

    def key(unit: Unit) -> tuple[int, str, str]:
        size = len(unit.members)
        return _key(graph, specs, unit) if sizes[size] > 1 else (size, "", "")

    return sorted(chain, key=key)


def _key(graph: Graph, specs: Specs, unit: Unit) -> tuple[int, str, str]:
    """Sort by size, then types and wiring, then settings."""
    part = _extract(graph, unit)
    order = (2, 1, 0) if len(unit.members) == 1 else breadth_first(part, specs)
    part = part.reordered(order)
    kinds = " ".join(node.kind for node in part.nodes[1:])
    cables = " ".join(f"{e.source}.{e.outlet}>{e.target}.{e.inlet}" for e in part.edges)
    settings = repr([(n.params, n.scale_db) for n in part.nodes]) + repr(part.edges)
    return len(unit.members), f"{kinds} {cables}", settings


def _extract(graph: Graph, unit: Unit) -> Graph:
    """Return a unit as a graph of its own, between an ``in`` and an ``out``."""
    place = {node: i for i, node in enumerate(unit.members, start=1)}
    end = len(place) + 1
    nodes = (Node("in"), *(graph.nodes[i] for i in unit.members), Node("out"))
    edges = [
        e.between(place[e.source], place[e.target])
        if e.source in place
        else e.between(0, place[e.target], "out")
        for e in graph.edges
        if e.target in place
    ]
    source, outlet = unit.output
    edges.append(Edge(place[source], end, outlet))
    return graph.with_parts(nodes, edges)


def _rewire(graph: Graph, start: Signal, old: list[Unit], new: list[Unit]) -> Graph:
    """Return the graph with the units of one chain in another order."""
    feeds = [start, *(unit.output for unit in new)]
    feed = {node: feeds[i] for i, unit in enumerate(new) for node in unit.members}
    before = [start, *(unit.output for unit in old)]
    was = {node: before[i] for i, unit in enumerate(old) for node in unit.members}
    edges = []
    for e in graph.edges:
        signal = (e.source, e.outlet)
        if was.get(e.target) == signal:  # into a unit
            signal = feed[e.target]
        elif signal == before[-1] and e.target not in was:  # out of the last one
            signal = feeds[-1]
        edges.append(e.between(signal[0], e.target, signal[1]))
    return graph.with_parts(graph.nodes, edges)
