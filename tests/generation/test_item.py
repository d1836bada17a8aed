"""Examples: reproducible, level, valid, heard in every part."""

import math
from random import Random

import pytest
import torch

from graphophone.audio.features import RATE
from graphophone.audio.level import active_rms_db, to_level
from graphophone.generation.adaptive import (
    Ghost,
    band_edges,
    cumulative_energy,
    draw_knobs,
    frequency_at,
    suited_knobs,
)
from graphophone.generation.copies import Copy, heard
from graphophone.generation.item import Item, Task, generate_item
from graphophone.graph.build import GraphBuilder
from graphophone.graph.model import Graph
from graphophone.graph.rules import violations
from graphophone.processors import SPECS
from graphophone.render.execute import execute
from graphophone.render.plan import plan
from graphophone.sources import open_pool
from tests.generation.ablation import without

GHOST_DB = {"singing": -40.0, "drums": -50.0}
"""A node is a ghost if taking it out changes less than this, relative to the output. A node of
one drum track among five is heard through the whole mix, hence the lower limit."""
HEARD = 0.98
"""Share of nodes that must not be ghosts."""


def examples(task: Task, count: int, mix: str = "wide") -> list[Item]:
    pool = open_pool(task, sources="procedural")
    return [generate_item(task, mix, 11, index, pool) for index in range(count)]  # type: ignore[arg-type]


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("task", ["singing", "drums"])
def test_an_example_depends_on_its_seed_and_index_alone(task: Task) -> None:
    pool = open_pool(task, sources="procedural")
    later = generate_item(task, "wide", 4, 2, pool)
    again = generate_item(task, "wide", 4, 2, open_pool(task, sources="procedural"))
    assert (later.graph, later.provenance, later.redraws) == (
        again.graph,
        again.provenance,
        again.redraws,
    )
    assert torch.equal(later.wet, again.wet)
    assert generate_item(task, "wide", 5, 2, pool).provenance != later.provenance
    assert generate_item(task, "wide", 4, 3, pool).provenance != later.provenance


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("task", ["singing", "drums"])
def test_an_example_is_a_valid_graph_with_the_sound_that_it_makes(task: Task) -> None:
    for item in examples(task, 3):
        assert violations(item.graph, SPECS) == []
        assert active_rms_db(item.wet, RATE) == pytest.approx(-20, abs=0.01)
        for clip in item.dry.values():
            assert active_rms_db(clip, RATE) == pytest.approx(-20, abs=0.01)
        assert item.dry.keys() == {str(item.graph.nodes[i].source) for i in item.graph.inputs}
        dry = {name: clip[None].contiguous() for name, clip in item.dry.items()}
        wet = execute(plan(item.graph, SPECS), dry, RATE).result()[0]
        torch.testing.assert_close(to_level(wet, RATE)[0], item.wet, rtol=1e-4, atol=1e-5)


@pytest.mark.usefixtures("short")
def test_settings_have_six_significant_digits_so_that_a_file_holds_them() -> None:
    for item in examples("singing", 4):
        for node in item.graph.nodes:
            assert all(value == float(f"{value:.6g}") for _, value in node.params)
        for e in item.graph.edges:
            assert (e.gain_db, e.depth) == (float(f"{e.gain_db:.6g}"), float(f"{e.depth:.6g}"))


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("task", ["singing", "drums"])
def test_taking_a_node_out_is_heard(task: Task) -> None:
    """Leave-one-out rendering: at most two in a hundred nodes may be ghosts."""
    changes = []
    for item in examples(task, 14 if task == "singing" else 4):
        dry = {name: clip[None].contiguous() for name, clip in item.dry.items()}
        whole = execute(plan(item.graph, SPECS), dry, RATE).result()
        for node in range(len(item.graph)):
            if rest := without(item.graph, node):
                other = execute(plan(rest, SPECS), dry, RATE).result()
                change = float((other - whole).square().sum() / whole.square().sum())
                changes.append(10 * math.log10(max(change, 1e-30)))
    heard = sum(change > GHOST_DB[task] for change in changes)
    assert len(changes) > 20
    assert heard >= HEARD * len(changes), sorted(changes)[:5]


def tone(*frequencies: float) -> torch.Tensor:
    time = torch.arange(RATE) / RATE
    waves = torch.stack([torch.sin(2 * math.pi * f * time) for f in frequencies]).sum(0)
    return to_level(waves.expand(2, -1).contiguous(), RATE)[0][None]


def test_cumulative_energy_of_two_tones_is_half_between_them() -> None:
    energy = cumulative_energy(tone(200, 5_000), RATE)
    assert bool((energy.diff() >= 0).all())
    edges = band_edges(RATE)
    between = energy[(edges > 300) & (edges < 4_500)]
    torch.testing.assert_close(between, torch.full_like(between, 0.5), rtol=0.02, atol=0)
    assert 180 < frequency_at(energy, 0.25, RATE) < 250
    assert 4_500 < frequency_at(energy, 0.75, RATE) < 5_600


