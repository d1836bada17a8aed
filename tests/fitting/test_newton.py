"""Planted settings are found to the last digit by least squares; nothing ever gets worse."""

import pytest
import torch

from graphophone.audio.sdr import si_sdr
from graphophone.fitting.answers import Answers
from graphophone.fitting.newton import refine
from graphophone.fitting.objective import BLUR, Objective, unlike
from graphophone.fitting.pair import Pair
from graphophone.graph.model import Graph
from tests.fitting.planted import RATE, chain, performance, wet_of

DRY = performance(0.6)


def objective(truth: Graph) -> Objective:
    return Objective(Pair.of({"voice": DRY}, wet_of(truth, DRY), RATE))


def si_sdr_of(near: Objective, graph: Graph) -> float:
    return float(si_sdr(near.sound(graph), near.wet)[0])


def test_three_effects_are_set_right_from_afar() -> None:
    truth = chain(
        *("lowpass", "distortion", "bell"),
        lowpass_frequency=1_800.0,
        lowpass_q=2.0,
        bell_gain=9.0,
        bell_frequency=700.0,
    )
    near, graph = objective(truth), chain("lowpass", "distortion", "bell")
    before = near.distances([graph])[0]
    graph = refine(near, graph, iterations=8)
    assert near.distances([graph])[0] < 0.1 * before
    assert si_sdr_of(near, graph) > 30
    knobs = {node.type: node.knobs for node in graph.nodes}
    assert knobs["lowpass"]["frequency"] == pytest.approx(1_800, rel=0.02)
    assert knobs["bell"]["gain"] == pytest.approx(9, abs=0.3)


def test_nothing_gets_worse_and_only_what_may_move_does() -> None:
    near = objective(chain("bell", "distortion"))
    for gain in (-9.0, 0.0, 9.0):
        graph = chain("distortion", "bell", bell_gain=gain)
        found = refine(near, graph, iterations=1)
        assert near.distances([found])[0] <= near.distances([graph])[0]
        assert refine(near, graph, places=[]) == graph
    only = refine(near, chain("bell", bell_gain=-3.0), places=[1], iterations=1)
    moved = {
        n for n, v in chain("bell", bell_gain=-3.0).nodes[1].params if only.nodes[1].knobs[n] != v
    }
    assert len(moved) <= 1


def test_waveforms_cost_their_sine_whatever_level_and_polarity() -> None:
    generator = torch.Generator().manual_seed(1)
    one, two = torch.randn(2, 1, 2, 50_000, generator=generator, dtype=torch.float64)
    two = two - one * ((one * two).sum() / one.square().sum())
    two = two * (one.norm() / two.norm())
    for angle in (0.0, 0.1, 1.0, torch.pi / 2):
        turned = one * torch.cos(torch.tensor(angle)) + two * torch.sin(torch.tensor(angle))
        expected = torch.sin(torch.tensor(angle)).item()
        for gain in (1.0, -0.3):
            assert float(unlike(gain * turned, one)[0]) == pytest.approx(expected, abs=2 * BLUR)


def test_an_echo_is_answered_at_its_time() -> None:
    wet = wet_of(chain("mono_delay", mono_delay_delay=0.217, mono_delay_mix=0.4), DRY)
    heard = Answers(DRY, wet, RATE)
    assert heard.times(0.05, 1.0, 1) == [pytest.approx(0.217, abs=0.002)]
    assert len(heard.times(0.01, 0.03)) == 3
    assert all(0.01 <= t <= 0.03 for t in heard.times(0.01, 0.03))
    assert heard.times(2.0, 3.0) == []
