"""How far a graph reaches: its longest shortest path, and its longest chain."""

from graphophone.graph.model import Graph
from graphophone.graph.walk import topological


def diameter(graph: Graph) -> int:
    """Return the longest of the shortest paths between two nodes, counted in cables.

    Cables are walked in both directions, as in the usual definition (Diestel, Graph Theory,
    section 1.3). Where no path joins two nodes they do not count, so a graph in pieces has the
    diameter of its widest piece.
    """
    beside: list[set[int]] = [set() for _ in graph.nodes]
    for e in graph.edges:
        beside[e.source].add(e.target)
        beside[e.target].add(e.source)
    # Around every node at once a ball grows by one cable a round; a ball is a set of bits.
    balls = [1 << i for i in range(len(graph))]
    rounds = 0
    while True:
        grown = list(balls)
        for i, others in enumerate(beside):
            for j in others:
                grown[i] |= balls[j]
        if grown == balls:
            return rounds
        balls, rounds = grown, rounds + 1


def depth(graph: Graph) -> int:
    """Return the longest directed path, counted in cables.

    Raises:
        GraphError: The graph has a cycle.
    """
    longest = [0] * len(graph)
    targets: list[list[int]] = [[] for _ in graph.nodes]
    for e in graph.edges:
        targets[e.source].append(e.target)
    for i in topological(graph):
        for target in targets[i]:
            longest[target] = max(longest[target], longest[i] + 1)
    return max(longest, default=0)
