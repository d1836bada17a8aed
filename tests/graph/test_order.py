"""Orders follow the cables, and forget how a graph happened to be listed."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphophone.errors import GraphError
from graphophone.graph import Edge, Graph, Node
from graphophone.graph.build import GraphBuilder
from graphophone.graph.order import breadth_first, decoding_order, segments, topological
from graphophone.graph.ranks import ranks
from tests.graph.specs import SPECS
from tests.strategies import LAW, graphs


def kinds(graph: Graph, order: tuple[int, ...]) -> list[str]:
    return [graph.nodes[i].kind for i in order]


def drums() -> Graph:
    """Two tracks, one ducked by the other, into a bus with a modulated filter."""
    patch = GraphBuilder(SPECS)
    kick, snare = patch.add("in", source="kick"), patch.add("in", source="snare")
    split, low, bus = patch.add("crossover"), patch.add("lowpass"), patch.add("mix")
    high, join = patch.add("bell"), patch.add("mix")
    duck, tone, out = patch.add("compressor"), patch.add("lowpass"), patch.add("out")
    follower, lfo = patch.add("envelope_follower"), patch.add("mono_lfo")
    patch.chain(kick, split, low, join, bus, tone, out)
    patch.connect(split, high, "high")
    patch.connect(high, join)
    patch.chain(snare, duck, bus)
    patch.connect(join, duck, inlet="sidechain")
    patch.connect(kick, follower)
    patch.connect(follower, tone, inlet="frequency")
    patch.connect(lfo, high, inlet="gain", depth=0.1)
    return patch.graph()


@LAW
@given(graphs(SPECS))
def test_every_order_has_every_node_once(graph: Graph) -> None:
    every = list(range(len(graph)))
    forward, decoding = topological(graph), decoding_order(graph, SPECS)
    assert sorted(forward) == sorted(decoding.nodes) == sorted(breadth_first(graph, SPECS)) == every
    assert sorted(ranks(graph, SPECS)) == every
    assert sorted(decoding.edges) == sorted(graph.edges)


@LAW
@given(graphs(SPECS))
def test_cables_point_forward_in_topological_order(graph: Graph) -> None:
    place = {node: i for i, node in enumerate(topological(graph))}
    assert all(place[e.source] < place[e.target] for e in graph.edges)


def test_topological_order_takes_the_smallest_position_first() -> None:
    nodes = (Node("lowpass"), Node("in", source="b"), Node("in", source="a"), Node("out"))
    graph = Graph(nodes, (Edge(1, 0), Edge(2, 0), Edge(0, 3)))
    assert topological(graph) == (1, 2, 0, 3)


def test_a_cycle_has_no_order_and_is_named() -> None:
    loop = Graph((Node("lowpass"), Node("bell")), (Edge(0, 1), Edge(1, 0)))
    with pytest.raises(GraphError, match=r"^the graph has a cycle: \d \w+ -> \d \w+ -> \d \w+$"):
        topological(loop)


@LAW
@given(graphs(SPECS))
def test_a_node_is_numbered_when_its_first_cable_is_visited(graph: Graph) -> None:
    order = decoding_order(graph, SPECS)
    seen = list(dict.fromkeys([graph.output, *(e.source for e in order.edges)]))
    assert tuple(seen) == order.nodes


@LAW
@given(graphs(SPECS, most=12), st.randoms(use_true_random=False))
def test_listing_does_not_matter(graph: Graph, rng: Random) -> None:
    other = graph.reordered(rng.sample(range(len(graph)), len(graph)))
    for order in (decoding_order, lambda g, s: (breadth_first(g, s),)):
        a, b = order(graph, SPECS), order(other, SPECS)
        assert graph.reordered(a[0]) == other.reordered(b[0])


@LAW
@given(graphs(SPECS, prototype=True), st.randoms(use_true_random=False))
def test_symmetric_parts_are_told_apart_in_the_same_way(graph: Graph, rng: Random) -> None:
    """Twice the same graph side by side: nothing but the listing tells the halves apart."""
    inner = [i for i, node in enumerate(graph.nodes) if node.type not in ("in", "out")]
    place = {i: k for k, i in enumerate(inner)}
    nodes = tuple(graph.nodes[i] for i in inner)
    half, voice, out = len(nodes), 2 * len(nodes), 2 * len(nodes) + 1
    edges = {
        Edge(
            place.get(e.source, voice - k * half) + k * half,
            place.get(e.target, out - k * half) + k * half,
            e.outlet,
            e.inlet,
        )
        for k in (0, 1)
        for e in graph.edges
    }
    twin = Graph((*nodes, *nodes, Node("in", source="voice"), Node("out")), tuple(edges))
    other = twin.reordered(rng.sample(range(len(twin)), len(twin)))
    a, b = decoding_order(twin, SPECS), decoding_order(other, SPECS)
    assert twin.reordered(a.nodes) == other.reordered(b.nodes)


def test_structure_alone_decides_where_it_can() -> None:
    """Knobs order only what types and wiring cannot, so a prototype keeps its order."""

    def order(first: float, second: float) -> list[str]:
        patch = GraphBuilder(SPECS)
        voice, mix, out = patch.add("in", source="voice"), patch.add("mix"), patch.add("out")
        a = patch.add("pitchshift", semitone=first, id="a")
        b = patch.add("pitchshift", semitone=second, id="b")
        for node in (a, b):
            patch.chain(voice, node, mix)
        patch.chain(mix, out)
        graph = patch.graph()
        return [graph.nodes[i].id for i in decoding_order(graph, SPECS).nodes if graph.nodes[i].id]

    assert order(-5, 7) == ["a", "b"]
    assert order(7, -5) == ["b", "a"]


def test_a_mix_splits_into_bus_and_tracks() -> None:
    graph = drums()
    parts: dict[int, list[str]] = {}
    for i, segment in enumerate(segments(graph, SPECS)):
        parts.setdefault(segment, []).append(graph.nodes[i].kind)
    assert parts == {
        0: ["mix", "lowpass", "out", "envelope_follower"],
        1: ["in:kick", "crossover", "lowpass", "bell", "mix", "mono_lfo"],
        2: ["in:snare", "compressor"],
    }


def test_the_bus_is_decoded_first_then_each_track() -> None:
    graph = drums()
    assert kinds(graph, decoding_order(graph, SPECS).nodes) == [
        *("out", "lowpass", "mix", "envelope_follower", "compressor", "mix", "in:kick"),
        *("bell", "lowpass", "crossover", "mono_lfo", "in:snare"),
    ]
    assert kinds(graph, breadth_first(graph, SPECS)) == [
        *("out", "lowpass", "mix", "envelope_follower", "compressor", "mix", "in:kick"),
        *("in:snare", "bell", "lowpass", "crossover", "mono_lfo"),
    ]


@LAW
@given(graphs(SPECS, sources=("voice",)))
def test_one_source_is_decoded_breadth_first(graph: Graph) -> None:
    assert decoding_order(graph, SPECS).nodes == breadth_first(graph, SPECS)


def test_tracks_stand_in_the_order_of_the_known_sources_then_by_name() -> None:
    patch = GraphBuilder(SPECS)
    mix = patch.add("mix")
    names = ("zither", "hat", "banjo", "kick")
    for name in names:
        patch.connect(patch.add("in", source=name), mix)
    patch.connect(mix, patch.add("out"))
    assert segments(patch.graph(), SPECS) == (0, 4, 2, 3, 1, 0)
