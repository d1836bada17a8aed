"""Blocks together are the whole, for every processor; for graphs see tests/reliability."""

from random import Random

import pytest
import torch

from graphophone.errors import GraphError
from graphophone.graph.build import GraphBuilder
from graphophone.graph.model import Graph
from graphophone.processors import SPECS
from graphophone.render.execute import execute
from graphophone.render.plan import plan
from graphophone.render.stream import Stream
from tests.render.conftest import Clips
from tests.render.graphs import TYPES, random_graph

RATE = 44_100


def streamed(graph: Graph, dry: dict[str, torch.Tensor], sizes: Random) -> torch.Tensor:
    """Render clips of one recording in blocks of random sizes."""
    stream, parts, at = Stream(graph, RATE), [], 0
    time = next(iter(dry.values())).shape[-1]
    while at < time:
        size = sizes.choice((1, 32, 64, 500, 4_096))
        parts.append(
            stream.process({name: clip[0, :, at : at + size] for name, clip in dry.items()})
        )
        at += size
    return torch.cat(parts, dim=-1)


@pytest.mark.parametrize("type_", TYPES)
def test_every_processor_goes_on_where_it_stopped(type_: str, clips: Clips) -> None:
    rng = Random(type_)
    company = (type_, "panning", "mono_lfo", "envelope_follower")  # panning can be moved
    for energy in ("plain", "frozen"):
        graph = random_graph(rng, energy=energy, types=company)
        while not any(node.type == type_ for node in graph.nodes):
            graph = random_graph(rng, energy=energy, types=company)
        dry = clips(1, 6_000)
        whole = execute(plan(graph, SPECS), dry, RATE).result()[0]
        torch.testing.assert_close(streamed(graph, dry, rng), whole, rtol=0, atol=1e-9)


def wire(energy: str) -> Graph:
    builder = GraphBuilder(SPECS)
    builder.connect(builder.add("in", source="voice"), builder.add("out"))
    return builder.graph(energy=energy)  # type: ignore[arg-type]


def test_a_rule_about_whole_recordings_cannot_be_streamed() -> None:
    with pytest.raises(GraphError, match="freeze it first"):
        Stream(wire("normalised"), RATE)


def test_blocks_must_fit() -> None:
    stream = Stream(wire("plain"), RATE)
    with pytest.raises(GraphError, match="nothing for voice"):
        stream.process({})
    block = torch.randn(2, 64)
    assert torch.equal(stream.process({"voice": block}), block)
