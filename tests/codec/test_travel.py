"""Settings survive the way to knob travel and back; what is not drawn is not learned."""

import numpy as np
import pytest
from hypothesis import given, settings

from graphophone.codec.tokens import EDGE, NODE, Vocabulary, decode, encode
from graphophone.codec.travel import travels, width, with_travels
from graphophone.graph import Edge, Graph, Node
from graphophone.processors import SPECS
from graphophone.spec import GAIN
from tests.strategies import LAW, graphs

VOCABULARY = Vocabulary.of(SPECS)
TURNING = {name: spec for name, spec in SPECS.items() if name != "envelope_follower"}
"""All but the one whose cables have a sign alone."""


def rebuilt(graph: Graph, values: np.ndarray | None = None) -> Graph:
    tokens = encode(graph, VOCABULARY, SPECS)
    values = travels(graph, SPECS).values if values is None else values
    prototype = decode(tokens, VOCABULARY)
    return with_travels(prototype, tokens, values.tolist(), VOCABULARY, SPECS)


@given(graphs(TURNING, energies=("normalised",)))
@settings(LAW, max_examples=60)
def test_live_settings_survive_the_round_trip(graph: Graph) -> None:
    before, after = travels(graph, SPECS), travels(rebuilt(graph), SPECS)
    np.testing.assert_array_equal(after.live, before.live)
    np.testing.assert_allclose(after.values[before.live], before.values[before.live], atol=2e-6)


def chain(**knobs: float) -> Graph:
    phase = {"frequency": 1.0, "phase": 0.25}
    return Graph(
        (
            Node("out"),
            Node("bell").with_knobs({"frequency": 1_000.0, "q": 1.0, "gain": 6.0, **knobs}),
            Node("in", source="voice"),
            Node("mono_lfo").with_knobs(phase),
        ),
        (Edge(1, 0), Edge(2, 1), Edge(3, 1, "lfo", "frequency", depth=-0.1)),
    )


def test_rows_belong_to_tokens() -> None:
    graph = chain()
    tokens, travel = encode(graph, VOCABULARY, SPECS), travels(graph, SPECS)
    assert travel.values.shape == (len(tokens), width(SPECS))
    bell = tokens.kinds.index(VOCABULARY.node("bell"))
    spec = SPECS["bell"]
    expected = [p.to_travel(graph.nodes[1].knobs[n]) for n, p in spec.params.items()]
    assert travel.values[bell, :3].tolist() == pytest.approx(expected)
    assert not travel.live[[0, -1]].any()


def test_a_lone_cable_has_no_free_level_and_an_oscillator_has_a_free_depth() -> None:
    graph = chain()
    tokens, travel = encode(graph, VOCABULARY, SPECS), travels(graph, SPECS)
    for row, (type_, kind, *_) in enumerate(tokens.rows()):
        if type_ == EDGE:
            control = VOCABULARY.edge_kinds[kind] == ("lfo", "frequency")
            assert travel.live[row].tolist() == [control] + [False] * (width(SPECS) - 1)


def test_a_phase_is_circular() -> None:
    graph = chain()
    tokens, travel = encode(graph, VOCABULARY, SPECS), travels(graph, SPECS)
    lfo = tokens.kinds.index(VOCABULARY.node("mono_lfo"))
    assert tokens.types[lfo] == NODE
    wraps = [p.circular for p in SPECS["mono_lfo"].params.values()]
    assert any(wraps)
    assert travel.circular[lfo, : len(wraps)].tolist() == wraps


def test_travel_beyond_the_ends_is_clamped_and_knobs_land_on_their_steps() -> None:
    graph = Graph(
        (
            Node("out"),
            Node("mix"),
            Node("pitchshift").with_knobs({"semitone": 3.0}),
            Node("in", source="voice"),
        ),
        (Edge(1, 0), Edge(2, 1), Edge(3, 1), Edge(3, 2)),
    )
    values = np.full_like(travels(graph, SPECS).values, 1.4)
    high = rebuilt(graph, values)
    assert {e.gain_db for e in high.incoming(1)} == {GAIN.high}
    values[:] = 0.5 + 0.4 / 24
    shift = next(node for node in rebuilt(graph, values).nodes if node.type == "pitchshift")
    assert shift.knobs["semitone"] == round(shift.knobs["semitone"])


def test_of_an_envelope_only_the_sign_is_estimated() -> None:
    follower = Node("envelope_follower").with_knobs(SPECS["envelope_follower"].defaults())
    graph = Graph(
        (
            Node("out"),
            Node("bell").with_knobs(SPECS["bell"].defaults()),
            Node("in", source="voice"),
            follower,
        ),
        (Edge(1, 0), Edge(2, 1), Edge(2, 3), Edge(3, 1, "env", "gain", depth=-1.0)),
    )
    values = np.full_like(travels(graph, SPECS).values, 0.3)
    assert {e.depth for e in rebuilt(graph, values).edges if e.outlet == "env"} == {-1.0}
    values[:] = 0.7
    assert {e.depth for e in rebuilt(graph, values).edges if e.outlet == "env"} == {1.0}
