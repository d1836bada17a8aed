"""Examples: reproducible, level, valid, heard in every part."""

import math
from random import Random

import pytest
import torch

from graphophone.audio.features import RATE
from graphophone.audio.level import active_rms_db, to_level
from graphophone.generation.adaptive import draw_knobs
from graphophone.generation.copies import Copy, heard
from graphophone.generation.ghosts import GHOST_DB, contributions
from graphophone.generation.hearing import Ghost
from graphophone.generation.item import Item, Task, generate_item
from graphophone.generation.measure import Measured
from graphophone.generation.motifs import MOTIFS
from graphophone.generation.prototype import LAST
from graphophone.generation.suiting import suited_knobs
from graphophone.graph.build import GraphBuilder
from graphophone.graph.model import Graph
from graphophone.graph.rules import violations
from graphophone.processors import SPECS
from graphophone.render.execute import execute
from graphophone.render.plan import plan
from graphophone.sources import Dry, open_pool

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
    with torch.inference_mode():
        for item in examples(task, 14 if task == "singing" else 6):
            changes += contributions(item.graph, item.dry, RATE).values()
    assert len(changes) > 30
    assert sum(change >= GHOST_DB for change in changes) >= HEARD * len(changes), sorted(changes)


def tone(*frequencies: float) -> torch.Tensor:
    time = torch.arange(RATE) / RATE
    waves = torch.stack([torch.sin(2 * math.pi * f * time) for f in frequencies]).sum(0)
    return to_level(waves.expand(2, -1).contiguous(), RATE)[0][None]


@pytest.mark.parametrize("type_", ["lowpass", "highpass4", "bell", "crossover", "phaser"])
def test_filters_are_placed_where_the_energy_is(type_: str) -> None:
    """Between the frequencies below which .2 and .8 of the energy lie, to a band's width (12 %)."""
    noise = torch.randn(1, 2, RATE, generator=torch.Generator().manual_seed(0))
    spectrum = torch.fft.rfft(noise)
    spectrum[..., :2_000] = 0
    spectrum[..., 3_000:] = 0
    band = torch.fft.irfft(spectrum)
    knob = SPECS[type_].params["frequency"]
    for seed in range(20):
        value = suited_knobs(SPECS[type_], {"in": Measured(band, RATE)}, Random(seed))["frequency"]
        inside = min(max(1_960, knob.low), knob.high), min(max(3_140, knob.low), knob.high)
        assert inside[0] <= value <= inside[1]


@pytest.mark.parametrize("type_", ["compressor", "noisegate", "expander"])
def test_thresholds_follow_the_level_that_comes_in(type_: str) -> None:
    noise = to_level(torch.randn(2, RATE, generator=torch.Generator().manual_seed(0)), RATE)[0]
    fading = (noise * torch.logspace(0, -1, RATE))[None]
    loud, soft = Measured(fading, RATE), Measured(fading * 0.1, RATE)

    def threshold(seed: int, **heard: Measured) -> float:
        return suited_knobs(SPECS[type_], heard, Random(seed))["threshold"]

    for seed in range(10):
        loud_one, soft_one = threshold(seed, **{"in": loud}), threshold(seed, **{"in": soft})
        keyed = threshold(seed, **{"in": loud, "sidechain": soft})
        assert loud_one == pytest.approx(soft_one + 20, abs=0.01)
        assert keyed == soft_one


def test_every_drawn_knob_is_legal() -> None:
    signal = tone(300, 2_000)
    for spec in SPECS.values():
        heard = {inlet.name: Measured(signal, RATE) for inlet in spec.audio_inlets}
        for seed in range(10):
            knobs = suited_knobs(spec, heard, Random(seed))
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
    monkeypatch.setattr("graphophone.generation.hearing.BRANCH_DB", 20.0)
    with pytest.raises(Ghost, match=r"mix\.in has a branch that drowns"):
        draw_knobs(graph, {"voice": tone(300, 900)[0]}, RATE, Random(0))
    monkeypatch.setattr("graphophone.generation.hearing.BRANCH_DB", -99.0)
    draw_knobs(graph, {"voice": tone(300, 900)[0]}, RATE, Random(0))
    monkeypatch.setattr("graphophone.generation.hearing.FAINT_DB", 0.0)
    with pytest.raises(Ghost, match=r"mix has a branch in which a node drowns"):
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


def test_knobs_stay_where_a_motif_wants_them() -> None:
    heard = {"in": Measured(tone(300), RATE)}
    wanted = {"frequency": (4_000.0, 9_000.0), "q": (0.5, 0.6)}
    drawn = [suited_knobs(SPECS["bandpass"], heard, Random(s), wanted) for s in range(30)]
    assert all(4_000 <= knobs["frequency"] <= 9_000 and knobs["q"] <= 0.6 for knobs in drawn)
    assert max(knobs["frequency"] for knobs in drawn) > 1.5 * min(k["frequency"] for k in drawn)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("task", ["singing", "drums"])
def test_a_difference_of_a_ten_millionth_in_the_audio_changes_no_draw(task: Task) -> None:
    """As between machines: every sample is off by some 1e-7 of full scale."""

    class Shaken:
        def draw(self, rng: Random, samples: int, rate: int) -> Dry:
            drawn = pool.draw(rng, samples, rate)
            noise = torch.Generator().manual_seed(samples)
            return Dry(
                {
                    name: clip + 1e-7 * torch.randn(clip.shape, generator=noise)
                    for name, clip in drawn.tracks.items()
                },
                drawn.provenance,
            )

    pool, apart = open_pool(task, sources="procedural"), 0
    for index in range(8 if task == "singing" else 5):
        still = generate_item(task, "extended", 5, index, pool)
        shaken = generate_item(task, "extended", 5, index, Shaken())
        apart += not torch.equal(still.wet, shaken.wet)  # a bitcrusher may round it away
        assert (still.graph, still.redraws) == (shaken.graph, shaken.redraws)
    assert apart > 2


@pytest.mark.usefixtures("short")
def test_an_example_names_its_motifs_in_order() -> None:
    pool = open_pool("singing", sources="procedural")
    item = generate_item("singing", "paper", 2, 0, pool)
    names = item.provenance["motifs"]
    assert names
    assert set(names) <= {*MOTIFS, LAST}
    assert generate_item("singing", "paper", 2, 0, pool).provenance["motifs"] == names


@pytest.mark.usefixtures("short")
def test_every_hundredth_example_says_how_many_ghosts_it_has() -> None:
    pool = open_pool("singing", sources="procedural")
    said = [
        generate_item("singing", "short", 2, index, pool).provenance.get("ghosts")
        for index in (0, 1, 99, 100)
    ]
    assert [one is None for one in said] == [False, True, True, False]
    assert said[0] is not None
    assert said[0].keys() == {"nodes", "types", "weakest_db", "redrawn"}


@pytest.mark.usefixtures("short")
def test_an_audible_example_has_no_ghost(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a threshold so high that many graphs have one."""
    pool = open_pool("singing", sources="procedural")
    monkeypatch.setattr("graphophone.generation.item.GHOST_DB", -20.0)
    redrawn = 0
    for index in range(1, 6):
        item = generate_item("singing", "wide", 8, index, pool, audible=True)
        with torch.inference_mode():
            left = contributions(item.graph, item.dry, RATE)
        assert min(left.values(), default=0) >= -20
        redrawn += item.provenance["ghosts"]["redrawn"]
        assert item.redraws >= item.provenance["ghosts"]["redrawn"]
    assert redrawn
