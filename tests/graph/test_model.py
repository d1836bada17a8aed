"""A graph is a value."""

import pickle
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from graphophone.graph import Edge, Graph, Node
from tests.graph.specs import SPECS
from tests.strategies import LAW, graphs


def test_prints_as_a_patch_list() -> None:
    nodes = (Node("in", source="voice"), Node("lowpass", (("frequency", 440.0),)), Node("out"))
    graph = Graph(nodes, (Edge(0, 1, gain_db=-6, invert=True), Edge(1, 2)))
    assert str(graph).splitlines() == [
        "0 in:voice",
        "    out -> 1 lowpass.in -6 dB inverted",
        "1 lowpass frequency=440",
        "    out -> 2 out.in",
        "2 out",
    ]


def test_edge_order_ids_and_notes_do_not_matter() -> None:
    a = Graph((Node("mix"),) * 3, (Edge(0, 1), Edge(1, 2)))
    b = Graph((Node("mix", id="x"),) * 3, (Edge(1, 2), Edge(0, 1)), meta={"name": "b"})
    assert a == b
    assert a != Graph(a.nodes, a.edges, sample_rate=48_000)


class Faced(Graph):
    """A graph with methods of its own."""


def test_a_face_does_not_change_the_value() -> None:
    plain = Graph((Node("mix"),) * 2, (Edge(0, 1),))
    faced = Faced(plain.nodes, plain.edges, meta={"name": "b"})
    assert plain == faced
    assert faced == plain
    assert len({plain, faced}) == 1
    assert faced != Graph(plain.nodes)
    assert plain != str(plain)


@LAW
@given(graphs(SPECS), st.randoms(use_true_random=False))
def test_reordering_can_be_undone_and_pickles(graph: Graph, rng: Random) -> None:
    order = rng.sample(range(len(graph)), len(graph))
    back = sorted(range(len(order)), key=order.__getitem__)
    assert graph.reordered(order).reordered(back) == graph
    assert pickle.loads(pickle.dumps(graph)) == graph


def test_cables_are_found_by_their_ends() -> None:
    graph = Graph((Node("mix"),) * 3, (Edge(0, 1), Edge(0, 2), Edge(1, 2)))
    assert graph.outgoing(0) == (Edge(0, 1), Edge(0, 2))
    assert graph.incoming(2) == (Edge(0, 2), Edge(1, 2))
    assert graph.cable(Edge(0, 1)) == "0 mix.out -> 1 mix.in"
