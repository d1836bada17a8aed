"""More or less of a graph: from bypass to full, as a whole or node by node."""

import math
from collections.abc import Iterable
from dataclasses import replace

from graphophone.errors import ParameterError
from graphophone.fitting.surgery import reaching
from graphophone.graph.canonical import canonical
from graphophone.graph.model import Edge, Graph, Node
from graphophone.processors import ALL_SPECS
from graphophone.spec import GAIN

NEUTRAL: dict[str, dict[str, float]] = {
    "bell": {"gain": 0.0},
    "lowshelf": {"gain": 0.0},
    "highshelf": {"gain": 0.0},
    "panning": {"pan": 0.0},
    "imager": {"width": 1.0},
    "pitchshift": {"semitone": 0.0},
}
"""Knobs that are turned towards nothing, and where on them a processor does nothing.

All other processors are faded against what enters them: a low-pass that opens on its way to bypass
would be another effect, and a share of a reverberation or of a drive is what mixing it in gives."""


def with_amount(graph: Graph, amount: float, nodes: Iterable[int] | None = None) -> Graph:
    """Return a graph of which some nodes do less.

    At 1 the graph is unchanged, at 0 each of the nodes is out of it. Between, an equaliser's gain,
    a place, a width or an interval goes its way in a straight line, and any other processor is
    faded against its input. Splits, mixes and merges stay; the depths of the cables that move a
    node's knobs shrink with it.

    Args:
        graph: A finished graph, frozen or plain if its level is to move evenly.
        amount: From 0 to 1.
        nodes: Positions of the nodes; all by default, and then 0 is the bypass.

    Raises:
        ParameterError: The amount is outside, or there is no such node.
    """
    if not 0 <= amount <= 1:
        raise ParameterError(f"amount must be in [0, 1], got {amount:g}")
    chosen = set(range(len(graph))) if nodes is None else set(nodes)
    if strange := sorted(i for i in chosen if not 0 <= i < len(graph)):
        raise ParameterError(f"there is no node {strange[0]}, the graph has {len(graph)}")
    if amount == 1:
        return graph
    if nodes is None and amount == 0:
        return _bypass(graph)
    parts, edges = list(graph.nodes), list(graph.edges)
    if nodes is None:  # the level of the whole, which a fit wrote there
        edges = [
            replace(e, gain_db=e.gain_db * amount) if e.target == graph.output else e for e in edges
        ]
    for i in sorted(chosen):
        node = graph.nodes[i]
        if node.type in NEUTRAL:
            parts[i] = _turned(node, amount)
            edges = [
                replace(e, depth=e.depth * amount) if e.target == i and e.inlet != "in" else e
                for e in edges
            ]
        elif _is_faded(graph, i):
            edges = _faded(parts, edges, i, amount, frozen=graph.energy == "frozen")
    return canonical(reaching(graph.with_parts(parts, edges)), ALL_SPECS)


def _is_faded(graph: Graph, place: int) -> bool:
    spec = ALL_SPECS[graph.nodes[place].type]
    return (
        spec.group not in ("terminal", "control")
        and "structural" not in spec.traits
        and [o.name for o in spec.outlets] == ["out"]
    )


def _turned(node: Node, amount: float) -> Node:
    """Move the knobs of a node towards where it does nothing."""
    knobs = node.knobs
    for name, still in NEUTRAL[node.type].items():
        knobs[name] = still + (knobs[name] - still) * amount
    scale = None if node.scale_db is None else node.scale_db * amount
    return replace(node.with_knobs(knobs), scale_db=scale)


def _faded(
    parts: list[Node], edges: list[Edge], place: int, amount: float, *, frozen: bool
) -> list[Edge]:
    """Fade a node against its input: both are alike in phase, so their amplitudes add up."""
    coming = [e for e in edges if e.target == place and e.inlet == "in"]
    going = [e for e in edges if e.source == place]
    parts.append(Node("mix", scale_db=0.0 if frozen else None))
    mix = len(parts) - 1
    shares = {"dry": 1 - amount, "wet": amount}
    levels = {name: 20 * math.log10(share) for name, share in shares.items() if share > 0}
    # What is too soft for a cable is sent louder, and what comes out of the mix is turned down.
    room = min(GAIN.high, *(e.gain_db - GAIN.low for e in going))
    more = min(max(0.0, GAIN.low - min(levels.values())), max(0.0, room))
    rest = [e for e in edges if e not in going]
    if "wet" in levels:
        rest.append(Edge(place, mix, gain_db=_held(levels["wet"] + more)))
    else:
        rest = [e for e in rest if e.target != place]
    if "dry" in levels:
        rest += [
            replace(e, target=mix, gain_db=_held(e.gain_db + levels["dry"] + more)) for e in coming
        ]
    return [*rest, *(replace(e, source=mix, gain_db=_held(e.gain_db - more)) for e in going)]


def _held(level_db: float) -> float:
    """Return the level nearest to this that a cable can carry."""
    return max(GAIN.low, min(GAIN.high, level_db))


def _bypass(graph: Graph) -> Graph:
    """Return the inputs of a graph added up, at the level they have."""
    keep = [i for i, node in enumerate(graph.nodes) if node.type in ("in", "out")]
    place = {old: new for new, old in enumerate(keep)}
    out = place[graph.output]
    edges = [Edge(place[i], out) for i in graph.inputs]
    return canonical(graph.with_parts((graph.nodes[i] for i in keep), edges), ALL_SPECS)
