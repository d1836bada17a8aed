"""Cutting a rendering into groups of clips and pieces of time changes no bit."""

from random import Random

import pytest
import torch

from graphophone.processors import SPECS
from graphophone.render import pieces
from graphophone.render.execute import execute
from graphophone.render.pieces import PIECE_SAMPLES, rendered
from graphophone.render.plan import plan
from tests.render.conftest import Clips
from tests.render.graphs import TYPES, random_graph

RATE = 44_100


@pytest.mark.parametrize("type_", TYPES)
def test_pieces_are_the_whole_for_every_processor(
    type_: str, clips: Clips, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "PIECE_BYTES", 1)
    rng = Random(type_)
    company = (type_, "panning", "mono_lfo", "stereo_lfo", "envelope_follower")
    graph = random_graph(rng, energy="plain", types=company)
    while not any(node.type == type_ for node in graph.nodes):
        graph = random_graph(rng, energy="plain", types=company)
    dry = {name: c.float() for name, c in clips(3, 2 * PIECE_SAMPLES + 1_001).items()}
    whole = execute(plan(graph, SPECS), dry, RATE).result()
    assert torch.equal(rendered(plan(graph, SPECS), dry, RATE), whole)


def test_what_is_levelled_as_a_whole_is_computed_as_a_whole(
    clips: Clips, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "PIECE_BYTES", 1)
    graph = random_graph(Random(1), energy="normalised")
    dry = clips(2, 2 * PIECE_SAMPLES)
    whole = execute(plan(graph, SPECS), dry, RATE).result()
    assert torch.equal(rendered(plan(graph, SPECS), dry, RATE), whole)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("energy", ["plain", "normalised"])
def test_groups_of_clips_on_several_cores_are_the_whole(
    energy: str, threads: int, clips: Clips, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "GROUP", 2)
    graph = random_graph(Random(3), energy=energy)
    dry = clips(5, 900)
    whole = execute(plan(graph, SPECS), dry, RATE).result()
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        assert torch.equal(rendered(plan(graph, SPECS), dry, RATE), whole)
        assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("clips_at_once", [2, 8])
def test_sources_may_lie_in_memory_as_they_like(
    clips_at_once: int, clips: Clips, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "PIECE_BYTES", 1)
    monkeypatch.setattr(pieces, "GROUP", clips_at_once)
    steps = plan(random_graph(Random(2), energy="plain"), SPECS)
    dry = clips(3, 2 * PIECE_SAMPLES + 700)
    turned = {name: c.permute(2, 0, 1).contiguous().permute(1, 2, 0) for name, c in dry.items()}
    assert torch.equal(rendered(steps, turned, RATE), rendered(steps, dry, RATE))
