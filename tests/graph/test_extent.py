"""Distances, against an oracle that tries every path."""

from itertools import pairwise, permutations
from random import Random

import pytest

from graphophone.errors import GraphError
from graphophone.graph.extent import depth, diameter
from graphophone.graph.model import Edge, Graph, Node


def drawn(seed: int) -> Graph:
    """A random DAG of one to six nodes in random order, mostly in one piece."""
    rng = Random(f"extent {seed}")
    count = rng.randint(1, 6)
    places = rng.sample(range(count), count)
    edges = {
        Edge(places[i], places[j], outlet)
        for j in range(count)
        for i in range(j)
        for outlet in ("low", "high")
        if rng.random() < 0.3
    }
    return Graph((Node("mix"),) * count, tuple(edges))


def paths(graph: Graph, links: set[tuple[int, int]]) -> list[tuple[int, ...]]:
    """Every way through distinct nodes along links, by brute force."""
    return [
        way
        for length in range(1, len(graph) + 1)
        for way in permutations(range(len(graph)), length)
        if all(step in links for step in pairwise(way))
    ]


@pytest.mark.parametrize("seed", range(60))
def test_distances_are_those_of_all_paths(seed: int) -> None:
    graph = drawn(seed)
    ahead = {(e.source, e.target) for e in graph.edges}
    both = ahead | {(b, a) for a, b in ahead}
    assert depth(graph) == max(len(way) - 1 for way in paths(graph, ahead))
    shortest: dict[tuple[int, int], int] = {}
    for way in paths(graph, both):  # the shorter ones come first
        shortest.setdefault((way[0], way[-1]), len(way) - 1)
    assert diameter(graph) == max(shortest.values())


@pytest.mark.parametrize("count", [2, 3, 30, 90])
def test_a_chain_is_as_wide_and_as_deep_as_it_is_long(count: int) -> None:
    chain = Graph((Node("mix"),) * count, tuple(Edge(i, i + 1) for i in range(count - 1)))
    assert (diameter(chain), depth(chain)) == (count - 1, count - 1)
    star = Graph((Node("mix"),) * count, tuple(Edge(i, 0) for i in range(1, count)))
    assert (diameter(star), depth(star)) == (min(count - 1, 2), 1)


def test_nothing_depends_on_the_order_of_nodes() -> None:
    for seed in range(20):
        graph = drawn(seed)
        order = Random(seed).sample(range(len(graph)), len(graph))
        other = graph.reordered(order)
        assert (diameter(other), depth(other)) == (diameter(graph), depth(graph))


def test_a_cycle_has_a_diameter_but_no_depth() -> None:
    ring = Graph((Node("mix"),) * 5, tuple(Edge(i, (i + 1) % 5) for i in range(5)))
    assert diameter(ring) == 2
    with pytest.raises(GraphError, match="the graph has a cycle"):
        depth(ring)
