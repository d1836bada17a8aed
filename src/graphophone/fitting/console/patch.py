"""A console written down as a graph: what is left of its strips, wired up."""

import math
from dataclasses import replace
from typing import Any

from graphophone.fitting.console.desk import Desk
from graphophone.fitting.console.strip import KNOBS, TYPES
from graphophone.graph.build import GraphBuilder
from graphophone.graph.canonical import canonical
from graphophone.graph.model import Edge, Graph
from graphophone.processors import ALL_SPECS
from graphophone.spec import GAIN

WHOLLY = 0.98
"""A processor that is heard by this share or more is heard alone."""
HARDLY = 10 ** (GAIN.low / 20)
"""A share below what a cable can carry is none."""
CENTRE = 0.01
"""A fader whose place is nearer to the middle is a level and nothing else."""


def graph_of(desk: Desk, rate: int, level_db: float = 0.0) -> tuple[Graph, float]:
    """Write a console down.

    Every processor that is still there becomes a node, with a cable past it where it is not heard
    alone. Faders in the middle are merged into the cable that leaves them, which is their linear
    neighbour, as far as it can carry their level.

    Args:
        desk: The console.
        rate: Samples a second of the recordings that it was fitted to.
        level_db: Gain behind everything.

    Returns:
        A graph in canonical form whose energy is ``plain``, and by how many dB its last cables
        fall short of that gain.
    """
    builder = GraphBuilder(ALL_SPECS)
    ends = [
        _strip(builder, desk, row, builder.add("in", source=name))
        for row, name in enumerate(desk.sources)
    ]
    out = builder.add("out")
    last = builder.add("mix")
    for number, members in enumerate(desk.groups):
        meeting = builder.add("mix")
        for source in members:
            builder.connect(ends[source], meeting)
        builder.connect(_strip(builder, desk, len(ends) + number, meeting), last)
    held = min(max(level_db, GAIN.low), GAIN.high)
    builder.connect(last, out, gain_db=held)
    graph = builder.graph(sample_rate=rate, energy="plain")
    return canonical(merged(graph), ALL_SPECS), level_db - held


def _strip(builder: GraphBuilder, desk: Desk, row: int, last: int) -> int:
    travel = dict(zip(KNOBS, desk.travel[row].tolist(), strict=True))
    for type_, share in zip(TYPES, desk.heard[row].tolist(), strict=True):
        if share < HARDLY:
            continue
        params = ALL_SPECS[type_].params
        knobs: dict[str, Any] = {
            n: p.snap(float(f"{p.from_travel(travel[type_, n]):.6g}")) for n, p in params.items()
        }
        node = builder.add(type_, **knobs)
        builder.connect(last, node)
        if share < WHOLLY:
            mix = builder.add("mix")
            builder.connect(node, mix, gain_db=20 * math.log10(share))
            if 1 - share >= HARDLY:
                builder.connect(last, mix, gain_db=20 * math.log10(1 - share))
            last = mix
        else:
            last = node
    return last


def merged(graph: Graph) -> Graph:
    """Merge each fader in the middle with the cables behind it, where they can carry its level."""
    i = 0
    while i < len(graph):
        less = _without_fader(graph, i)
        graph, i = (less, 0) if less else (graph, i + 1)
    return graph


def _without_fader(graph: Graph, place: int) -> Graph | None:
    node = graph.nodes[place]
    if node.type != "gain_pan" or abs(node.knobs["pan"]) > CENTRE:
        return None
    (before,) = graph.incoming(place)
    after = [_joined(before, e, node.knobs["gain"]) for e in graph.outgoing(place)]
    rest = [e for e in graph.edges if place not in (e.source, e.target)]
    taken = {e.ports for e in rest}
    if any(not GAIN.low <= e.gain_db <= GAIN.high or e.ports in taken for e in after):
        return None
    keep = [i for i in range(len(graph)) if i != place]
    moved = {old: new for new, old in enumerate(keep)}
    edges = [replace(e, source=moved[e.source], target=moved[e.target]) for e in rest + after]
    return graph.with_parts((graph.nodes[i] for i in keep), edges)


def _joined(before: Edge, after: Edge, gain_db: float) -> Edge:
    return replace(
        after,
        source=before.source,
        outlet=before.outlet,
        gain_db=before.gain_db + gain_db + after.gain_db,
        invert=before.invert != after.invert,
    )
