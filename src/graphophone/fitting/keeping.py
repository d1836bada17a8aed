"""The graph that a search would hand over if it ended now: it never gets worse."""

from dataclasses import dataclass, replace

from graphophone.fitting.objective import Objective
from graphophone.fitting.pool import form_of, rounded
from graphophone.fitting.surgery import smaller
from graphophone.graph.model import Graph


@dataclass(frozen=True, slots=True)
class Kept:
    """A graph and what it is worth by the distance that is reported.

    Attributes:
        graph: In canonical form, without nodes that are not worth their price.
        mss: Its multi-scale spectral distance.
        value: The same with what the waveform and its nodes cost.
        seen: The best graph of the search that was looked at last, taken or not.
    """

    graph: Graph
    mss: float
    value: float
    seen: Graph


def keep(objective: Objective, best: Graph, kept: Kept | None) -> Kept:
    """Return what to hand over after a step that left this graph the best.

    The search sees a part of the distance, so what it holds for better may be worse. A graph is
    taken where its value is lower and its reported distance is not higher, so that the outcome of a
    longer run is never worse than that of a shorter one.
    """
    if kept is not None and kept.seen == best:
        return kept
    known = kept is not None and form_of(kept.seen) == form_of(best)
    graph = best if known else pruned(objective, best)
    mss, wave = objective.full_distances(graph)
    value = mss + wave + objective.cost(graph)
    if kept is None or (value < kept.value and mss <= kept.mss):
        return Kept(graph, mss, value, best)
    return replace(kept, seen=best)


def pruned(objective: Objective, graph: Graph) -> Graph:
    """Leave out every node, one after the other, that is not worth its price.

    What the search's distance rules out clearly is not measured by the whole one.
    """
    value = _value(objective, graph)
    while True:
        options = [rounded(less) for less in smaller(graph)]
        seen = objective.distances([graph, *options])
        near = [
            less
            for less, distance in zip(options, seen[1:], strict=True)
            if distance < seen[0] + 3 * objective.price * max(1, len(graph) - len(less))
        ]
        values = [_value(objective, less) for less in near]
        if not near or min(values) > value:
            return graph
        value = min(values)
        graph = near[values.index(value)]


def _value(objective: Objective, graph: Graph) -> float:
    return sum(objective.full_distances(graph)) + objective.cost(graph)
