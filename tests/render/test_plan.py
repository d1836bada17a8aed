"""A plan says what is computed, in which order, and can be read."""

from graphophone.graph.build import GraphBuilder
from graphophone.graph.model import Graph
from graphophone.processors import SPECS
from graphophone.render.plan import plan


def ducked() -> Graph:
    patch = GraphBuilder(SPECS)
    voice = patch.add("in", source="voice")
    split = patch.add("crossover")
    lfo = patch.add("mono_lfo")
    press = patch.add("compressor")
    out = patch.add("out")
    patch.connect(voice, split)
    patch.connect(lfo, split, inlet="frequency", depth=0.25)
    patch.connect(split, press, "low", gain_db=-20, invert=True)
    patch.connect(split, press, "high", "sidechain")
    patch.connect(press, out)
    return patch.graph()


def test_a_plan_prints_step_by_step_what_it_reads_and_what_it_forgets() -> None:
    assert str(plan(ducked(), SPECS)).splitlines() == [
        "  0 0 in:voice",
        "  1 2 mono_lfo",
        "  2 1 crossover (in <- 1 x 0.out, frequency <- 0.25 x 2.lfo) frees 0.out 2.lfo",
        "  3 3 compressor (in <- -0.1 x 1.low, sidechain <- 1 x 1.high) frees 1.high 1.low",
        "  4 4 out (in <- 1 x 3.out) frees 3.out",
    ]


def test_every_signal_is_computed_before_it_is_read_and_forgotten_once() -> None:
    steps = plan(ducked(), SPECS).steps
    known: set[tuple[int, str]] = set()
    for step in steps:
        for feeds in (*step.audio.values(), *step.control.values()):
            assert {feed.port for feed in feeds} <= known
        known |= {(step.node, outlet.name) for outlet in step.spec.outlets}
    freed = [port for step in steps for port in step.frees]
    assert len(freed) == len(set(freed))
    assert set(freed) == known


def test_an_outlet_that_nobody_reads_is_forgotten_at_once() -> None:
    patch = GraphBuilder(SPECS)
    voice, split, out = patch.add("in", source="voice"), patch.add("crossover"), patch.add("out")
    patch.connect(voice, split)
    patch.connect(split, out, "high")
    assert (split, "low") in plan(patch.graph(), SPECS).steps[1].frees
