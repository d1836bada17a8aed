"""Which token may come next, so that every finished sequence is a valid graph.

The rules are those of :mod:`graphophone.graph.rules`, and of the canonical form where it
decides who may meet at an inlet: a ``mix`` takes two cables or more, every other audio inlet
one, a control inlet at most one. A new node must be followed by a cable that comes from it,
so everything that is announced can be heard. Near the limits only tokens that close what is
open are legal; what is still open when nothing more can be said is repaired by :func:`finish`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphophone.codec.tokens import EDGE, NODE, START, Token, Tokens, Vocabulary
from graphophone.graph.model import Edge, Graph, Node
from graphophone.spec import ProcessorSpec

Array = np.ndarray[Any, np.dtype[Any]]
Specs = Mapping[str, ProcessorSpec]
Ports = tuple[int, str, int, str]
MIX_TAKES = 2
"""Fewest cables into a mix; with one it would be a wire."""


@dataclass(frozen=True, slots=True)
class Legal:
    """What may be said next.

    Attributes:
        nodes: Legal kinds of a new node, bool (node kinds,).
        edges: Legal cables, int (n, 3): source, target, edge kind.
        end: Whether the graph may end here.
    """

    nodes: Array
    edges: Array
    end: bool

    @property
    def anything(self) -> bool:
        """Whether there is any legal token."""
        return self.end or bool(self.nodes.any()) or len(self.edges) > 0


class Grammar:
    """The rules for one task.

    Args:
        vocabulary: Kinds of nodes and edges.
        specs: Description of each node type.
        sources: Names of the sources that may enter, such as ``("voice",)``.
        max_nodes: Largest number of nodes.
        max_tokens: Longest sequence, start and end included.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        specs: Specs,
        sources: Sequence[str],
        max_nodes: int = 64,
        max_tokens: int = 160,
    ) -> None:
        self.vocabulary = vocabulary
        self.sources = tuple(sources)
        self.max_nodes, self.max_tokens = max_nodes, max_tokens
        self.specs = tuple(specs[kind.partition(":")[0]] for kind in vocabulary.node_kinds)
        allowed = {f"in:{name}" for name in sources}
        self.allowed = np.array(
            [
                k != "out" and (k in allowed or not k.startswith("in:"))
                for k in vocabulary.node_kinds
            ]
        )
        self.is_source = np.array([kind.startswith("in:") for kind in vocabulary.node_kinds])
        self.needs = np.array([_needs(spec) for spec in self.specs])
        self.emits = {
            signal: np.array([any(o.signal == signal for o in s.outlets) for s in self.specs])
            for signal in ("audio", "control")
        }
        self.number = {kind: i for i, kind in enumerate(vocabulary.edge_kinds)}


