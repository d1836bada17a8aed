"""Several windows, one graph: they vote in canonical form."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import TypeAlias

from graphophone.graph.canonical import canonical, prototype
from graphophone.graph.model import Edge, Graph
from graphophone.spec import DEPTH, GAIN, Param, ProcessorSpec

Specs: TypeAlias = Mapping[str, ProcessorSpec]
Part: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class Guess:
    """What the estimator says about one window.

    Attributes:
        graph: A finished, valid graph.
        nodes: Probability of each node, by position.
        edges: Probability of each cable, in the order of the graph.
    """

    graph: Graph
    nodes: tuple[float, ...]
    edges: tuple[float, ...]

    @property
    def weight(self) -> float:
        """Mean probability over nodes and cables: how loud this window's voice is."""
        return sum(self.nodes + self.edges) / len(self.nodes + self.edges)


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
        nodes: Confidence in each node: its probability times the share of the vote that has it.
        edges: Confidence in each cable, in the order of the graph.
        knobs: Confidence in each setting of each node: the node's, less what windows differ by.
        agreement: How alike the windows' graphs are to this one, weighted; 1 for one window.
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
    """Return one graph for all windows.

    The graph that has most in common with all others is taken, each weighted by its
    probability. Its settings are the medians, in knob travel, over the windows that agree on its
    types and cables; circular knobs keep the setting of the surest.

    Args:
        guesses: One a window, at least one.
        specs: Description of each node type.
    """
    ballots = [_canonical(guess, specs) for guess in guesses]
    total = sum(b.weight for b in ballots)
    parts = [_parts(b.graph) for b in ballots]
    support = [
        sum(o.weight * _similarity(mine, parts[j]) for j, o in enumerate(ballots)) / total
        for mine in parts
    ]
    ranked = sorted(
        range(len(ballots)),
        key=lambda i: (-round(support[i], 9), -round(ballots[i].weight, 9), str(ballots[i].graph)),
    )
    winner = ballots[ranked[0]]
    form = prototype(winner.graph)
    same = sorted((b for b in ballots if prototype(b.graph) == form), key=lambda b: -b.weight)
    graph, spreads = _median(winner.graph, [b.graph for b in same], specs)
    shares = _shares(parts, [b.weight / total for b in ballots], parts[ranked[0]])
    nodes = tuple(p * shares[(graph.nodes[i].kind,)] for i, p in enumerate(winner.nodes))
    edges = tuple(
        p * shares[_triple(graph, e)] for p, e in zip(winner.edges, graph.edges, strict=True)
    )
    knobs = tuple(
        {name: nodes[i] * max(0.0, 1 - 2 * gap) for name, gap in spread.items()}
        for i, spread in enumerate(spreads)
    )
    return Verdict(
        graph=graph,
        nodes=nodes,
        edges=edges,
        knobs=knobs,
        agreement=support[ranked[0]],
        share=sum(b.weight for b in same) / total,
        alternatives=_others([ballots[i] for i in ranked], form, total),
    )


def _canonical(guess: Guess, specs: Specs) -> Guess:
    """Bring a guess to canonical form with its probabilities where they belong."""
    marked = guess.graph.with_parts(
        (replace(node, id=str(i)) for i, node in enumerate(guess.graph.nodes)), guess.graph.edges
    )
    cables = {e.ports: p for e, p in zip(guess.graph.edges, guess.edges, strict=True)}
    graph = canonical(marked, specs)
    was = [int(node.id) if node.id else None for node in graph.nodes]
    nodes = tuple(1.0 if i is None else guess.nodes[i] for i in was)
    edges = []
    for e in graph.edges:
        source, target = was[e.source], was[e.target]
        before = None if source is None or target is None else (source, e.outlet, target, e.inlet)
        # A cable that the canonical form has moved is as sure as the nodes at its ends.
        sure = min(nodes[e.source], nodes[e.target])
        edges.append(sure if before is None else cables.get(before, sure))
    plain = graph.with_parts((replace(node, id="") for node in graph.nodes), graph.edges)
    return Guess(plain, nodes, tuple(edges))


def _triple(graph: Graph, edge: Edge) -> Part:
    ends = graph.nodes[edge.source].kind, graph.nodes[edge.target].kind
    return (ends[0], edge.outlet, ends[1], edge.inlet)


def _parts(graph: Graph) -> Counter[Part]:
    """Count what a graph is made of: kinds of nodes, and cables between kinds."""
    return Counter(
        [(node.kind,) for node in graph.nodes] + [_triple(graph, e) for e in graph.edges]
    )


def _similarity(a: Counter[Part], b: Counter[Part]) -> float:
    """Intersection over union of what two graphs are made of."""
    return (a & b).total() / (a | b).total()


def _shares(
    parts: Sequence[Counter[Part]], weights: Sequence[float], mine: Counter[Part]
) -> dict[Part, float]:
    """Return for each part the share of the vote that has it, in parts of its number."""
    return {
        part: sum(w * min(1.0, other[part] / n) for w, other in zip(weights, parts, strict=True))
        for part, n in mine.items()
    }


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
