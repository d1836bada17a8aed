"""Jobs as graphs of ours, without the energy rule, which no other tool has."""

from collections.abc import Sequence
from typing import Any

from graphophone.benchmark.job import GROUPS, Job, Stage
from graphophone.graph.build import GraphBuilder
from graphophone.graph.model import Graph
from graphophone.processors import ALL_SPECS


def series(stages: Sequence[Stage]) -> Graph:
    """Return stages in a row as a graph without energy rule, oscillators where knobs swing."""
    builder = GraphBuilder(ALL_SPECS)
    last = builder.add("in", source="clip")
    last = _strip(builder, stages, last)
    builder.connect(last, builder.add("out"))
    return builder.graph(energy="plain")


def console(job: Job, tracks: int) -> Graph:
    """Return the mixing console: a strip for each track, then for each of two subgroups."""
    builder = GraphBuilder(ALL_SPECS)
    ends = [
        _strip(builder, job.stages, builder.add("in", source=source(number)))
        for number in range(tracks)
    ]
    out = builder.add("out")
    for group in range(GROUPS):
        junction = builder.add("mix")
        for end in ends[group::GROUPS]:
            builder.connect(end, junction)
        builder.connect(_strip(builder, job.stages, junction), out)
    return builder.graph(energy="plain", sample_rate=job.rate)


def source(number: int) -> str:
    """Name a track."""
    return f"track{number + 1}"


def _strip(builder: GraphBuilder, stages: Sequence[Stage], last: int) -> int:
    for stage in stages:
        knobs: dict[str, Any] = dict(stage.knobs)
        node = builder.add(stage.type, **knobs)
        builder.connect(last, node)
        if stage.swing:
            inlet = ALL_SPECS[stage.type].params[stage.swing.knob].inlet
            swinging = builder.add("mono_lfo", frequency=stage.swing.hertz)
            builder.connect(swinging, node, inlet=str(inlet), depth=stage.swing.reach)
        last = node
    return last
