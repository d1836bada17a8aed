"""Planted settings are found again, by slope and by evolution; nothing ever gets worse."""

import math
from random import Random

import pytest

from graphophone.fitting.descent import descend
from graphophone.fitting.evolution import evolve
from graphophone.fitting.free import fresh_nodes, movable, of_nodes, rough
from graphophone.fitting.objective import Objective
from graphophone.fitting.pair import Pair
from graphophone.graph.model import Graph
from graphophone.processors import SPECS
from graphophone.render.knobs import Knobs
from tests.fitting.planted import RATE, chain, performance, wet_of

DRY = performance(0.6)


def objective(truth: Graph) -> Objective:
    return Objective(Pair.of({"voice": DRY}, wet_of(truth, DRY), RATE))


def knobs_of(graph: Graph, type_: str) -> dict[str, float]:
    return next(node.knobs for node in graph.nodes if node.type == type_)


def test_the_corner_of_a_low_pass_is_found_to_two_per_cent_by_slope() -> None:
    truth = chain("lowpass", lowpass_frequency=900.0, lowpass_q=2.0)
    near = objective(truth)
    graph = chain("lowpass", lowpass_frequency=2_500.0, lowpass_q=0.8)
    for seed in range(16):
        graph = descend(near, graph, Random(seed))
    found = knobs_of(graph, "lowpass")
    assert found["frequency"] == pytest.approx(900, rel=0.02)
    assert found["q"] == pytest.approx(2, rel=0.1)


def test_what_has_no_slope_is_found_by_evolution() -> None:
    """The time of an echo to a hundredth, the interval of a shift to a tenth of a semitone."""
    truth = chain("mono_delay", "pitchshift", mono_delay_delay=0.123, pitchshift_semitone=4.0)
    near = objective(truth)
    graph = chain("mono_delay", "pitchshift", mono_delay_delay=0.15, pitchshift_semitone=2.5)
    places = rough(Knobs(graph, SPECS))
    for seed in range(8):
        graph = evolve(near, graph, places, Random(seed), spread=0.15 * 0.7**seed)
    assert knobs_of(graph, "pitchshift")["semitone"] == pytest.approx(4.0, abs=0.1)
    assert knobs_of(graph, "mono_delay")["delay"] == pytest.approx(0.123, rel=0.01)


def test_nothing_gets_worse() -> None:
    for seed in range(4):
        near = objective(chain("bell", "distortion"))
        graph = chain("distortion", "bell", bell_gain=3.0 * seed)
        before = near.distances([graph])[0]
        for better in (
            descend(near, graph, Random(seed)),
            evolve(near, graph, movable(Knobs(graph, SPECS)), Random(seed), generations=1),
        ):
            assert near.distances([better])[0] <= before * (1 + 1e-5)


def test_equal_chance_finds_equal_settings() -> None:
    near, graph = objective(chain("bell")), chain("bell", bell_gain=-3.0)
    places = movable(Knobs(graph, SPECS))
    assert descend(near, graph, Random(1)) == descend(near, graph, Random(1))
    assert evolve(near, graph, places, Random(1)) == evolve(near, graph, places, Random(1))


def test_a_graph_without_settings_stays() -> None:
    near, graph = objective(chain("bell")), chain()
    assert descend(near, graph, Random(1)) == graph
    assert evolve(near, graph, [], Random(1)) == graph


def test_lone_cables_are_not_free_and_oscillators_are_rough() -> None:
    graph = chain("bell", "mono_delay")
    knobs = Knobs(graph, SPECS)
    assert {knobs.places[i].name for i in movable(knobs)} == {
        *SPECS["bell"].params,
        *SPECS["mono_delay"].params,
    }
    assert [knobs.places[i].name for i in rough(knobs)] == ["delay"]
    assert [graph.nodes[i].type for i in fresh_nodes(graph, chain("bell"))] == ["mono_delay"]
    assert {knobs.places[i].node for i in of_nodes(knobs, [1])} == {1}


def test_the_distance_of_the_truth_is_nothing_at_any_level() -> None:
    truth = chain("compressor", "bell")
    pair = Pair.of({"voice": 0.2 * DRY}, 0.5 * wet_of(truth, DRY), RATE)
    near = Objective(pair)
    assert near.distances([truth])[0] == pytest.approx(0, abs=2e-3)
    assert near.full_distance(truth) == pytest.approx(0, abs=2e-3)
    assert near.bypass > 0.05
    assert math.isclose(near.cost(truth), 2 * near.price)
