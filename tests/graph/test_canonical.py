"""One form for what is one graph, and the same sound in that form."""

import math
from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from graphophone.graph import Edge, Graph, Node
from graphophone.graph.build import GraphBuilder
from graphophone.graph.canonical import (
    canonical,
    is_canonical_mix,
    prototype,
    remove_mixes,
    reorder_lti,
)
from graphophone.graph.order import topological
from graphophone.graph.rules import check
from tests.graph.specs import SPECS
from tests.strategies import LAW, graphs


def patch(*types: str) -> Graph:
    """A serial graph, without settings."""
    builder = GraphBuilder(SPECS)
    builder.chain(builder.add("in", source="voice"), *map(builder.add, types), builder.add("out"))
    return builder.graph(prototype=True)


def serial(graph: Graph) -> list[str]:
    """Types along the cables, without the two ends."""
    return [graph.nodes[i].type for i in topological(graph)][1:-1]


def response(graph: Graph) -> complex:
    """What a plain graph of gains does to a tone, each node being some fixed complex gain.

    Nodes that act alike on every channel and are LTI are numbers; numbers commute.
    """

    def gain(node: Node, outlet: str) -> complex:
        scale = 10 ** ((node.scale_db or 0) / 20)
        if node.type in ("in", "mix", "out"):
            return scale
        seed = Random(f"{node.kind} {node.params} {outlet}")
        return scale * (seed.uniform(0.5, 1) + 1j * seed.uniform(-1, 1))

    heard: list[dict[str, complex]] = [{} for _ in graph.nodes]
    total: complex = 0
    for i in topological(graph):
        node = graph.nodes[i]
        sums: dict[str, complex] = {}
        for e in graph.incoming(i):
            if e.inlet in ("in", "mid", "side", "sidechain"):
                level = 10 ** (e.gain_db / 20) * (-1 if e.invert else 1)
                sums[e.inlet] = sums.get(e.inlet, 0) + level * heard[e.source][e.outlet]
        total = sums.get("in", 1) + 2 * sums.get("sidechain", 0)
        total += 3 * sums.get("mid", 0) + 4 * sums.get("side", 0)
        heard[i] = {o.name: total * gain(node, o.name) for o in SPECS[node.type].outlets}
        if node.type == "out":
            result = total
    return result


@LAW
@given(graphs(SPECS, energies=("plain", "frozen")))
def test_the_response_stays_the_same(graph: Graph) -> None:
    before, after = response(graph), response(canonical(graph, SPECS))
    assert abs(after - before) <= 1e-9 * max(abs(before), 1e-9)


@LAW
@given(graphs(SPECS), st.randoms(use_true_random=False))
def test_listing_does_not_matter_and_once_is_enough(graph: Graph, rng: Random) -> None:
    form = canonical(graph, SPECS)
    other = graph.reordered(rng.sample(range(len(graph)), len(graph)))
    assert close(canonical(other, SPECS), form)
    assert close(canonical(form, SPECS), form)


def close(a: Graph, b: Graph) -> bool:
    """Equal but for the rounding of joined levels."""

    def rounded(graph: Graph) -> Graph:
        edges = (replace(e, gain_db=round(e.gain_db, 6) + 0.0) for e in graph.edges)
        return graph.with_parts(graph.nodes, edges)

    return rounded(a) == rounded(b)


@LAW
@given(graphs(SPECS))
def test_the_form_is_valid_and_mixes_where_cables_meet(graph: Graph) -> None:
    form = check(canonical(graph, SPECS), SPECS)
    single = any(n.type == "mix" and len(form.incoming(i)) < 2 for i, n in enumerate(form.nodes))
    assert is_canonical_mix(form) or single  # a mix stays where no single cable can replace it
    assert form.nodes[0].type == "out"


@LAW
@given(graphs(SPECS, prototype=True), st.randoms(use_true_random=False))
def test_reordering_keeps_the_parts_and_does_not_depend_on_the_listing(
    graph: Graph, rng: Random
) -> None:
    sorted_ = check(reorder_lti(graph, SPECS), SPECS, prototype=True)
    assert sorted_.nodes == graph.nodes
    assert sorted(e.inlet for e in sorted_.edges) == sorted(e.inlet for e in graph.edges)
    assert reorder_lti(sorted_, SPECS) == sorted_
    other = reorder_lti(graph.reordered(rng.sample(range(len(graph)), len(graph))), SPECS)
    assert canonical(other, SPECS) == canonical(sorted_, SPECS)


def test_serial_lti_nodes_are_sorted_by_type() -> None:
    graph = patch("panning", "lowpass", "bell", "compressor", "stereo_reverb", "bell")
    expected = ["bell", "lowpass", "panning", "compressor", "bell", "stereo_reverb"]
    assert serial(reorder_lti(graph, SPECS)) == expected


