"""Neighbours of graphs."""

from functools import cache
from random import Random

import pytest

from graphophone.fitting.moves import MOVES, SERIAL, neighbour, places, swaps, sweep
from graphophone.fitting.surgery import smaller, tidy
from graphophone.graph.canonical import canonical
from graphophone.graph.model import Graph
from graphophone.graph.rules import violations
from graphophone.processors import SPECS
from tests.fitting.planted import chain
from tests.render.graphs import random_graph


@cache
def graphs() -> list[Graph]:
    found = [tidy(random_graph(Random(seed))) for seed in range(25)]
    return [*[graph for graph in found if graph and len(graph) < 9][:6], chain()]


def test_a_neighbour_is_valid_and_in_canonical_form() -> None:
    drawn = 0
    for number, graph in enumerate(graphs()):
        for seed in range(15):
            found = neighbour(graph, Random(f"{number} {seed}"), {})
            if found is not None:
                drawn += 1
                assert violations(found, SPECS) == []
                assert found == canonical(found, SPECS)
    assert drawn > 60


@pytest.mark.parametrize("move", [move for move, _ in MOVES], ids=lambda m: m.__name__)
def test_equal_chance_makes_equal_neighbours(move: object) -> None:
    for seed in range(5):
        for graph in graphs()[:3]:
            one, two = (move(graph, Random(seed), {}) for _ in range(2))  # type: ignore[operator]
            assert one == two


def test_every_serial_processor_can_be_put_into_a_wire() -> None:
    met = set()
    for seed in range(400):
        found = neighbour(chain(), Random(seed), {})
        met |= {node.type for node in found.nodes} if found else set()
    assert set(SERIAL) <= met
    assert {"crossover", "midside_split", "mix", "mono_lfo", "stereo_lfo"} <= met


def test_a_sweep_has_every_type_in_one_place() -> None:
    graph = tidy(chain("distortion", "bell"))
    assert graph is not None
    assert places(graph) == 3 + 2  # a cable before, between and behind them; and both of them
    for place in range(places(graph)):
        found = sweep(graph, Random(place), place, draws=1)
        assert all(violations(one, SPECS) == [] for one in found)
        extra = {node.type for one in found for node in one.nodes}
        assert set(SERIAL) <= extra


def test_a_sweep_gives_delay_lines_the_times_that_are_heard() -> None:
    """Each draw has the next of them; types without a delay line are as without."""
    graph = tidy(chain("bell"))
    assert graph is not None
    heard = sweep(graph, Random(1), 0, draws=2, times=lambda low, high: [low * 1.5, high / 1.5])
    drawn = sweep(graph, Random(1), 0, draws=2)
    assert len(heard) == len(drawn)
    for one, other in zip(heard, drawn, strict=True):
        for node, same in zip(one.nodes, other.nodes, strict=True):
            if "delay" not in node.knobs:
                assert node == same
            else:
                param = SPECS[node.type].params["delay"]
                times = [param.low * 1.5, param.high / 1.5]
                assert min(abs(node.knobs["delay"] / t - 1) for t in times) < 1e-5


def test_swaps_are_all_exchanges_of_neighbours() -> None:
    graph = chain("distortion", "mono_delay", "compressor")
    found = {tuple(n.type for n in one.nodes) for one in swaps(graph)}
    assert found == {
        ("in", "mono_delay", "distortion", "compressor", "out"),
        ("in", "distortion", "compressor", "mono_delay", "out"),
    }


def test_a_prior_makes_a_type_likelier() -> None:
    prior = {t: 0.0 for t in SERIAL} | {"phaser": 1.0}
    for seed in range(40):
        found = neighbour(chain(), Random(seed), prior)
        types = {node.type for node in found.nodes} if found else {"phaser"}
        assert not types & (set(SERIAL) - {"phaser"})


def test_smaller_graphs_of_a_chain_are_those_without_one_node() -> None:
    graph = tidy(chain("distortion", "mono_delay", "compressor"))
    assert graph is not None
    found = {
        tuple(n.type for n in less.nodes if n.type not in ("in", "out")) for less in smaller(graph)
    }
    listed = {frozenset(types) for types in found}
    assert listed == {
        frozenset({"distortion", "mono_delay"}),
        frozenset({"distortion", "compressor"}),
        frozenset({"mono_delay", "compressor"}),
    }


def test_smaller_graphs_are_valid_and_smaller_and_end_at_the_bypass() -> None:
    for graph in graphs():
        current = graph
        for _ in range(40):
            options = smaller(current)
            assert all(violations(less, SPECS) == [] for less in options)
            if not options:
                break
            assert min(len(o) + len(o.edges) for o in options) < len(current) + len(current.edges)
            current = min(options, key=lambda o: len(o) + len(o.edges))
        assert {node.type for node in current.nodes} <= {"in", "out", "mix"}
