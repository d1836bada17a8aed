"""What execution does to signals: arithmetic at cables, the energy rule, batches, listings."""

import math
from dataclasses import replace
from random import Random

import pytest
import torch
from torch import Tensor

from graphophone.dsp.energy import energy
from graphophone.graph.build import GraphBuilder
from graphophone.graph.model import Graph
from graphophone.processors import SPECS
from graphophone.render.execute import SCALE_LIMIT_DB, Execution, energy_scale, execute
from graphophone.render.plan import plan
from tests.render.conftest import Clips
from tests.render.graphs import random_graph

RATE = 8_000


def run(graph: Graph, **sources: Tensor) -> Execution:
    return execute(plan(graph, SPECS), {k: v[None] for k, v in sources.items()}, RATE)


def constant(left: float, right: float, samples: int = 4) -> Tensor:
    return torch.tensor([[left], [right]], dtype=torch.float64).expand(2, samples).contiguous()


def total(signal: Tensor) -> float:
    return float(signal.square().sum())


def summed(gain_db: float, invert: bool) -> Graph:
    patch = GraphBuilder(SPECS)
    a, b, out = patch.add("in", source="a"), patch.add("in", source="b"), patch.add("out")
    patch.connect(a, out)
    patch.connect(b, out, gain_db=gain_db, invert=invert)
    return patch.graph()


def test_cables_are_summed_with_gain_and_polarity() -> None:
    """1 + 2 at -20 dB is 1.2; turned over it is 0.8."""
    for invert, expected in ((False, 1.2), (True, 0.8)):
        wet = run(summed(-20, invert), a=constant(1, 1), b=constant(2, 2)).result()
        torch.testing.assert_close(wet[0], constant(expected, expected))


def test_depth_moves_a_knob_by_a_share_of_its_travel() -> None:
    """A pan knob at 0 stands at travel 1/2; an oscillator at +-1 times depth 1/4 takes it to
    travel 1/4 and 3/4, which are -1/2 and 1/2."""
    patch = GraphBuilder(SPECS)
    voice, pan, lfo = (
        patch.add("in", source="v"),
        patch.add("panning", pan=0),
        patch.add("mono_lfo"),
    )
    out = patch.add("out")
    patch.chain(voice, pan, out)
    patch.connect(lfo, pan, inlet="pan", depth=0.25)
    made = plan(patch.graph(), SPECS)
    execution = Execution(made, {"v": torch.ones(1, 2, 3)}, RATE)
    execution.signals[lfo, "lfo"] = torch.tensor([[[-1.0, 0.0, 1.0]]])
    step = next(step for step in made.steps if step.node == pan)
    moved = execution.controls(step, {"pan": 0.0})["pan"]
    torch.testing.assert_close(moved, torch.tensor([[[-0.5, 0.0, 0.5]]]))


def test_modulation_stops_at_the_ends_of_the_travel() -> None:
    patch = GraphBuilder(SPECS)
    voice, low, lfo = patch.add("in", source="v"), patch.add("lowpass"), patch.add("mono_lfo")
    out = patch.add("out")
    patch.chain(voice, low, out)
    patch.connect(lfo, low, inlet="frequency", depth=1)
    made = plan(patch.graph(), SPECS)
    execution = Execution(made, {"v": torch.ones(1, 2, 2, dtype=torch.float64)}, RATE)
    execution.signals[lfo, "lfo"] = torch.tensor([[[-1.0, 1.0]]], dtype=torch.float64)
    step = next(step for step in made.steps if step.node == low)
    knob = SPECS["lowpass"].params["frequency"]
    moved = execution.controls(step, SPECS["lowpass"].defaults())["frequency"]
    torch.testing.assert_close(moved, torch.tensor([[[knob.low, knob.high]]], dtype=torch.float64))


def single(type_: str, **knobs: float) -> Graph:
    patch = GraphBuilder(SPECS)
    patch.chain(patch.add("in", source="voice"), patch.add(type_, **knobs), patch.add("out"))
    return patch.graph()


@pytest.mark.parametrize("type_", ["distortion", "panning", "stereo_reverb", "bell", "bitcrush"])
def test_a_processor_gives_as_much_energy_as_it_gets(type_: str, clips: Clips) -> None:
    for seed in range(5):
        graph = single(type_, **SPECS[type_].draw(Random(seed)))
        dry = clips(seed, 800)["voice"][0]
        assert total(run(graph, voice=dry).result()) == pytest.approx(total(dry), rel=1e-9)


def test_the_scale_stops_at_24_db(clips: Clips) -> None:
    """A 4th-order high-pass far above a low tone leaves almost nothing to be raised."""
    time = torch.arange(4_000, dtype=torch.float64) / RATE
    tone = 0.1 * torch.sin(2 * math.pi * 20 * time).expand(2, -1).contiguous()
    execution = run(single("highpass4", frequency=3_000, q=0.5), voice=tone)
    (scale,) = execution.scales.values()
    assert 20 * math.log10(float(scale)) == pytest.approx(SCALE_LIMIT_DB)
    assert total(execution.result()) < total(tone)


