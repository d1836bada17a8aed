"""A total order of the nodes of a graph that does not depend on how they are listed.

Nodes are ordered by what lies upstream of them (level by level from the sources), ties by
their whole surroundings (colour refinement: B. Weisfeiler and A. Leman, 1968), then by their
settings. What still ties is symmetric; one of it is singled out and the rest refined again,
so that all symmetric parts are broken the same way.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from graphophone.graph.fault import Specs
from graphophone.graph.model import Edge, Graph
from graphophone.graph.walk import topological

Colours = list[int]


def ranks(graph: Graph, specs: Specs) -> tuple[int, ...]:
    """Return the place of each node in the canonical total order.

    Args:
        graph: An acyclic graph, finished or prototype.
        specs: Description of each node type; gives inlets and outlets their order.

    Returns:
        One number a node, all different; the same for the same node of a shuffled graph, but
        for nodes that a symmetry of the graph exchanges.
    """
    ports = [_ports(graph, specs, e) for e in graph.edges]
    colours = _upstream(graph, ports)
    colours = _refine(graph, [(*p, 0) for p in ports], colours)
    if len(set(colours)) < len(colours):
        settings = [
            (node.params, node.scale_db is not None, node.scale_db or 0.0) for node in graph.nodes
        ]
        colours = _dense(zip(colours, settings, strict=True))
        cables = [(e.gain_db, e.invert, e.depth) for e in graph.edges]
        cable_colours = _dense(cables)
        colours = _refine(
            graph, [(*p, c) for p, c in zip(ports, cable_colours, strict=True)], colours
        )
        while len(set(colours)) < len(colours):
            tied = min(c for c in colours if colours.count(c) > 1)
            single = colours.index(tied)
            colours = _dense((c, c == tied and i != single) for i, c in enumerate(colours))
            colours = _refine(
                graph, [(*p, c) for p, c in zip(ports, cable_colours, strict=True)], colours
            )
    return tuple(colours)


def _ports(graph: Graph, specs: Specs, edge: Edge) -> tuple[int, int]:
    """Return the places of a cable's inlet and outlet among the ports of its nodes."""
    inlets = specs[graph.nodes[edge.target].type].inlets
    outlets = specs[graph.nodes[edge.source].type].outlets
    return (
        next(k for k, inlet in enumerate(inlets) if inlet.name == edge.inlet),
        next(k for k, outlet in enumerate(outlets) if outlet.name == edge.outlet),
    )


def _dense(keys: Iterable[Any]) -> Colours:
    """Replace sortable keys by 0, 1, ... in their order; equal keys get equal numbers."""
    keys = list(keys)
    place = {key: i for i, key in enumerate(sorted(set(keys)))}
    return [place[key] for key in keys]


def _upstream(graph: Graph, ports: Sequence[tuple[int, int]]) -> Colours:
    """Order nodes by height above the sources, then type, then what feeds them."""
    feeds: list[list[tuple[tuple[int, int], int]]] = [[] for _ in graph.nodes]
    for port, e in zip(ports, graph.edges, strict=True):
        feeds[e.target].append((port, e.source))
    height = [0] * len(graph)
    for i in topological(graph):
        height[i] = max((height[s] + 1 for _, s in feeds[i]), default=0)
    colours = [0] * len(graph)
    used = 0
    for level in range(max(height) + 1):
        members = [i for i, h in enumerate(height) if h == level]
        keys = _dense(
            (graph.nodes[i].kind, tuple(sorted((*port, colours[s]) for port, s in feeds[i])))
            for i in members
        )
        for i, key in zip(members, keys, strict=True):
            colours[i] = used + key
        used += max(keys) + 1
    return colours


def _refine(graph: Graph, labels: Sequence[tuple[int, ...]], colours: Colours) -> Colours:
    """Split colours by the colours of the neighbours until nothing splits any more."""
    count = len(set(colours))
    while count < len(colours):
        around: list[list[tuple[int, ...]]] = [[] for _ in colours]
        for label, e in zip(labels, graph.edges, strict=True):
            around[e.target].append((0, *label, colours[e.source]))
            around[e.source].append((1, *label, colours[e.target]))
        colours = _dense((c, tuple(sorted(a))) for c, a in zip(colours, around, strict=True))
        before, count = count, len(set(colours))
        if count == before:
            break
    return colours