def test_only_what_acts_alike_on_both_channels_is_swapped_exactly() -> None:
    graph = patch("panning", "lowpass", "bell", "stereo_reverb", "bell")
    expected = ["panning", "bell", "lowpass", "stereo_reverb", "bell"]
    assert serial(canonical(graph, SPECS)) == expected


def test_a_modulated_filter_keeps_its_place() -> None:
    builder = GraphBuilder(SPECS)
    low, bell = builder.add("lowpass"), builder.add("bell")
    builder.chain(builder.add("in", source="voice"), low, bell, builder.add("out"))
    builder.connect(builder.add("mono_lfo"), low, inlet="frequency")
    graph = builder.graph(prototype=True)
    assert reorder_lti(graph, SPECS) == graph


def split(*, after: str = "lowpass") -> Graph:
    """A crossover with a filter in its low band, then one more node."""
    builder = GraphBuilder(SPECS)
    cross, mix = builder.add("crossover"), builder.add("mix")
    one, two, last = builder.add("lowpass"), builder.add("bell"), builder.add(after)
    builder.chain(builder.add("in", source="voice"), cross, one, two, mix, last)
    builder.connect(cross, mix, "high", gain_db=-3)
    builder.connect(last, builder.add("out"))
    return builder.graph(energy="plain")


def test_whole_splits_are_swapped_and_sorted_inside() -> None:
    graph = reorder_lti(prototype(split()), SPECS)
    order = [graph.nodes[i].type for i in topological(graph)]
    assert order == ["in", "lowpass", "crossover", "bell", "lowpass", "mix", "out"]


def test_whole_splits_are_swapped_exactly_only_without_the_energy_rule() -> None:
    def last(graph: Graph) -> str:
        return graph.nodes[graph.incoming(graph.output)[0].source].type

    plain = split()
    assert last(canonical(plain, SPECS)) == "mix"
    assert last(canonical(replace(plain, energy="normalised"), SPECS)) == "lowpass"


def test_a_dry_path_beside_a_filter_is_a_part_too() -> None:
    builder = GraphBuilder(SPECS)
    voice, low, mix = builder.add("in", source="voice"), builder.add("lowpass"), builder.add("mix")
    bell, out = builder.add("bell"), builder.add("out")
    builder.chain(voice, low, mix, bell, out)
    builder.connect(voice, mix)
    graph = reorder_lti(builder.graph(prototype=True), SPECS)
    assert [graph.nodes[i].type for i in topological(graph)] == [
        "in",
        "bell",
        "lowpass",
        "mix",
        "out",
    ]


def test_a_tapped_signal_stays_where_it_is() -> None:
    """An envelope is taken between two filters: swapping them would change it."""
    builder = GraphBuilder(SPECS)
    low, bell, env = builder.add("lowpass"), builder.add("bell"), builder.add("envelope_follower")
    press = builder.add("panning")
    builder.chain(builder.add("in", source="voice"), low, bell, press, builder.add("out"))
    builder.connect(low, env)
    builder.connect(env, press, inlet="pan")
    graph = builder.graph(prototype=True)
    assert reorder_lti(graph, SPECS) == graph


def test_cables_that_meet_get_a_mix_and_a_lone_cable_needs_none() -> None:
    nodes = (Node("in", source="voice"), Node("crossover"), Node("out"))
    meeting = Graph(nodes, (Edge(0, 1), Edge(1, 2, "low"), Edge(1, 2, "high", gain_db=-6)))
    form = canonical(meeting, SPECS)
    assert [node.type for node in form.nodes] == ["out", "mix", "crossover", "in"]
    assert {(e.outlet, e.gain_db) for e in form.incoming(1)} == {("low", 0.0), ("high", -6.0)}

    lone = Graph(
        (Node("in", source="voice"), Node("mix", scale_db=1.0), Node("out")),
        (Edge(0, 1, gain_db=-3, invert=True), Edge(1, 2, gain_db=-2, invert=True)),
        energy="frozen",
    )
    assert canonical(lone, SPECS).edges == (Edge(1, 0, gain_db=-4),)


def test_a_mix_stays_where_no_cable_could_carry_the_level() -> None:
    graph = Graph(
        (Node("in", source="voice"), Node("mix"), Node("out")),
        (Edge(0, 1, gain_db=12), Edge(1, 2, gain_db=12)),
    )
    assert remove_mixes(graph) == graph
    assert not is_canonical_mix(graph)


def test_prototypes_have_types_and_wiring_alone() -> None:
    bare = prototype(split())
    assert not any(node.params for node in bare.nodes)
    assert all(e.gain_db == 0 for e in bare.edges)
    assert [node.type for node in bare.nodes] == [node.type for node in split().nodes]
    assert math.isclose(abs(response(split())), abs(response(canonical(split(), SPECS))))
