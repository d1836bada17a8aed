"""One form for all graphs that say the same."""

from dataclasses import replace

from graphophone.graph.chains import sort_chains
from graphophone.graph.fault import Specs
from graphophone.graph.model import Edge, Graph, Node
from graphophone.graph.order import decoding_order
from graphophone.spec import GAIN


def prototype(graph: Graph) -> Graph:
    """Leave the settings of a graph out: types and wiring stay, in the same places."""
    nodes = (Node(node.type, source=node.source, id=node.id) for node in graph.nodes)
    edges = (Edge(e.source, e.target, e.outlet, e.inlet) for e in graph.edges)
    return replace(graph.with_parts(nodes, edges), energy="normalised")


def reorder_lti(prototype: Graph, specs: Specs) -> Graph:
    """Sort serial LTI nodes and subgraphs by size and type (the paper, section 2.1).

    Lee, Park, Paik and Lee (2023): serially connected single-input single-output LTI systems,
    either single nodes or subgraphs, can be swapped without changing the system's response,
    so one order has to be chosen for training. A node counts as LTI if its trait says so and
    no control inlet of it is connected. This is meant for graphs whose knobs are not drawn
    yet: in stereo, and under the energy rule, the swap keeps the kind of sound and not every
    sample; :func:`canonical` is the exact one.

    Args:
        prototype: A valid graph without settings.
        specs: Description of each node type.

    Returns:
        The same nodes at the same positions with other cables.
    """
    return sort_chains(prototype, specs, lambda node: _is_lti(prototype, specs, node))


def canonical(graph: Graph, specs: Specs) -> Graph:
    """Return the graph in the one form that all listings and exact rewritings of it share.

    A ``mix`` stands exactly where two or more audio cables meet at an ``in`` inlet; serial
    parts that can be swapped exactly are sorted by size and type; nodes are listed in
    decoding order. The sound stays the same to rounding:

    * Only nodes that are LTI, act alike on both channels and have no connected control inlet
      are swapped. Under the energy rule only single nodes are, since each one restores the
      energy it was given whatever the order, as long as no scale reaches its limit of 24 dB.
      In frozen and plain graphs whole splits made of such nodes are swapped too.
    * A ``mix`` keeps the energy of what it is given, so it can be taken out wherever one
      cable can carry the level of two. If that level is outside the range of a cable, or the
      same cable is there already, the ``mix`` stays.

    Args:
        graph: A valid graph, finished or prototype.
        specs: Description of each node type.
    """
    form = _rewritten(graph, specs)
    while not is_canonical_mix(form):  # a mix that had to stay may have come to a better place
        again = _rewritten(form, specs)
        if again == form:
            break
        form = again
    return form


def _rewritten(graph: Graph, specs: Specs) -> Graph:
    """Set the mixes right, sort what can be swapped, list the nodes in decoding order."""
    listed = graph.reordered(decoding_order(graph, specs).nodes)
    mixed = insert_mixes(remove_mixes(listed), specs)

    def allowed(node: int) -> bool:
        traits = specs[mixed.nodes[node].type].traits
        return _is_lti(mixed, specs, node) and "per_channel" in traits

    largest = 1 if graph.energy == "normalised" else None
    ordered = sort_chains(mixed, specs, allowed, largest)
    return ordered.reordered(decoding_order(ordered, specs).nodes)


def is_canonical_mix(graph: Graph) -> bool:
    """Whether a ``mix`` stands wherever audio cables meet at an ``in``, and nowhere else."""
    counts = [sum(e.inlet == "in" for e in graph.incoming(i)) for i in range(len(graph))]
    return all(
        count >= 2 if node.type == "mix" else count < 2
        for node, count in zip(graph.nodes, counts, strict=True)
    )


def remove_mixes(graph: Graph) -> Graph:
    """Take out each ``mix`` that has a single cable, where its cables can be joined."""
    i = 0
    while i < len(graph):
        smaller = _bypassed(graph, i)
        i = 0 if smaller else i + 1  # one that had to stay may be free to go now
        graph = smaller or graph
    return graph


def _bypassed(graph: Graph, i: int) -> Graph | None:
    """Return the graph without node ``i``, if that is a ``mix`` that one cable can replace."""
    incoming, outgoing = graph.incoming(i), graph.outgoing(i)
    if graph.nodes[i].type != "mix" or len(incoming) != 1:
        return None
    joined = [_join(incoming[0], graph.nodes[i].scale_db or 0.0, e) for e in outgoing]
    rest = [e for e in graph.edges if i not in (e.source, e.target)]
    taken = {e.ports for e in rest}
    if any(not GAIN.low <= e.gain_db <= GAIN.high or e.ports in taken for e in joined):
        return None
    keep = [n for n in range(len(graph)) if n != i]
    return _without(graph.with_parts(graph.nodes, rest + joined), keep)


def insert_mixes(graph: Graph, specs: Specs) -> Graph:
    """Put a ``mix`` before every other node at whose ``in`` two or more cables meet."""
    nodes, edges = list(graph.nodes), list(graph.edges)
    for i, node in enumerate(graph.nodes):
        meeting = [e for e in graph.incoming(i) if e.inlet == "in"]
        if node.type == "mix" or len(meeting) < 2:
            continue
        scale = 0.0 if graph.energy == "frozen" else None
        nodes.append(Node("mix", scale_db=scale))
        mix = len(nodes) - 1
        edges = [e.between(e.source, mix) if e in meeting else e for e in edges]
        edges.append(Edge(mix, i))
    return graph.with_parts(nodes, edges)


def _is_lti(graph: Graph, specs: Specs, node: int) -> bool:
    spec = specs[graph.nodes[node].type]
    audio = {inlet.name for inlet in spec.audio_inlets}
    return "lti" in spec.traits and all(e.inlet in audio for e in graph.incoming(node))


def _join(first: Edge, scale_db: float, second: Edge) -> Edge:
    return replace(
        second,
        source=first.source,
        outlet=first.outlet,
        gain_db=first.gain_db + scale_db + second.gain_db,
        invert=first.invert != second.invert,
    )


def _without(graph: Graph, keep: list[int]) -> Graph:
    place = {old: new for new, old in enumerate(keep)}
    return graph.with_parts(
        (graph.nodes[old] for old in keep),
        (e.between(place[e.source], place[e.target]) for e in graph.edges),
    )
