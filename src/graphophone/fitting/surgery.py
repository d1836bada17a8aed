"""Graphs made smaller, and what is left of one made valid and brought into its one form."""

from collections.abc import Collection
from dataclasses import replace

from graphophone.graph.canonical import canonical
from graphophone.graph.model import Edge, Graph
from graphophone.graph.rules import violations
from graphophone.processors import SPECS


def smaller(graph: Graph) -> list[Graph]:
    """Return every graph that has a node or a cable into a ``mix`` less, each once."""
    found: dict[Graph, None] = {}
    for i in range(len(graph)):
        if (less := without_node(graph, i)) and (form := tidy(less)):
            found.setdefault(form)
    for e in graph.edges:
        if graph.nodes[e.target].type == "mix" and (form := tidy(without_cable(graph, e))):
            found.setdefault(form)
    size = len(graph) + len(graph.edges)
    return [form for form in found if len(form) + len(form.edges) < size]


def tidy(graph: Graph) -> Graph | None:
    """Return the canonical form of a graph, or nothing where it breaks a rule."""
    if violations(graph, SPECS):
        return None
    return canonical(graph, SPECS)


def without_cable(graph: Graph, edge: Edge) -> Graph:
    """Return the graph without a cable, and without what only that one led to."""
    return reaching(graph.with_parts(graph.nodes, [e for e in graph.edges if e != edge]))


def without_node(graph: Graph, place: int) -> Graph | None:
    """Return the graph with a wire in the place of a node; both ends of a graph stay."""
    node = graph.nodes[place]
    if node.type in ("in", "out"):
        return None
    rest = {e.ports: e for e in graph.edges if place not in (e.source, e.target)}
    if SPECS[node.type].group != "control":
        first = SPECS[node.type].audio_inlets[0].name
        for before in graph.incoming(place):
            if before.inlet != first:
                continue
            for after in graph.outgoing(place):
                joined = replace(
                    after,
                    source=before.source,
                    outlet=before.outlet,
                    gain_db=after.gain_db if len(graph.incoming(place)) == 1 else before.gain_db,
                    invert=after.invert != before.invert,
                )
                rest.setdefault(joined.ports, joined)
    return reaching(graph.with_parts(graph.nodes, rest.values()), {place})


def reaching(graph: Graph, gone: Collection[int] = ()) -> Graph:
    """Leave out nodes that are gone, that no way leads from to ``out``, or that nothing feeds."""
    keep = set(range(len(graph))) - set(gone)
    while True:
        edges = [e for e in graph.edges if e.source in keep and e.target in keep]
        heard = {e.source for e in edges}
        fed = {(e.target, e.inlet) for e in edges}
        left = {
            i
            for i in keep
            if graph.nodes[i].type == "in"
            or (
                (i in heard or graph.nodes[i].type == "out")
                and all(
                    (i, inlet.name) in fed
                    for inlet in SPECS[graph.nodes[i].type].inlets
                    if inlet.required
                )
            )
        }
        if left == keep:
            break
        keep = left
    order = sorted(keep)
    place = {old: new for new, old in enumerate(order)}
    moved = [replace(e, source=place[e.source], target=place[e.target]) for e in edges]
    return graph.with_parts((graph.nodes[i] for i in order), moved)