class State:
    """A sequence under construction and what is still open in it."""

    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar
        self.rows: list[Token] = [(START, -1, -1, -1)]
        self.kinds: list[int] = []
        self.cables: set[tuple[int, int, int]] = set()
        self.fed: dict[tuple[int, str], int] = {}
        self.below: list[int] = []  # bit j of entry i: a way leads from node i to node j
        self.pending = False  # whether the newest node still waits for its first cable
        self.ended = False

    def copy(self) -> "State":
        """Return a state that can go on independently."""
        other = State(self.grammar)
        other.rows, other.kinds, other.below = self.rows[:], self.kinds[:], self.below[:]
        other.cables, other.fed = set(self.cables), dict(self.fed)
        other.pending, other.ended = self.pending, self.ended
        return other

    @property
    def tokens(self) -> Tokens:
        """The sequence so far."""
        return Tokens(*zip(*self.rows, strict=True))

    def push(self, token: Token) -> None:
        """Append a token; a caller keeps to what :meth:`legal` says."""
        type_, kind, source, target = token
        self.rows.append(token)
        if type_ == NODE:
            self.pending = bool(self.kinds)
            self.below.append(1 << len(self.kinds))
            self.kinds.append(kind)
        elif type_ == EDGE:
            self.pending = False
            self.cables.add((source, target, kind))
            inlet = (target, self.grammar.vocabulary.edge_kinds[kind][1])
            self.fed[inlet] = self.fed.get(inlet, 0) + 1
            for node, reach in enumerate(self.below):
                if reach >> source & 1:
                    self.below[node] = reach | self.below[target]
        else:
            self.ended = True

    def legal(self) -> Legal:
        """Return everything that may come next."""
        g = self.grammar
        nodes = np.zeros(len(g.specs), bool)
        none = np.zeros((0, 3), np.int64)
        if self.ended:
            return Legal(nodes, none, False)
        if not self.kinds:
            nodes[g.vocabulary.node("out")] = True
            return Legal(nodes, none, False)

        room = self._room()
        left = g.max_tokens - len(self.rows) - 1 - self._cost()  # what the end needs is set apart
        if self.pending:
            sources: Iterable[int] = (len(self.kinds) - 1,)
            return Legal(nodes, self._cables(sources, room, closing=left < 1), False)
        edges = self._cables(range(len(self.kinds)), room, closing=left < 1)
        nodes = self._new_nodes(room, left)
        return Legal(nodes, edges, self._cost() == 0)

    def _room(self) -> list[tuple[int, str, str, bool]]:
        """List inlets that take another cable: node, name, signal, whether it must have one."""
        room: list[tuple[int, str, str, bool]] = []
        for node, kind in enumerate(self.kinds):
            spec = self.grammar.specs[kind]
            for inlet in spec.inlets:
                fed = self.fed.get((node, inlet.name), 0)
                if spec.name == "mix":
                    room.append((node, inlet.name, inlet.signal, fed < MIX_TAKES))
                elif not fed:
                    room.append((node, inlet.name, inlet.signal, inlet.required))
        return room

    def _cost(self) -> int:
        """Return how many more tokens are needed before the graph may end."""
        g = self.grammar
        missing = 0
        for node, kind in enumerate(self.kinds):
            spec = g.specs[kind]
            for inlet in spec.inlets:
                wanted = MIX_TAKES if spec.name == "mix" else int(inlet.required)
                missing += max(0, wanted - self.fed.get((node, inlet.name), 0))
        entered = any(g.is_source[kind] for kind in self.kinds)
        return missing + (missing > 0 and not entered)

    def _cables(
        self, sources: Iterable[int], room: list[tuple[int, str, str, bool]], *, closing: bool
    ) -> Array:
        """List legal cables from ``sources``; if ``closing``, to inlets that must have one."""
        g = self.grammar
        found = []
        outlets = [(i, o) for i in sources for o in g.specs[self.kinds[i]].outlets]
        for target, inlet, signal, needed in room:
            if closing and not needed:
                continue
            reach = self.below[target]
            for source, outlet in outlets:
                if outlet.signal == signal and not reach >> source & 1:
                    cable = (source, target, g.number[outlet.name, inlet])
                    if cable not in self.cables:
                        found.append(cable)
        return np.array(found, np.int64).reshape(-1, 3)

    def _new_nodes(self, room: list[tuple[int, str, str, bool]], left: int) -> Array:
        """Return which kinds of nodes may be announced, ``left`` tokens being to spare."""
        g = self.grammar
        entered = any(g.is_source[kind] for kind in self.kinds)
        places = g.max_nodes - len(self.kinds)
        plugs = np.zeros(len(g.specs), bool)
        for signal in {signal for _, _, signal, _ in room}:
            plugs |= g.emits[signal]
        nodes = g.allowed & plugs & (g.needs + 2 <= left) & (places > (not entered))
        must_enter = not entered and any(needed for *_, needed in room)
        if must_enter and left >= 0:
            nodes |= g.allowed & g.is_source
        nodes[[kind for kind in self.kinds if g.is_source[kind]]] = False
        return nodes if places > 0 else np.zeros_like(nodes)


def _needs(spec: ProcessorSpec) -> int:
    """Return how many cables a node of a type must have at its inlets."""
    if spec.name == "mix":
        return MIX_TAKES
    return sum(inlet.required for inlet in spec.inlets)


def finish(graph: Graph, specs: Specs, sources: Sequence[str]) -> Graph:
    """Make a valid prototype of one that was cut short.

    Nodes that lead nowhere are dropped, open required inlets are connected to the first
    source, and a mix with one input becomes a wire. A valid canonical graph is left as it is.

    Args:
        graph: A prototype with an ``out``, made by legal tokens.
        specs: Description of each node type.
        sources: Names of the sources that may enter; the first is added if none is there.
    """
    nodes = dict(enumerate(graph.nodes))
    edges = {e.ports: e for e in graph.edges}
    heard, waiting = {graph.output}, [graph.output]
    while waiting:
        target = waiting.pop()
        for e in edges.values():
            if e.target == target and e.source not in heard:
                heard.add(e.source)
                waiting.append(e.source)
    nodes = {i: node for i, node in nodes.items() if i in heard}
    edges = {p: e for p, e in edges.items() if e.source in heard and e.target in heard}

    entries = [i for i, node in nodes.items() if node.type == "in"]
    entry = entries[0] if entries else len(graph.nodes)
    for i, node in list(nodes.items()):
        for inlet in specs[node.type].inlets:
            if inlet.required and not any(
                e.target == i and e.inlet == inlet.name for e in edges.values()
            ):
                nodes.setdefault(entry, Node("in", source=sources[0]))
                edge = Edge(entry, i, "out", inlet.name)
                edges[edge.ports] = edge
    while (wire := _lone_mix(nodes, edges)) is not None:
        (feed,) = (e for e in edges.values() if e.target == wire)
        onward = [e for e in edges.values() if e.source == wire]
        edges = {p: e for p, e in edges.items() if wire not in (e.source, e.target)}
        for e in onward:
            e = e.between(feed.source, e.target, feed.outlet)
            edges[e.ports] = e
        del nodes[wire]
    place = {old: new for new, old in enumerate(nodes)}
    return graph.with_parts(
        nodes.values(),
        (e.between(place[e.source], place[e.target]) for e in edges.values()),
    )


def _lone_mix(nodes: Mapping[int, Node], edges: Mapping[Ports, Edge]) -> int | None:
    """Return a mix with a single input, if there is one."""
    for i, node in nodes.items():
        if node.type == "mix" and sum(e.target == i for e in edges.values()) < MIX_TAKES:
            return i
    return None