@pytest.mark.parametrize(("level_db", "is_left_alone"), [(-91, True), (-89, False)])
def test_what_is_below_minus_90_db_is_left_alone(level_db: float, is_left_alone: bool) -> None:
    noise = torch.randn(2, 800, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    noise *= 10 ** (level_db / 20) / float(noise.square().mean().sqrt())
    (scale,) = run(single("lowpass", frequency=200), voice=noise).scales.values()
    assert (float(scale) == 1.0) is is_left_alone


def test_silence_has_the_scale_one_and_stays_silent() -> None:
    execution = run(single("distortion"), voice=torch.zeros(2, 64, dtype=torch.float64))
    assert [float(s) for s in execution.scales.values()] == [1.0]
    assert not execution.result().any()


def test_the_sidechain_does_not_count_as_input(clips: Clips) -> None:
    patch = GraphBuilder(SPECS)
    squash = patch.add("compressor", threshold=-30.0, ratio=4.0)
    patch.chain(patch.add("in", source="voice"), squash, patch.add("out"))
    patch.connect(patch.add("in", source="kick"), squash, inlet="sidechain")
    dry = clips(0, 2_000)
    loud = {"voice": dry["voice"], "kick": 5 * dry["kick"]}
    wet = execute(plan(patch.graph(), SPECS), loud, RATE).result()
    torch.testing.assert_close(energy(wet), energy(dry["voice"]))


def test_two_inlets_count_together_and_two_outlets_share_one_scale() -> None:
    one, clip = torch.ones(1, dtype=torch.float64), torch.ones(2, 8)
    assert float(energy_scale([one, one], [one], clip)) == pytest.approx(math.sqrt(2))
    assert float(energy_scale([one], [one, 0 * one], clip)) == pytest.approx(1.0)
    assert float(energy_scale([one], [one, one], clip)) == pytest.approx(math.sqrt(0.5))


def test_ends_and_control_nodes_have_no_scale(clips: Clips) -> None:
    patch = GraphBuilder(SPECS)
    voice, follow = patch.add("in", source="voice"), patch.add("envelope_follower")
    low, out = patch.add("lowpass"), patch.add("out")
    patch.chain(voice, low, out)
    patch.connect(voice, follow)
    patch.connect(follow, low, inlet="frequency")
    assert run(patch.graph(), voice=clips(0, 256)["voice"][0]).scales.keys() == {low}


def test_plain_graphs_have_no_energy_rule_and_frozen_ones_a_given_gain(clips: Clips) -> None:
    dry = clips(0, 256)["voice"][0]
    normal = single("lowpass", frequency=300)
    plain = replace(normal, energy="plain")
    nodes = [replace(n, scale_db=-20.0) if n.type == "lowpass" else n for n in normal.nodes]
    frozen = replace(normal, nodes=tuple(nodes), energy="frozen")
    raw = run(plain, voice=dry).result()
    torch.testing.assert_close(run(frozen, voice=dry).result(), 0.1 * raw)
    assert total(raw) < 0.9 * total(dry)
    assert not run(plain, voice=dry).scales


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_batch_equals_its_items_one_by_one_to_the_last_bit(
    dtype: torch.dtype, clips: Clips
) -> None:
    for seed in range(40):
        rng = Random(seed)
        made = plan(random_graph(rng, energy=rng.choice(("normalised", "plain"))), SPECS)
        dry = clips(seed, 300, batch=3, dtype=dtype)
        together = execute(made, dry, RATE).result()
        for i in range(3):
            alone = execute(made, {n: c[i : i + 1].contiguous() for n, c in dry.items()}, RATE)
            assert torch.equal(together[i : i + 1], alone.result()), f"seed {seed}"


def test_how_nodes_are_listed_changes_nothing(clips: Clips) -> None:
    for seed in range(60):
        rng = Random(seed)
        graph = random_graph(rng, energy=rng.choice(("normalised", "frozen", "plain")))
        order = list(range(len(graph)))
        rng.shuffle(order)
        shuffled = graph.reordered(order)
        dry = clips(seed, 300)
        expected = execute(plan(graph, SPECS), dry, RATE).result()
        actual = execute(plan(shuffled, SPECS), dry, RATE).result()
        # Cables are summed in the order of their nodes, which may turn a last bit.
        error = float((actual - expected).norm() / expected.norm().clamp(min=1e-30))
        assert error < 1e-9, f"seed {seed}"


def test_dry_clips_are_left_untouched(clips: Clips) -> None:
    for seed in range(20):
        dry = clips(seed, 200)
        before = {name: clip.clone() for name, clip in dry.items()}
        execute(plan(random_graph(Random(seed)), SPECS), dry, RATE)
        assert all(torch.equal(dry[name], before[name]) for name in dry)
