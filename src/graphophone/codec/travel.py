"""Settings as knob travel, a row for each token, and back.

A node's row has its knobs in the order of the spec; an edge's row has one entry, the gain of
an audio cable or the depth of a control cable. Polarity (``Edge.invert``) is no knob: graphs
are generated without it, so it is neither learned nor estimated.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from graphophone.codec.tokens import EDGE, NODE, Token, Tokens, Vocabulary, sequence
from graphophone.graph.model import Edge, Graph, Node
from graphophone.spec import DEPTH, GAIN, Param, ProcessorSpec

Array = np.ndarray[Any, np.dtype[Any]]
Specs = Mapping[str, ProcessorSpec]


@dataclass(frozen=True, slots=True)
class Travel:
    """Knob travels of a token sequence.

    Attributes:
        values: Travel in [0, 1], float32 (tokens, :func:`width` of the specs).
        live: Which of them do something and were drawn; the rest is no error to miss.
        circular: Which of them wrap around.
    """

    values: Array
    live: Array
    circular: Array


def width(specs: Specs) -> int:
    """Return how many knobs the processor with the most of them has."""
    return max(1, *(len(spec.params) for spec in specs.values()))


def significant(value: float, digits: int = 6) -> float:
    """Round to significant digits, so that a setting survives being written down."""
    return float(f"{value:.{digits}g}")


def travels(graph: Graph, specs: Specs) -> Travel:
    """Return the travels of a graph in the order of its tokens, start and end included."""
    items = [None, *sequence(graph, specs), None]
    values = np.full((len(items), width(specs)), 0.5, np.float32)
    live = np.zeros(values.shape, bool)
    circular = np.zeros(values.shape, bool)
    for row, item in enumerate(items):
        if isinstance(item, Node):
            spec, knobs = specs[item.type], item.knobs
            heard = spec.live(knobs)
            for column, (name, param) in enumerate(spec.params.items()):
                values[row, column] = param.to_travel(knobs[name])
                live[row, column] = name in heard
                circular[row, column] = param.circular
        elif isinstance(item, Edge):
            param = edge_param(item, graph, specs)
            values[row, 0] = param.to_travel(item.depth if param is DEPTH else item.gain_db)
            live[row, 0] = edge_is_drawn(item, graph, specs)
    return Travel(values, live, circular)


def edge_param(edge: Edge, graph: Graph, specs: Specs) -> Param:
    """Return the one knob of a cable."""
    outlet = specs[graph.nodes[edge.source].type].outlet(edge.outlet)
    return DEPTH if outlet and outlet.signal == "control" else GAIN


def edge_is_drawn(edge: Edge, graph: Graph, specs: Specs) -> bool:
    """Whether a cable's knob is free: every depth, and levels where signals meet.

    The level of a lone cable could as well be its source's. The amount of an envelope is the
    ``gain`` of its follower, so of that depth only the sign is free.
    """
    if edge_param(edge, graph, specs) is DEPTH:
        return True
    meets = sum(e.target == edge.target and e.inlet == edge.inlet for e in graph.edges) > 1
    return meets or graph.nodes[edge.target].type == "mix"


def live_of(
    token: Token,
    kinds: Sequence[int],
    values: Sequence[float],
    vocabulary: Vocabulary,
    specs: Specs,
) -> Array:
    """Say which knobs of the newest token of a sequence do something.

    It is what :func:`travels` says of the finished graph in canonical form, where only a ``mix``
    takes several cables; but it needs no more of the graph than there is.

    Args:
        token: The newest token; a node that it names and that is not there has no knobs.
        kinds: Kinds of all nodes so far, by id.
        values: Its knob travels.
        vocabulary: What the numbers mean.
        specs: Description of each node type.
    """
    type_, kind, source, target = token
    live = np.zeros(width(specs), bool)
    if type_ == NODE:
        params = specs[_type(kind, vocabulary)].params
        knobs = {n: _setting(p, t) for (n, p), t in zip(params.items(), values, strict=False)}
        heard = specs[_type(kind, vocabulary)].live(knobs)
        live[: len(params)] = [name in heard for name in params]
    elif type_ == EDGE and max(source, target) < len(kinds):
        outlet = specs[_type(kinds[source], vocabulary)].outlet(vocabulary.edge_kinds[kind][0])
        control = outlet is not None and outlet.signal == "control"
        live[0] = control or _type(kinds[target], vocabulary) == "mix"
    return live


def with_travels(
    prototype: Graph,
    tokens: Tokens,
    values: Iterable[Iterable[float]],
    vocabulary: Vocabulary,
    specs: Specs,
) -> Graph:
    """Set every knob of a prototype.

    Args:
        prototype: What :func:`graphophone.codec.tokens.decode` made of ``tokens``, nodes by id.
        tokens: The sequence.
        values: Travels as in :class:`Travel`, a row a token; they are clamped to [0, 1].
        vocabulary: What the numbers in ``tokens`` mean.
        specs: Description of each node type.

    Returns:
        The graph with settings in physical units, on legal steps, to six significant digits.
        Cables that have no free knob keep their default.
    """
    nodes, edges = list(prototype.nodes), []
    for (type_, kind, source, target), row in zip(tokens.rows(), values, strict=True):
        if type_ == NODE:
            params = specs[nodes[source].type].params
            nodes[source] = nodes[source].with_knobs(
                {n: _setting(p, t) for (n, p), t in zip(params.items(), row, strict=False)}
            )
        elif type_ == EDGE:
            edge = Edge(source, target, *vocabulary.edge_kinds[kind])
            if edge_is_drawn(edge, prototype, specs):
                param = edge_param(edge, prototype, specs)
                value = _setting(param, next(iter(row)))
                if param is GAIN:
                    edge = replace(edge, gain_db=value)
                elif prototype.nodes[source].type == "envelope_follower":
                    edge = replace(edge, depth=1.0 if value >= 0 else -1.0)
                else:
                    edge = replace(edge, depth=value)
            edges.append(edge)
    return prototype.with_parts(nodes, edges)


def _type(kind: int, vocabulary: Vocabulary) -> str:
    return vocabulary.node_kinds[kind].partition(":")[0]


def _setting(param: Param, travel: float) -> float:
    """Return the legal setting nearest to a knob travel."""
    value = param.snap(param.from_travel(min(max(float(travel), 0.0), 1.0)))
    return param.snap(significant(value))
