"""Which settings of a graph a fit may move, and which of them a gradient can."""

from collections import Counter
from collections.abc import Sequence

from graphophone.codec.travel import edge_is_drawn
from graphophone.graph.model import Graph
from graphophone.processors import SPECS
from graphophone.render.knobs import Knobs, Place

OSCILLATORS = ("mono_lfo", "stereo_lfo")
"""A slope in their rate and phase looks no further than part of a swing."""


def movable(knobs: Knobs) -> list[int]:
    """Return positions of the settings that are free.

    The level of a cable that meets no other could as well be its source's, and of an envelope's
    cable only the sign is free; both stay as they are.
    """
    return [i for i, place in enumerate(knobs.places) if _is_free(knobs.graph, place)]


def rough(knobs: Knobs) -> list[int]:
    """Return positions of the free settings that have no useful gradient."""
    nodes = knobs.graph.nodes
    return [
        i
        for i in movable(knobs)
        if not knobs.places[i].param.gradient
        or ((n := knobs.places[i].node) is not None and nodes[n].type in OSCILLATORS)
        or knobs.places[i].param.inlet == "mod"
    ]


def of_nodes(knobs: Knobs, nodes: Sequence[int]) -> list[int]:
    """Return positions of the free settings of some nodes and of the cables at them."""
    edges = knobs.graph.edges
    return [
        i
        for i in movable(knobs)
        if knobs.places[i].node in nodes
        or (
            (c := knobs.places[i].cable) is not None
            and (edges[c].source in nodes or edges[c].target in nodes)
        )
    ]


def fresh_nodes(child: Graph, parent: Graph) -> list[int]:
    """Return positions of the nodes of a graph that another one does not have."""
    known = Counter(parent.nodes)
    fresh = []
    for i, node in enumerate(child.nodes):
        if known[node]:
            known[node] -= 1
        else:
            fresh.append(i)
    return fresh


def _is_free(graph: Graph, place: Place) -> bool:
    if place.node is not None:
        node = graph.nodes[place.node]
        return place.name in SPECS[node.type].live(node.knobs)
    if place.cable is None:
        return False
    edge = graph.edges[place.cable]
    if graph.nodes[edge.source].type == "envelope_follower":
        return False
    return edge_is_drawn(edge, graph, SPECS)
