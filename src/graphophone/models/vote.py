"""Several readings of several windows, one graph: they vote in canonical form."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import TypeAlias

from graphophone.graph.canonical import canonical, prototype
from graphophone.graph.model import Edge, Graph
from graphophone.graph.order import segments
from graphophone.spec import DEPTH, GAIN, Param, ProcessorSpec

Specs: TypeAlias = Mapping[str, ProcessorSpec]
Part: TypeAlias = tuple[str, ...]
Parts: TypeAlias = Mapping[str, tuple[Counter[Part], Counter[Part]]]
NONE: tuple[Counter[Part], Counter[Part]] = Counter(), Counter()
WEIGHTS = 0.75, 0.25
"""What nodes and what cables count in a comparison: which effects there are comes first."""


MOST_OTHERS = 5
"""Other readings that are told."""


@dataclass(frozen=True)
class Guess:
    """One reading of one window.

    Attributes:
        graph: A finished, valid graph.
        weight: Its share of the readings of its window.
    """

    graph: Graph
    weight: float = 1.0


@dataclass(frozen=True)
class Alternative:
    """Another reading, and the share of the vote behind it."""

    graph: Graph
    share: float


@dataclass(frozen=True)
class Verdict:
    """The outcome of a vote.

    Attributes:
        graph: The graph.
        nodes: Confidence in each node: the share of the vote that has it.
        edges: The same for each cable, in the order of the graph.
        knobs: Confidence in each setting of each node: the node's, less what windows differ by.
        agreement: How alike all readings are to this one, weighted; 1 where all are equal.
        share: Share of the vote for exactly these types and cables.
        alternatives: Other readings, the strongest first.
    """

    graph: Graph
    nodes: tuple[float, ...]
    edges: tuple[float, ...]
    knobs: tuple[Mapping[str, float], ...]
    agreement: float
    share: float
    alternatives: tuple[Alternative, ...]


def vote(guesses: Sequence[Guess], specs: Specs) -> Verdict:
    """Return one graph for all readings of all windows.

    The graph that has most in common with all others is taken. Its settings are the medians,
    in knob travel, over the readings with the same types and cables; circular knobs keep the
    setting of the weightiest.

    Args:
        guesses: The readings, at least one.
        specs: Description of each node type.
    """
    ballots = [replace(guess, graph=canonical(guess.graph, specs)) for guess in guesses]
    total = sum(b.weight for b in ballots)
    tracks = [_tracks(b.graph, specs) for b in ballots]
    parts = [_parts(b.graph, track) for b, track in zip(ballots, tracks, strict=True)]
    support = [
        sum(o.weight * _similarity(mine, parts[j]) for j, o in enumerate(ballots)) / total
        for mine in parts
    ]
    ranked = sorted(
        range(len(ballots)),
        key=lambda i: (-round(support[i], 9), -round(ballots[i].weight, 9), str(ballots[i].graph)),
    )
    winner, track = ballots[ranked[0]].graph, tracks[ranked[0]]
    form = prototype(winner)
    same = sorted((b for b in ballots if prototype(b.graph) == form), key=lambda b: -b.weight)
    graph, spreads = _median(winner, [b.graph for b in same], specs)
    shares = _shares(parts, [b.weight / total for b in ballots], parts[ranked[0]])
    nodes = tuple(shares.get(_name(graph, track, i), 1.0) for i in range(len(graph)))
    knobs = tuple(
        {name: nodes[i] * max(0.0, 1 - 2 * gap) for name, gap in spread.items()}
        for i, spread in enumerate(spreads)
    )
    return Verdict(
        graph=graph,
        nodes=nodes,
        edges=tuple(shares[_name(graph, track, e)] for e in graph.edges),
        knobs=knobs,
        agreement=support[ranked[0]],
        share=sum(b.weight for b in same) / total,
        alternatives=_others([ballots[i] for i in ranked], form, total)[:MOST_OTHERS],
    )


def _name(graph: Graph, track: Sequence[str], place: int | Edge) -> Part:
    """Say what a node or a cable is, and in which track; a cable is where it comes from."""
    if not isinstance(place, Edge):
        return track[place], graph.nodes[place].kind
    ends = graph.nodes[place.source].kind, graph.nodes[place.target].kind
    return track[place.source], ends[0], place.outlet, ends[1], place.inlet


def _tracks(graph: Graph, specs: Specs) -> tuple[str, ...]:
    """Return the source that each node belongs to; nothing for the bus of a mix."""
    segment = segments(graph, specs)
    names = {segment[i]: graph.nodes[i].source or "" for i in graph.inputs}
    return tuple(names.get(number, "") for number in segment)


def _parts(graph: Graph, track: Sequence[str]) -> Parts:
    """Count what each track has of nodes and of cables; ``out``, which all have, is left out."""
    parts: dict[str, tuple[Counter[Part], Counter[Part]]] = {}
    nodes: list[int | Edge] = [i for i, node in enumerate(graph.nodes) if node.type != "out"]
    for cables, places in enumerate((nodes, graph.edges)):
        for part in (_name(graph, track, place) for place in places):
            parts.setdefault(part[0], (Counter(), Counter()))[cables][part] += 1
    return parts


def _similarity(a: Parts, b: Parts) -> float:
    """Intersection over union of what two graphs are made of, averaged over tracks and bus."""
    names = a.keys() | b.keys()
    total = 0.0
    for name in sorted(names):
        for x, y, weight in zip(a.get(name, NONE), b.get(name, NONE), WEIGHTS, strict=True):
            union = (x | y).total()
            total += weight * ((x & y).total() / union if union else 1.0)
    return total / len(names)


def _shares(parts: Sequence[Parts], weights: Sequence[float], mine: Parts) -> dict[Part, float]:
    """Return for each part the share of the vote that has it, in parts of its number."""
    counts = [_flat(one) for one in parts]
    return {
        part: sum(w * min(1.0, c[part] / n) for w, c in zip(weights, counts, strict=True))
        for part, n in _flat(mine).items()
    }


def _flat(parts: Parts) -> Counter[Part]:
    """Count nodes and cables of all tracks."""
    return Counter(
        {part: n for track in parts.values() for kind in track for part, n in kind.items()}
    )


def _median(
    graph: Graph, agreeing: Sequence[Graph], specs: Specs
) -> tuple[Graph, list[dict[str, float]]]:
    """Return the graph with median settings, and how far settings are apart on average."""
    nodes, spreads = [], []
    for i, node in enumerate(graph.nodes):
        knobs, spread = {}, {}
        for name, param in specs[node.type].params.items():
            values = [other.nodes[i].knobs[name] for other in agreeing]
            knobs[name] = _middle(param, values)
            spread[name] = sum(param.distance(v, knobs[name]) for v in values) / len(values)
        nodes.append(node.with_knobs(knobs))
        spreads.append(spread)
    edges = []
    for k, e in enumerate(graph.edges):
        same = [other.edges[k] for other in agreeing]
        gain = _middle(GAIN, [s.gain_db for s in same])
        depth = _middle(DEPTH, [s.depth for s in same])
        edges.append(replace(e, gain_db=gain, depth=depth))
    return graph.with_parts(nodes, edges), spreads


def _middle(param: Param, values: Sequence[float]) -> float:
    """Return the median in knob travel; a circular knob has none and keeps the first value."""
    if param.circular or len(set(values)) == 1:
        return values[0]
    travel = median(param.to_travel(v) for v in values)
    return param.snap(float(f"{param.snap(param.from_travel(travel)):.6g}"))


def _others(ranked: Sequence[Guess], form: Graph, total: float) -> tuple[Alternative, ...]:
    """Return the readings that lost, each once, with the share of the vote for it."""
    found: dict[Graph, tuple[Graph, float]] = {}
    for ballot in ranked:
        shape = prototype(ballot.graph)
        if shape != form:
            graph, share = found.get(shape, (ballot.graph, 0.0))
            found[shape] = (graph, share + ballot.weight / total)
    strongest = sorted(found.values(), key=lambda pair: -pair[1])
    return tuple(Alternative(graph, share) for graph, share in strongest)
