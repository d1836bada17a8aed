"""Comparisons of graphs: by hand, by brute force, and by what must not matter."""

from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphophone.graph import Graph
from graphophone.graph.assignment import assign
from graphophone.graph.build import GraphBuilder
from graphophone.graph.canonical import canonical
from graphophone.graph.compare import iou_by_segment, match_nodes, node_iou, same_structure
from tests.graph.specs import SPECS
from tests.strategies import LAW, graphs


def mix(**tracks: tuple[str, ...]) -> Graph:
    """Serial tracks by source, into a bus of the types under ``bus``."""
    patch = GraphBuilder(SPECS)
    bus = patch.add("mix")
    for source, types in tracks.items():
        if source != "bus":
            patch.chain(patch.add("in", source=source), *map(patch.add, types), bus)
    patch.chain(bus, *map(patch.add, tracks.get("bus", ())), patch.add("out"))
    return patch.graph()


def test_iou_counts_types_as_often_as_they_occur() -> None:
    a = mix(kick=("lowpass", "lowpass", "bell"))
    b = mix(kick=("lowpass", "panning"))
    assert node_iou(a, b) == 3 / 6  # in:kick, mix, lowpass of those and lowpass, bell, panning
    assert node_iou(a, a) == 1


def test_iou_by_segment_averages_tracks_and_bus() -> None:
    a = mix(kick=("lowpass",), snare=("bell",), bus=("compressor",))
    b = mix(kick=("lowpass", "panning"), hat=("bell",), bus=("compressor",))
    assert iou_by_segment(a, b, SPECS) == pytest.approx((2 / 3 + 0 + 0 + 1) / 4)
    assert iou_by_segment(a, a, SPECS) == 1


def test_an_empty_bus_is_nothing_to_compare() -> None:
    def solo(*types: str) -> Graph:
        patch = GraphBuilder(SPECS)
        patch.chain(patch.add("in", source="voice"), *map(patch.add, types), patch.add("out"))
        return patch.graph()

    assert iou_by_segment(solo("bell"), solo("lowpass"), SPECS) == pytest.approx(1 / 3)


@LAW
@given(graphs(SPECS), st.randoms(use_true_random=False))
def test_a_shuffled_graph_is_the_same_graph(graph: Graph, rng: Random) -> None:
    order = rng.sample(range(len(graph)), len(graph))
    other = graph.reordered(order)
    assert same_structure(graph, other, SPECS)
    assert node_iou(graph, other) == iou_by_segment(graph, other, SPECS) == 1
    pairs = match_nodes(graph, other)
    assert [i for i, _ in pairs] == list(range(len(graph)))
    assert len({j for _, j in pairs}) == len(graph)
    assert all(graph.nodes[i].kind == other.nodes[j].kind for i, j in pairs)


@LAW
@given(graphs(SPECS, most=4, prototype=True), graphs(SPECS, most=4, prototype=True))
def test_same_structure_means_the_same_canonical_form(a: Graph, b: Graph) -> None:
    assert same_structure(a, b, SPECS) == (canonical(a, SPECS) == canonical(b, SPECS))
    assert node_iou(a, b) == node_iou(b, a)
    assert 0 <= iou_by_segment(a, b, SPECS) <= 1


def test_settings_do_not_matter_to_structure_but_wiring_does() -> None:
    assert same_structure(mix(kick=("bell",)), mix(kick=("bell",)), SPECS)
    a, b = mix(kick=("compressor", "bell")), mix(kick=("bell", "compressor"))
    assert not same_structure(a, b, SPECS)
    assert node_iou(a, b) == 1


def test_nodes_are_matched_by_what_surrounds_them() -> None:
    """Two low-passes, one after a compressor, one after a pitch shifter, in either order."""
    a = mix(kick=("compressor", "lowpass"), snare=("pitchshift", "lowpass", "panning"))
    b = mix(snare=("pitchshift", "lowpass", "panning", "bell"), kick=("compressor", "lowpass"))

    def chain(graph: Graph, source: str) -> list[int]:
        path = [i for i in graph.inputs if graph.nodes[i].source == source]
        while graph.nodes[path[-1]].type != "mix":
            path.append(graph.outgoing(path[-1])[0].target)
        return path[:-1]

    pairs = dict(match_nodes(a, b))
    for source in ("kick", "snare"):
        for i, j in zip(chain(a, source)[:3], chain(b, source)[:3], strict=True):
            assert pairs[i] == j
    assert match_nodes(a, mix(hat=())) == ((0, 0), (len(a) - 1, 2))


@given(
    st.integers(1, 5).flatmap(
        lambda n: st.lists(
            st.lists(st.integers(0, 20), min_size=n, max_size=n), min_size=1, max_size=5
        )
    )
)
def test_assignment_is_the_cheapest_of_all(cost: list[list[int]]) -> None:
    rows, columns = len(cost), len(cost[0])
    pairs = assign(cost)
    assert len({r for r, _ in pairs}) == len({c for _, c in pairs}) == min(rows, columns)
    if rows <= columns:
        tried = (
            sum(cost[r][c] for r, c in enumerate(p)) for p in permutations(range(columns), rows)
        )
    else:
        tried = (
            sum(cost[r][c] for c, r in enumerate(p)) for p in permutations(range(rows), columns)
        )
    assert sum(cost[r][c] for r, c in pairs) == min(tried)


def test_nothing_can_be_assigned_to_nothing() -> None:
    assert assign([]) == assign([[]]) == []