@pytest.mark.parametrize("type_", ["lowpass", "highpass4", "bell", "crossover", "phaser"])
def test_filters_are_placed_where_the_energy_is(type_: str) -> None:
    """Between the frequencies below which .2 and .8 of the energy lie, to a band's width."""
    noise = torch.randn(1, 2, RATE, generator=torch.Generator().manual_seed(0))
    spectrum = torch.fft.rfft(noise)
    spectrum[..., :2_000] = 0
    spectrum[..., 3_000:] = 0
    band = torch.fft.irfft(spectrum)
    knob = SPECS[type_].params["frequency"]
    for seed in range(20):
        value = suited_knobs(SPECS[type_], {"in": band}, RATE, Random(seed))["frequency"]
        inside = min(max(2_150, knob.low), knob.high), min(max(3_000, knob.low), knob.high)
        assert inside[0] <= value <= inside[1]


@pytest.mark.parametrize("type_", ["compressor", "noisegate", "expander"])
def test_thresholds_follow_the_level_that_comes_in(type_: str) -> None:
    noise = to_level(torch.randn(2, RATE, generator=torch.Generator().manual_seed(0)), RATE)[0]
    fading = (noise * torch.logspace(0, -1, RATE))[None]
    quiet = fading * 0.1
    for seed in range(10):
        loud_one = suited_knobs(SPECS[type_], {"in": fading}, RATE, Random(seed))["threshold"]
        soft_one = suited_knobs(SPECS[type_], {"in": quiet}, RATE, Random(seed))["threshold"]
        keyed = suited_knobs(SPECS[type_], {"in": fading, "sidechain": quiet}, RATE, Random(seed))[
            "threshold"
        ]
        assert loud_one == pytest.approx(soft_one + 20, abs=0.01)
        assert keyed == soft_one


def test_every_drawn_knob_is_legal() -> None:
    signal = tone(300, 2_000)
    for spec in SPECS.values():
        audio = {inlet.name: signal for inlet in spec.audio_inlets}
        for seed in range(10):
            knobs = suited_knobs(spec, audio, RATE, Random(seed))
            assert knobs.keys() == spec.params.keys()
            for name, value in knobs.items():
                spec.params[name].check(value, name=name)


def prototype(*types: str) -> Graph:
    patch = GraphBuilder(SPECS)
    nodes = [patch.add("in", source="voice"), *(patch.add(t) for t in types), patch.add("out")]
    patch.chain(*nodes)
    return patch.graph(prototype=True)


def test_what_cannot_be_heard_is_a_ghost() -> None:
    """The sides of a mono sound are silent: nothing can be done to them."""
    patch = GraphBuilder(SPECS)
    voice, split = patch.add("in", source="voice"), patch.add("midside_split")
    bell, merge, out = patch.add("bell"), patch.add("midside_merge"), patch.add("out")
    patch.chain(voice, split)
    patch.connect(split, merge, "mid", "mid")
    patch.connect(split, bell, "side")
    patch.connect(bell, merge, "out", "side")
    patch.connect(merge, out)
    graph = patch.graph(prototype=True)
    with pytest.raises(Ghost, match="silent"):
        draw_knobs(graph, {"voice": tone(300)[0]}, RATE, Random(0))


def test_a_node_that_never_does_anything_is_a_ghost() -> None:
    """An imager has nothing to widen in a mono sound, whatever its knob."""
    with pytest.raises(Ghost, match="1 imager"):
        draw_knobs(prototype("imager"), {"voice": tone(300)[0]}, RATE, Random(0))


def test_a_branch_that_drowns_is_a_ghost(monkeypatch: pytest.MonkeyPatch) -> None:
    patch = GraphBuilder(SPECS)
    voice, bell, mix = patch.add("in", source="voice"), patch.add("bell"), patch.add("mix")
    patch.chain(voice, bell, mix, patch.add("out"))
    patch.connect(voice, mix)
    graph = patch.graph(prototype=True)
    monkeypatch.setattr("graphophone.generation.adaptive.BRANCH_DB", 20.0)
    with pytest.raises(Ghost, match=r"mix\.in has a branch that drowns"):
        draw_knobs(graph, {"voice": tone(300, 900)[0]}, RATE, Random(0))


@pytest.mark.usefixtures("short")
def test_a_copy_changes_the_sound_and_neither_the_graph_nor_what_was_dry() -> None:
    pool = open_pool("singing", sources="procedural")
    for index in range(3):
        clean = generate_item("singing", "wide", 4, index, pool)
        item = generate_item("singing", "wide", 4, index, pool, 1.0)
        assert (item.graph, item.redraws) == (clean.graph, clean.redraws)
        assert all(torch.equal(item.dry[name], clip) for name, clip in clean.dry.items())
        copies = item.provenance.pop("copy")
        assert item.provenance == clean.provenance
        assert not torch.equal(item.wet, clean.wet)
        assert active_rms_db(item.wet, RATE) == pytest.approx(-20, abs=0.01)
        again = heard([Copy.from_json(copy) for copy in copies], clean.wet, RATE)
        assert torch.equal(again, item.wet)


@pytest.mark.usefixtures("short")
def test_the_share_of_copies_changes_no_other_example() -> None:
    pool = open_pool("singing", sources="procedural")
    some = [generate_item("singing", "wide", 4, index, pool, 0.5) for index in range(6)]
    every = [generate_item("singing", "wide", 4, index, pool, 1.0) for index in range(6)]
    none = [generate_item("singing", "wide", 4, index, pool) for index in range(6)]
    spoiled = ["copy" in item.provenance for item in some]
    assert 0 < sum(spoiled) < 6
    for half, item, clean, is_copy in zip(some, every, none, spoiled, strict=True):
        assert torch.equal(half.wet, item.wet if is_copy else clean.wet)
