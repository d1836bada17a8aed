"""Filters on the bus: what they may not do to a track."""

import math

import torch
from torch import Tensor

from graphophone.generation.tracks import Tracks
from graphophone.graph.build import GraphBuilder
from graphophone.graph.model import Graph
from graphophone.processors import SPECS
from graphophone.render.execute import Execution
from graphophone.render.plan import plan

RATE = 8_000


def tone(frequency: float) -> Tensor:
    wave = torch.sin(2 * math.pi * frequency * torch.arange(RATE) / RATE)
    return wave.expand(1, 2, -1).contiguous()


def mixed(*filters: str) -> Graph:
    """Kick and hat, a mix, and filters behind it."""
    builder = GraphBuilder(SPECS)
    kick, hat = (builder.add("in", source=name) for name in ("kick", "hat"))
    mix, out = builder.add("mix"), builder.add("out")
    builder.connect(kick, mix)
    builder.connect(hat, mix)
    builder.chain(mix, *(builder.add(name) for name in filters), out)
    return builder.graph()


def survives(type_: str, **knobs: float) -> bool:
    graph = mixed(type_)
    execution = Execution(plan(graph, SPECS), {"kick": tone(100), "hat": tone(2_000)}, RATE)
    tracks = Tracks(graph)
    for step in execution.plan.steps:
        audio = execution.gather(step)
        tracks.meet(execution, step)
        settings = graph.nodes[step.node].knobs | (knobs if step.spec.name == type_ else {})
        if step.spec.name == type_:
            return tracks.survive(step, settings, execution)
        execution.run(step, audio, settings)
    raise LookupError(type_)


def test_a_steep_filter_takes_the_kick_away() -> None:
    assert not survives("highpass4", frequency=1_500.0)


def test_a_gentle_equaliser_leaves_all_tracks() -> None:
    assert survives("highshelf", frequency=1_000.0, gain=9.0)


def test_the_bus_begins_where_sources_meet() -> None:
    graph = mixed("bell")
    tracks = Tracks(graph)
    on_bus = {graph.nodes[i].type for i in range(len(graph)) if tracks.on_bus(i)}
    assert on_bus == {"mix", "bell", "out"}
