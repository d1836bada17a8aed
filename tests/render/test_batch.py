"""Many graphs at once are each graph alone."""

from random import Random

import pytest
import torch

from graphophone.errors import GraphError
from graphophone.graph.model import Graph
from graphophone.processors import SPECS
from graphophone.render import batch
from graphophone.render.batch import render_batch
from graphophone.render.batch_plan import batch_plan
from graphophone.render.execute import execute
from graphophone.render.plan import plan
from tests.render.conftest import Clips
from tests.render.graphs import random_graph

RATE = 44_100
Clip = dict[str, torch.Tensor]


def drawn(count: int, clips: Clips, samples: int = 700) -> tuple[list[Graph], list[Clip]]:
    rng = Random(count)
    graphs = [
        random_graph(rng, energy=rng.choice(("normalised", "frozen", "plain")))
        for _ in range(count)
    ]
    dry = [{name: clip[0] for name, clip in clips(seed, samples).items()} for seed in range(count)]
    return graphs, dry


def alone(graph: Graph, dry: Clip) -> torch.Tensor:
    clips = {name: clip[None] for name, clip in dry.items()}
    return execute(plan(graph, SPECS), clips, RATE).result()[0]


def test_a_batch_of_different_graphs_is_each_of_them(clips: Clips) -> None:
    graphs, dry = drawn(60, clips)
    for graph, one, wet in zip(graphs, dry, render_batch(graphs, dry, RATE), strict=True):
        torch.testing.assert_close(wet, alone(graph, one), rtol=1e-9, atol=1e-11)


def test_a_split_changes_no_bit(clips: Clips) -> None:
    graphs, dry = drawn(24, clips)
    whole = render_batch(graphs, dry, RATE, threads=1)
    need = batch_plan(graphs, SPECS).bytes(700, 8)
    for parts in (
        render_batch(graphs, dry, RATE, threads=1, max_memory=need / 3),
        render_batch(graphs, dry, RATE, threads=3),
    ):
        assert all(torch.equal(a, b) for a, b in zip(whole, parts, strict=True))


def test_long_clips_are_rendered_graph_by_graph(
    clips: Clips, monkeypatch: pytest.MonkeyPatch
) -> None:
    graphs, dry = drawn(6, clips)
    monkeypatch.setattr(batch, "LONG", 700)
    monkeypatch.setattr(batch, "BatchExecution", None)
    for graph, one, wet in zip(graphs, dry, render_batch(graphs, dry, RATE), strict=True):
        torch.testing.assert_close(wet, alone(graph, one), rtol=0, atol=0)


def test_equal_processors_meet(clips: Clips) -> None:
    graphs, _ = drawn(60, clips)
    made = batch_plan(graphs, SPECS)
    nodes = sum(len(graph) for graph in graphs)
    assert sum(len(step.members) for step in made.steps) == nodes
    assert len(made.steps) < nodes / 2
    assert made.width < nodes / 2, "planes are used again"
    assert f"60 graphs, {nodes} nodes in {len(made.steps)} steps" in str(made)


def test_what_does_not_fit_is_said(clips: Clips) -> None:
    graphs, dry = drawn(2, clips)
    with pytest.raises(GraphError, match="one graph needs"):
        render_batch(graphs, dry, RATE, max_memory=10)
    with pytest.raises(GraphError, match="clips of one length"):
        render_batch(graphs, [dry[0], {n: c[:, :5] for n, c in dry[1].items()}], RATE)
    with pytest.raises(GraphError, match="needs an input for"):
        render_batch(graphs, [dry[0], {"nobody": dry[1]["voice"]}], RATE)
    assert render_batch([], [], RATE) == []
