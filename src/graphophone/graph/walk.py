"""The order in which signals come into being."""

from heapq import heapify, heappop, heappush

from graphophone.errors import GraphError
from graphophone.graph.model import Graph
from graphophone.graph.rules import find_cycle


def topological(graph: Graph) -> tuple[int, ...]:
    """Order nodes so that every cable points forward; smallest position first.

    A. B. Kahn, Topological sorting of large networks (1962).

    Raises:
        GraphError: The graph has a cycle, which is named.
    """
    missing = [0] * len(graph)
    targets: list[list[int]] = [[] for _ in graph.nodes]
    for e in graph.edges:
        missing[e.target] += 1
        targets[e.source].append(e.target)
    ready = [i for i, count in enumerate(missing) if not count]
    heapify(ready)
    order = []
    while ready:
        node = heappop(ready)
        order.append(node)
        for target in targets[node]:
            missing[target] -= 1
            if not missing[target]:
                heappush(ready, target)
    if len(order) < len(graph):
        path = " -> ".join(graph.label(i) for i in find_cycle(graph))
        raise GraphError(f"the graph has a cycle: {path}")
    return tuple(order)
