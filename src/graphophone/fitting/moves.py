"""Neighbours of a graph: one node more, one less, another in its place, or two exchanged."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random

from graphophone.fitting.surgery import reaching, tidy, without_cable, without_node
from graphophone.graph.model import Edge, Graph, Node
from graphophone.processors import SPECS
from graphophone.spec import DEPTH

Move = Callable[[Graph, Random, Mapping[str, float]], Graph | None]
"""A graph, chance, and how likely types are, to a neighbour; nothing where it has none."""
Times = Callable[[float, float], Sequence[float]]
"""Two ends to times between them, in seconds, the likeliest first."""

SERIAL = tuple(
    spec.name
    for spec in SPECS.values()
    if spec.group not in ("terminal", "control")
    and "structural" not in spec.traits
    and [o.name for o in spec.outlets] == ["out"]
)
"""Types with one way in, beside a sidechain, and one way out."""
MOVING = ("chorus", "flanger", "vibrato", "phaser")
"""Types that are hardly ever left to stand still."""
OSCILLATORS = ("mono_lfo", "stereo_lfo")
LARGEST = 24
"""Nodes that a graph may grow to."""


def neighbour(graph: Graph, rng: Random, prior: Mapping[str, float]) -> Graph | None:
    """Draw a neighbour of a graph: valid, in canonical form, and not the graph itself."""
    move = rng.choices([m for m, _ in MOVES], [w for _, w in MOVES])[0]
    changed = move(graph, rng, prior)
    return None if changed is None else tidy(changed)


def sweep(
    graph: Graph, rng: Random, place: int, draws: int = 2, times: Times | None = None
) -> list[Graph]:
    """Return a graph with every serial type in one place: in a cable, or for a node there.

    Chance alone leaves types out for long; here each has its turn, with several settings.

    Args:
        graph: A valid graph.
        rng: Decides the settings.
        place: Which of its :func:`places`.
        draws: Settings of each type; the first are those of an untouched processor.
        times: Gives likely lengths of delay lines between two ends, in seconds.
    """
    edges, nodes = _audio_cables(graph), _serial_nodes(graph)
    found = []
    for type_ in SERIAL:
        for draw in range(draws):
            fresh = _fresh(type_, rng) if draw else Node(type_).with_knobs(SPECS[type_].defaults())
            fresh = _timed(fresh, draw, times)
            if place >= len(edges):
                changed = _replaced(graph, nodes[place - len(edges)], fresh, keep=draw == 0)
            elif len(graph) < LARGEST:
                still = draw % 2 == 0 or type_ not in MOVING
                changed = _inserted(graph, edges[place], fresh)
                changed = changed if still else _moved(changed, len(graph), rng) or changed
            else:
                continue
            if form := tidy(changed):
                found.append(form)
    return found


def places(graph: Graph) -> int:
    """Count the places that :func:`sweep` knows: each audio cable, then each serial processor."""
    return len(_audio_cables(graph)) + len(_serial_nodes(graph))


def _serial_nodes(graph: Graph) -> list[int]:
    return [i for i, node in enumerate(graph.nodes) if node.type in SERIAL]


def _timed(node: Node, draw: int, times: Times | None) -> Node:
    """Give a delay one of the times that are heard, the likelier the earlier it is drawn."""
    if times is None or "delay" not in node.knobs:
        return node
    param = SPECS[node.type].params["delay"]
    heard = times(param.low, param.high)
    if draw >= len(heard):
        return node
    return node.with_knobs({**node.knobs, "delay": float(f"{heard[draw]:.6g}")})


def insert(graph: Graph, rng: Random, prior: Mapping[str, float]) -> Graph | None:
    """Put a processor into an audio cable, with an oscillator where it wants one."""
    if len(graph) >= LARGEST:
        return None
    edge = rng.choice(_audio_cables(graph))
    type_ = draw_type(rng, prior)
    grown = _inserted(graph, edge, _fresh(type_, rng))
    if type_ in MOVING and rng.random() < 0.7:
        return _moved(grown, len(graph), rng) or grown
    return grown


def _inserted(graph: Graph, edge: Edge, fresh: Node) -> Graph:
    nodes, edges = [*graph.nodes, fresh], [e for e in graph.edges if e != edge]
    new = len(graph)
    edges += [
        Edge(edge.source, new, edge.outlet),
        replace(edge, source=new, outlet="out"),
    ]
    return graph.with_parts(nodes, edges)


def branch(graph: Graph, rng: Random, prior: Mapping[str, float]) -> Graph | None:
    """Put a processor beside an audio cable, where a ``mix`` adds both."""
    if len(graph) >= LARGEST - 1:
        return None
    edge = rng.choice(_audio_cables(graph))
    nodes, edges = list(graph.nodes), [e for e in graph.edges if e != edge]
    nodes += [_fresh(draw_type(rng, prior), rng), Node("mix")]
    new, mix = len(nodes) - 2, len(nodes) - 1
    edges += [
        Edge(edge.source, new, edge.outlet),
        Edge(edge.source, mix, edge.outlet),
        Edge(new, mix, gain_db=rng.uniform(-12, 6)),
        replace(edge, source=mix, outlet="out"),
    ]
    return graph.with_parts(nodes, edges)


def split(graph: Graph, rng: Random, prior: Mapping[str, float]) -> Graph | None:
    """Take a signal apart into bands, or into mid and side, and work on one part."""
    if len(graph) >= LARGEST - 2:
        return None
    edge = rng.choice(_audio_cables(graph))
    nodes, edges = list(graph.nodes), [e for e in graph.edges if e != edge]
    bands = rng.random() < 0.5
    outlets = ("low", "high") if bands else ("mid", "side")
    if rng.random() < 0.5:
        outlets = outlets[::-1]
    apart = _fresh("crossover" if bands else "midside_split", rng)
    nodes += [apart, _fresh(draw_type(rng, prior), rng), Node("mix" if bands else "midside_merge")]
    first, work, last = (len(nodes) - k for k in (3, 2, 1))
    inlets = ("in", "in") if bands else outlets
    edges += [
        Edge(edge.source, first, edge.outlet),
        Edge(first, work, outlets[0]),
        Edge(work, last, "out", inlets[0]),
        Edge(first, last, outlets[1], inlets[1]),
        replace(edge, source=last, outlet="out"),
    ]
    return graph.with_parts(nodes, edges)


def modulate(graph: Graph, rng: Random, prior: Mapping[str, float]) -> Graph | None:
    """Let an oscillator move a knob."""
    taken = {(e.target, e.inlet) for e in graph.edges}
    free = [
        i
        for i, node in enumerate(graph.nodes)
        if any(
            inlet.signal == "control" and (i, inlet.name) not in taken
            for inlet in SPECS[node.type].inlets
        )
    ]
    if not free or len(graph) >= LARGEST:
        return None
    return _moved(graph, rng.choice(free), rng)


def retype(graph: Graph, rng: Random, prior: Mapping[str, float]) -> Graph | None:
    """Put a processor of another type in the place of one, knobs kept that both have."""
    places = [i for i, node in enumerate(graph.nodes) if node.type in (*SERIAL, *OSCILLATORS)]
    if not places:
        return None
    place = rng.choice(places)
    old = graph.nodes[place]
    if old.type in OSCILLATORS:
        type_ = OSCILLATORS[1 - OSCILLATORS.index(old.type)]
    else:
        kin = [t for t in SERIAL if SPECS[t].group == SPECS[old.type].group and t != old.type]
        type_ = rng.choice(kin) if kin and rng.random() < 0.6 else draw_type(rng, prior)
    return None if type_ == old.type else _replaced(graph, place, _fresh(type_, rng))


def _replaced(graph: Graph, place: int, fresh: Node, *, keep: bool = True) -> Graph:
    """Put a node in the place of one; it keeps the settings that both have, if it is to."""
    old = graph.nodes[place].knobs if keep else {}
    knobs = {
        name: param.snap(old.get(name, fresh.knobs[name]))
        for name, param in SPECS[fresh.type].params.items()
    }
    nodes = list(graph.nodes)
    nodes[place] = fresh.with_knobs(knobs)
    inlets = {inlet.name for inlet in SPECS[fresh.type].inlets}
    edges = [e for e in graph.edges if e.target != place or e.inlet in inlets]
    return reaching(graph.with_parts(nodes, edges))


def swap(graph: Graph, rng: Random, prior: Mapping[str, float]) -> Graph | None:
    """Exchange two processors that follow one another."""
    found = swaps(graph)
    return rng.choice(found) if found else None


def swaps(graph: Graph) -> list[Graph]:
    """Return a graph with each two serial processors exchanged that follow one another."""
    pairs = [
        e
        for e in graph.edges
        if graph.nodes[e.source].type in SERIAL
        and graph.nodes[e.target].type in SERIAL
        and e.inlet == "in"
        and len(graph.outgoing(e.source)) == 1
    ]
    return [_swapped(graph, e) for e in pairs]


def _swapped(graph: Graph, e: Edge) -> Graph:
    other = {e.source: e.target, e.target: e.source}
    nodes = list(graph.nodes)
    nodes[e.source], nodes[e.target] = nodes[e.target], nodes[e.source]
    edges = [
        replace(x, target=other.get(x.target, x.target)) if x.inlet != "in" and x != e else x
        for x in graph.edges
    ]
    return graph.with_parts(nodes, edges)


def remove(graph: Graph, rng: Random, prior: Mapping[str, float]) -> Graph | None:
    """Leave a node out, or a cable into a ``mix``."""
    cables = [e for e in graph.edges if graph.nodes[e.target].type == "mix"]
    place = rng.randrange(len(graph) + len(cables))
    if place < len(graph):
        return without_node(graph, place)
    return without_cable(graph, cables[place - len(graph)])


MOVES: Sequence[tuple[Move, float]] = (
    (insert, 0.5),
    (retype, 0.15),
    (branch, 0.1),
    (split, 0.08),
    (modulate, 0.07),
    (swap, 0.05),
    (remove, 0.05),
)
"""Every move, and how often it is drawn."""


def draw_type(rng: Random, prior: Mapping[str, float]) -> str:
    """Draw a serial type: as likely as the prior says, 1 where it says nothing."""
    return rng.choices(SERIAL, [prior.get(t, 1.0) for t in SERIAL])[0]


def _fresh(type_: str, rng: Random) -> Node:
    knobs = {n: float(f"{v:.6g}") for n, v in SPECS[type_].draw(rng).items()}
    return Node(type_).with_knobs(knobs)


def _moved(graph: Graph, place: int, rng: Random) -> Graph | None:
    """Return the graph with an oscillator at a free control inlet of a node."""
    taken = {e.inlet for e in graph.incoming(place)}
    free = [
        inlet.name
        for inlet in SPECS[graph.nodes[place].type].inlets
        if inlet.signal == "control" and inlet.name not in taken
    ]
    if not free:
        return None
    nodes = [*graph.nodes, _fresh(rng.choice(OSCILLATORS), rng)]
    depth, outlet = DEPTH.draw(rng, 0.75, 1.0), SPECS[nodes[-1].type].outlets[0].name
    return graph.with_parts(
        nodes,
        [
            *graph.edges,
            Edge(len(nodes) - 1, place, outlet, rng.choice(free), depth=round(depth, 4)),
        ],
    )


def _audio_cables(graph: Graph) -> list[Edge]:
    kinds = ((SPECS[graph.nodes[e.source].type].outlet(e.outlet), e) for e in graph.edges)
    return [e for outlet, e in kinds if outlet and outlet.signal == "audio"]
