"""Orders of a graph: for rendering, for decoding, and the split of a mix into its tracks."""

from typing import NamedTuple

from graphophone.graph.fault import Specs
from graphophone.graph.model import Edge, Graph
from graphophone.graph.ranks import ranks
from graphophone.graph.walk import topological
from graphophone.spec import SOURCES

__all__ = ["DecodingOrder", "breadth_first", "decoding_order", "segments", "topological"]


class DecodingOrder(NamedTuple):
    """In which order a decoder writes a graph down.

    Attributes:
        nodes: Positions, from ``out`` on; a node is numbered when its first cable is visited.
        edges: Cables, those of each expanded node together, in visiting order.
    """

    nodes: tuple[int, ...]
    edges: tuple[Edge, ...]


def breadth_first(graph: Graph, specs: Specs) -> tuple[int, ...]:
    """Order nodes breadth first from ``out`` against the cables; all of a valid graph."""
    return _expand(graph, specs, (0,) * len(graph)).nodes


def decoding_order(graph: Graph, specs: Specs) -> DecodingOrder:
    """Order nodes and cables as the paper decodes them (section 3, Prototype Decoder).

    The mixing bus comes first, breadth first from ``out``; then each track, breadth first.
    A graph with one source has no bus, so its order is plain breadth first. Cables that meet
    at a node are visited by inlet, then by type of what feeds them, then by rank; nothing
    depends on how nodes and edges are listed, and settings only decide where structure ties.
    """
    return _expand(graph, specs, segments(graph, specs))


def segments(graph: Graph, specs: Specs) -> tuple[int, ...]:
    """Split a graph into the mixing bus and one track for each source.

    An audio node belongs to the track of the one source that reaches it through its required
    inlets (a sidechain does not count), and to the bus if two or more do; ``out`` is bus. A
    control node belongs where it modulates, to the first such segment if there are several.

    Returns:
        One number a node: 0 for the bus, then 1, 2, ... for the sources that are there, in
        the order of ``SOURCES``, others by name.
    """
    known = {name: i for i, name in enumerate(SOURCES)}
    names = sorted(
        {graph.nodes[i].source or "" for i in graph.inputs},
        key=lambda name: (known.get(name, len(known)), name),
    )
    track = {name: i for i, name in enumerate(names, start=1)}
    order = topological(graph)

    reach: list[set[int]] = [set() for _ in graph.nodes]
    into: list[list[Edge]] = [[] for _ in graph.nodes]
    from_: list[list[Edge]] = [[] for _ in graph.nodes]
    for e in graph.edges:
        into[e.target].append(e)
        from_[e.source].append(e)
    for i in order:
        node = graph.nodes[i]
        if node.type == "in":
            reach[i].add(track[node.source or ""])
        main = {inlet.name for inlet in specs[node.type].audio_inlets if inlet.required}
        for e in into[i]:
            if e.inlet in main:
                reach[i] |= reach[e.source]

    result = [min(r) if len(r) == 1 else 0 for r in reach]
    for i in reversed(order):
        spec = specs[graph.nodes[i].type]
        if spec.name == "out":
            result[i] = 0
        elif spec.group == "control":
            result[i] = min((result[e.target] for e in from_[i]), default=0)
    return tuple(result)


def _expand(graph: Graph, specs: Specs, segment: tuple[int, ...]) -> DecodingOrder:
    """Number nodes from ``out`` on, always expanding the smallest (segment, number)."""
    rank = ranks(graph, specs)
    inlets = {t: [i.name for i in specs[t].inlets] for t in {n.type for n in graph.nodes}}
    outlets = {t: [o.name for o in specs[t].outlets] for t in inlets}
    into: list[list[Edge]] = [[] for _ in graph.nodes]
    for e in graph.edges:
        into[e.target].append(e)

    def visit(edge: Edge) -> tuple[int, str, int, int]:
        source, target = graph.nodes[edge.source], graph.nodes[edge.target]
        inlet = inlets[target.type].index(edge.inlet)
        return inlet, source.kind, rank[edge.source], outlets[source.type].index(edge.outlet)

    nodes, edges = [graph.output], []
    number, waiting = {graph.output: 0}, [graph.output]
    while waiting:
        node = min(waiting, key=lambda i: (segment[i], number[i]))
        waiting.remove(node)
        for edge in sorted(into[node], key=visit):
            edges.append(edge)
            if edge.source not in number:
                number[edge.source] = len(nodes)
                nodes.append(edge.source)
                waiting.append(edge.source)
    return DecodingOrder(tuple(nodes), tuple(edges))
