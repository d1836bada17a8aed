"""Effects of another make do what their knobs say, though they sound unlike ours."""

import math
from random import Random

import pytest
import torch

from graphophone.generation.hands import HANDS, draw_hands
from graphophone.generation.item import generate_item
from graphophone.generation.mix import read_mix
from graphophone.graph.rules import violations
from graphophone.processors import PROCESSORS, SPECS
from graphophone.sources import open_pool

RATE = 44_100
SEEDS = range(4)


def controls(type_: str, **knobs: float) -> dict[str, torch.Tensor]:
    values = {**SPECS[type_].defaults(), **knobs}
    return {name: torch.full((1, 1, 1), value) for name, value in values.items()}


def run(type_: str, seed: int, audio: torch.Tensor, **knobs: float) -> torch.Tensor:
    return HANDS[type_](Random(seed), type_)(audio, controls(type_, **knobs), RATE)


def click(samples: int = 2 * RATE) -> torch.Tensor:
    audio = torch.zeros(1, 2, samples)
    audio[..., 0] = 1
    return audio


@pytest.mark.parametrize("type_", HANDS)
def test_every_hand_keeps_the_shape_and_silence_and_differs_from_ours(type_: str) -> None:
    noise = torch.randn(1, 2, RATE, generator=torch.Generator().manual_seed(0)) * 0.2
    knobs = controls(type_)
    ours = PROCESSORS[type_].outputs({"in": noise}, knobs, sample_rate=RATE, samples=RATE)["out"]
    apart = []
    for seed in SEEDS:
        wet = run(type_, seed, noise)
        assert wet.shape == noise.shape
        assert wet.dtype == torch.float32
        assert bool(wet.isfinite().all())
        assert float(run(type_, seed, noise * 0).abs().max()) < 1e-6
        apart.append(float((wet - ours).abs().max()))
    assert max(apart) > 1e-2  # a chorus at rest is the same whoever builds it


@pytest.mark.parametrize("seed", SEEDS)
def test_echoes_come_when_the_knob_says(seed: int) -> None:
    wet = run("mono_delay", seed, click(), delay=0.3, feedback=0.5, mix=0.5)[0, 0]
    late = wet[100:].abs()
    first, second = int(0.3 * RATE), int(0.6 * RATE)
    assert abs(int(late.argmax()) + 100 - first) < 40
    assert float(wet[second - 5 : second + 60].abs().max()) > 10 * float(wet[15_000].abs())


@pytest.mark.parametrize("seed", SEEDS)
def test_a_ping_pong_goes_left_then_right(seed: int) -> None:
    wet = run("pingpong_delay", seed, click(), delay=0.2, feedback=0.7, mix=1.0, stereo_offset=0.5)
    left, right = (float(wet[0, side, 100:].abs().argmax()) + 100 for side in (0, 1))
    assert left == pytest.approx(0.2 * RATE, abs=40)
    assert right == pytest.approx(0.5 * RATE, abs=60)


@pytest.mark.parametrize("type_", ["mono_reverb", "stereo_reverb"])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_room_dies_as_long_as_its_size_says(type_: str, seed: int) -> None:
    wet = run(type_, seed, click(3 * RATE), size=0.5, damping=0.0, mix=1.0)[0]
    power = wet[:, RATE // 5 :].square().sum(0).flip(0).cumsum(0).flip(0)
    fall = 10 * math.log10(float(power[0] / power[RATE // 2]))
    assert fall == pytest.approx(60 * 0.5 / (0.2 * 30**0.5), rel=0.35)


@pytest.mark.parametrize("semitone", [-12, -5, 7])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_pitch_shifter_shifts_by_its_interval(semitone: int, seed: int) -> None:
    tone = torch.sin(2 * math.pi * 440 * torch.arange(RATE) / RATE).expand(1, 2, -1)
    wet = run("pitchshift", seed, tone.contiguous(), semitone=float(semitone))
    middle = wet[0, 0, 8_000:36_000] * torch.hann_window(28_000)
    peak = float(torch.fft.rfft(middle, 1 << 18).abs().argmax()) * RATE / (1 << 18)
    assert 12 * math.log2(peak / 440) == pytest.approx(semitone, abs=0.3)


def test_a_moving_delay_reads_between_samples() -> None:
    tone = torch.sin(2 * math.pi * 300 * torch.arange(RATE) / RATE).expand(1, 2, -1).contiguous()
    wet = run("vibrato", 0, tone, delay=0.005, mix=1.0)
    torch.testing.assert_close(wet[..., 2_000:], tone[..., 1_779:-221], atol=0.03, rtol=0)


@pytest.mark.usefixtures("short")
def test_single_examples_are_valid_small_and_partly_by_other_hands() -> None:
    pool = open_pool("singing", sources="procedural")
    items = [generate_item("singing", "single", 3, index, pool) for index in range(30)]
    assert all(violations(item.graph, SPECS) == [] for item in items)
    others = sum("other_hands" in item.provenance for item in items)
    assert abs(others / len(items) - read_mix("single").other_hands) < 0.25
    sizes = [len(item.graph) - 2 for item in items]
    assert sizes.count(0) > 0
    assert sum(sizes) / len(sizes) < 4
    again = generate_item("singing", "single", 3, 7, pool)
    assert again.graph == items[7].graph
    assert torch.equal(again.wet, items[7].wet)


def test_all_hands_are_drawn_from_one_generator() -> None:
    assert draw_hands(Random(1)).keys() == HANDS.keys() <= SPECS.keys()
