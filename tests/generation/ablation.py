"""Taking one node out of a graph, as if it had never been patched in."""

from dataclasses import replace

from graphophone.graph.model import Edge, Graph
from graphophone.processors import SPECS


def without(graph: Graph, node: int) -> Graph | None:
    """Return the graph with ``node`` bypassed, or ``None`` where that is not defined.

    A control node takes its cables with it. An audio node's input goes on to whatever its
    output fed; two cables in a row become one with the sum of their gains.
    """
    spec = SPECS[graph.nodes[node].type]
    rest = [e for e in graph.edges if node not in (e.source, e.target)]
    if spec.group != "control":
        if "structural" in spec.traits or len(spec.outlets) > 1:
            return None
        ports = {e.ports for e in rest}
        for feed in graph.incoming(node):
            for onward in graph.outgoing(node):
                if feed.inlet != "in":
                    continue
                edge = Edge(
                    feed.source,
                    onward.target,
                    feed.outlet,
                    onward.inlet,
                    feed.gain_db + onward.gain_db,
                    feed.invert != onward.invert,
                )
                if edge.ports in ports:
                    return None
                rest.append(edge)
                ports.add(edge.ports)
    keep = _heard(graph, rest, node)
    place = {old: new for new, old in enumerate(keep)}
    return graph.with_parts(
        (graph.nodes[i] for i in keep),
        (
            replace(e, source=place[e.source], target=place[e.target])
            for e in rest
            if e.source in place and e.target in place
        ),
    )


def _heard(graph: Graph, edges: list[Edge], gone: int) -> list[int]:
    """List the nodes from which a way still leads to ``out``; ``in`` nodes stay."""
    heard, waiting = {graph.output}, [graph.output]
    while waiting:
        target = waiting.pop()
        found = {e.source for e in edges if e.target == target} - heard
        heard |= found
        waiting += found
    return [i for i in range(len(graph)) if i != gone and (i in heard or i in graph.inputs)]
