"""Rendering recordings: levels in and out, freezing, tails, and what is refused."""

import math
from dataclasses import replace
from random import Random

import pytest
import torch
from torch import Tensor

from graphophone.audio.level import active_rms_db
from graphophone.errors import AudioError, GraphError
from graphophone.graph.build import GraphBuilder
from graphophone.graph.model import Graph
from graphophone.processors import SPECS
from graphophone.render.ends import TAIL_LIMIT_SECONDS
from graphophone.render.render import freeze, render
from tests.render.conftest import Clips
from tests.render.graphs import random_graph

RATE = 8_000


def chain(*types: str, source: str = "voice", **fields: str) -> Graph:
    patch = GraphBuilder(SPECS)
    nodes = [patch.add("in", source=source), *(patch.add(t) for t in types), patch.add("out")]
    patch.chain(*nodes)
    return patch.graph(**fields)


@pytest.fixture
def take(clips: Clips) -> Tensor:
    return clips(0, 2_000)["voice"][0]


@pytest.mark.parametrize("energy", ["normalised", "plain"])
def test_a_file_that_is_12_db_hotter_gives_the_same_sound_four_times_as_loud(
    energy: str, take: Tensor
) -> None:
    graph = chain("compressor", "distortion", "noisegate", energy=energy)
    soft = render(graph, {"voice": take}, RATE)
    hot = render(graph, {"voice": 4 * take}, RATE)
    torch.testing.assert_close(hot, 4 * soft)


def test_as_is_thresholds_are_met_by_the_level_that_is_there(take: Tensor) -> None:
    graph = chain("compressor", "distortion", energy="plain")
    soft = render(graph, {"voice": take}, RATE, as_is=True)
    hot = render(graph, {"voice": 4 * take}, RATE, as_is=True)
    assert float((hot - 4 * soft).norm() / hot.norm()) > 0.1
    at_reference = take * 10 ** ((-20 - active_rms_db(take, RATE)) / 20)
    torch.testing.assert_close(
        render(graph, {"voice": at_reference}, RATE),
        render(graph, {"voice": at_reference}, RATE, as_is=True),
    )


def test_an_empty_graph_changes_nothing(take: Tensor) -> None:
    torch.testing.assert_close(render(chain(), {"voice": take}, RATE), take)


def test_several_recordings_get_the_sum_of_their_energies_back(clips: Clips) -> None:
    patch = GraphBuilder(SPECS)
    kick, hat, mix = patch.add("in", source="kick"), patch.add("in", source="hat"), patch.add("mix")
    patch.connect(kick, mix)
    patch.connect(hat, mix)
    patch.chain(mix, patch.add("out"))
    takes = {name: clip[0] for name, clip in clips(3, 4_000).items()}
    takes["kick"] = 10 * takes["kick"]
    wet = render(patch.graph(), takes, RATE)
    dry = takes["kick"].square().sum() + takes["hat"].square().sum()
    # Two uncorrelated noises at one level: their sum has the sum of their energies, nearly.
    assert float(wet.square().sum()) == pytest.approx(float(dry), rel=0.1)


def test_shorter_recordings_are_padded(take: Tensor) -> None:
    patch = GraphBuilder(SPECS)
    a, b, mix = patch.add("in", source="a"), patch.add("in", source="b"), patch.add("mix")
    patch.connect(a, mix)
    patch.connect(b, mix)
    patch.chain(mix, patch.add("out"))
    assert render(patch.graph(), {"a": take, "b": take[:, :700]}, RATE).shape == take.shape


def test_a_frozen_graph_sounds_as_its_normalised_one(clips: Clips) -> None:
    for seed in range(40):
        graph = random_graph(Random(seed))
        takes = {name: clip[0] for name, clip in clips(seed, 600).items()}
        frozen = freeze(graph, takes, RATE)
        assert frozen.energy == "frozen"
        expected, actual = render(graph, takes, RATE), render(frozen, takes, RATE)
        error = float((actual - expected).norm() / expected.norm().clamp(min=1e-30))
        assert error < 1e-4, f"seed {seed}\n{graph}"


