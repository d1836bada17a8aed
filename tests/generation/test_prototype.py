"""Random prototypes are valid, have the sizes that were asked for, and use everything."""

from random import Random

import pytest

from graphophone.generation.prototype import (
    draw_size,
    drums_prototype,
    singing_prototype,
)
from graphophone.generation.statistics import Statistics, statistics
from graphophone.graph.canonical import is_canonical_mix, reorder_lti
from graphophone.graph.compare import same_structure
from graphophone.graph.model import Graph
from graphophone.graph.rules import violations
from graphophone.processors import CATALOGUE, SPECS
from graphophone.spec import SOURCES

COUNT = 240
KIT = tuple(name for name in SOURCES if name != "voice")


def singing(mix: str, count: int) -> list[Graph]:
    rngs = (Random(f"prototype {seed}") for seed in range(count))
    return [singing_prototype(rng, mix, draw_size(rng, mix)).graph for rng in rngs]


def drums(mix: str, count: int) -> list[Graph]:
    rngs = (Random(f"prototype {seed}") for seed in range(count))
    return [drums_prototype(rng, mix, KIT[: rng.randint(1, 6)]).graph for rng in rngs]


@pytest.fixture(scope="module")
def few() -> list[Graph]:
    """A few dozen prototypes of every kind, as they come."""
    voices = [graph for mix in ("paper", "wide", "extended") for graph in singing(mix, 20)]
    return voices + [graph for mix in ("paper", "wide", "extended") for graph in drums(mix, 10)]


@pytest.fixture(scope="module")
def figures() -> dict[str, Statistics]:
    """Sizes of many; sorting LTI parts takes most of the time and changes no size."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("graphophone.generation.prototype.reorder_lti", lambda graph, specs: graph)
        return {
            "singing paper": statistics(singing("paper", COUNT)),
            "singing wide": statistics(singing("wide", COUNT)),
            "drums paper": statistics(drums("paper", COUNT // 2)),
            "drums wide": statistics(drums("wide", COUNT // 2)),
            "singing extended": statistics(singing("extended", COUNT // 2)),
            "drums extended": statistics(drums("extended", COUNT // 2)),
        }


def test_every_prototype_is_valid_and_has_mixes_where_canonical_form_has_them(
    few: list[Graph],
) -> None:
    for graph in few:
        assert violations(graph, SPECS, prototype=True) == []
        assert is_canonical_mix(graph), graph


def test_prototypes_have_no_settings_yet(few: list[Graph]) -> None:
    for graph in few:
        assert not any(node.params for node in graph.nodes)
        assert all((e.gain_db, e.invert, e.depth) == (0, False, 1) for e in graph.edges)


def test_lti_parts_are_in_order_already_and_sorting_keeps_the_size(few: list[Graph]) -> None:
    for graph in few[::3]:
        again = reorder_lti(graph, SPECS)
        assert (len(again), len(again.edges)) == (len(graph), len(graph.edges))
        assert same_structure(again, graph, SPECS)


def test_paper_singing_graphs_have_about_14_nodes_and_15_edges(
    figures: dict[str, Statistics],
) -> None:
    assert figures["singing paper"].nodes == pytest.approx(14, abs=1)
    assert figures["singing paper"].edges == pytest.approx(15, abs=1)


def test_paper_drum_graphs_are_larger(figures: dict[str, Statistics]) -> None:
    assert figures["drums paper"].nodes > figures["singing paper"].nodes + 2


def test_wide_singing_graphs_have_the_stated_sizes(figures: dict[str, Statistics]) -> None:
    """30 % with at most five processors, 5 % with none, 20 at most; two standard errors."""
    wide = figures["singing wide"]
    assert wide.small == pytest.approx(0.30, abs=2 * (0.3 * 0.7 / COUNT) ** 0.5)
    assert wide.empty == pytest.approx(0.05, abs=2 * (0.05 * 0.95 / COUNT) ** 0.5)
    assert wide.processors[-1] <= 20


@pytest.mark.parametrize("name", ["singing paper", "singing wide", "drums paper"])
def test_every_processor_occurs(figures: dict[str, Statistics], name: str) -> None:
    assert CATALOGUE.keys() <= figures[name].types.keys()


def test_an_untouched_recording_is_a_legal_answer() -> None:
    graph = singing_prototype(Random(0), "wide", 0).graph
    assert str(graph) == "0 in:voice\n    out -> 1 out.in\n1 out"


def test_every_sounding_instrument_enters_once() -> None:
    for seed in range(10):
        graph = drums_prototype(Random(seed), "paper", ("snare", "ride")).graph
        assert sorted(str(graph.nodes[i].source) for i in graph.inputs) == ["ride", "snare"]


@pytest.mark.parametrize("task", ["singing", "drums"])
def test_extended_graphs_have_more_paths_and_fit_into_a_decoder(
    figures: dict[str, Statistics], task: str
) -> None:
    """Models number 64 nodes. Every path beside another adds a cable more than nodes."""
    extended, wide = figures[f"{task} extended"], figures[f"{task} wide"]
    assert extended.largest <= 64
    assert extended.edges - extended.nodes > wide.edges - wide.nodes + 0.5


def test_an_oscillator_may_serve_two_motifs_and_a_sidechain_may_reach_back() -> None:
    shared = far = 0
    for seed in range(40):
        graph = singing_prototype(Random(seed), "paper", 14).graph
        shared += any(
            len(graph.outgoing(i)) > 1
            for i, node in enumerate(graph.nodes)
            if node.type in {"mono_lfo", "stereo_lfo"}
        )
        for e in graph.edges:
            if e.inlet == "sidechain":
                main = next(f for f in graph.incoming(e.target) if f.inlet == "in")
                far += graph.nodes[e.source].type != "in" and main.source != e.source
    assert shared
    assert far