def test_a_frozen_graph_keeps_its_gains_on_another_take(clips: Clips) -> None:
    one, other = clips(0, 600)["voice"][0], clips(1, 600)["voice"][0]
    graph = chain("lowpass")
    frozen = freeze(graph, {"voice": one}, RATE)
    plain = render(replace(graph, energy="plain"), {"voice": other}, RATE)
    scale = 10 ** (float(frozen.nodes[1].scale_db or 0) / 20)
    torch.testing.assert_close(render(frozen, {"voice": other}, RATE), scale * plain)


def test_freezing_says_on_what_and_leaves_other_graphs_as_they_are(take: Tensor) -> None:
    graph = replace(chain("bell"), meta={"name": "mine"})
    frozen = freeze(graph, {"voice": take}, RATE)
    assert frozen.meta == {"name": "mine", "frozen_on": {"seconds": 0.25, "sample_rate": RATE}}
    assert freeze(frozen, {"voice": take}, RATE) is frozen
    plain = chain("bell", energy="plain")
    assert freeze(plain, {"voice": take}, RATE) is plain


def test_a_tail_runs_on_until_60_db_below(take: Tensor) -> None:
    graph = chain("mono_reverb")
    wet = render(graph, {"voice": take}, RATE, tail=True)
    body = render(graph, {"voice": take}, RATE)
    assert take.shape[1] < wet.shape[1] <= take.shape[1] + TAIL_LIMIT_SECONDS * RATE
    torch.testing.assert_close(wet[:, : take.shape[1]], body, rtol=1e-4, atol=1e-6)
    assert float(wet[:, -1].abs().max()) > float(wet.abs().max()) * 10 ** (-60 / 20)


def test_no_tail_is_made_where_there_is_none(take: Tensor) -> None:
    assert render(chain("distortion"), {"voice": take}, RATE, tail=True).shape == take.shape


def test_a_tail_ends_after_ten_seconds_at_most(take: Tensor) -> None:
    knobs = {n: p.default for n, p in SPECS["mono_delay"].params.items()}
    knobs |= {"feedback": SPECS["mono_delay"].params["feedback"].high, "mix": 1.0}
    knobs |= {"delay": SPECS["mono_delay"].params["delay"].high}
    patch = GraphBuilder(SPECS)
    patch.chain(patch.add("in", source="voice"), patch.add("mono_delay", **knobs), patch.add("out"))
    wet = render(patch.graph(), {"voice": take}, RATE, tail=True)
    assert wet.shape[1] <= take.shape[1] + math.ceil(TAIL_LIMIT_SECONDS * RATE)
    assert wet.shape[1] > take.shape[1] + 5 * RATE


def test_a_missing_recording_is_named(take: Tensor) -> None:
    with pytest.raises(GraphError, match=r"^the graph needs an input for kick, got bass, voice$"):
        render(chain(source="kick"), {"voice": take, "bass": take}, RATE)
    with pytest.raises(GraphError, match=r"^the graph needs an input for kick, got none$"):
        freeze(chain(source="kick"), {}, RATE)


def test_an_invalid_graph_is_refused(take: Tensor) -> None:
    graph = chain("bell")
    with pytest.raises(GraphError, match="1 bell has no cable at its inlet 'in'"):
        render(graph.with_parts(graph.nodes, graph.edges[1:]), {"voice": take}, RATE)
    with pytest.raises(GraphError, match="1 bell has no value for"):
        freeze(graph.with_parts([n.with_knobs({}) for n in graph.nodes], graph.edges), {}, RATE)


def test_a_silent_recording_is_refused_where_a_level_is_asked_for(take: Tensor) -> None:
    silence = torch.zeros_like(take)
    with pytest.raises(AudioError, match="the audio is silent"):
        render(chain(), {"voice": silence}, RATE)
    assert not render(chain("bell"), {"voice": silence}, RATE, as_is=True).any()
