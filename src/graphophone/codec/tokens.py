"""A graph as a sequence of tokens, and back.

Section 3 of the paper, "Prototype Decoder": nodes and edges alike are tokens. A node token
has the node's id and its kind; an edge token has the ids of both ends and its kind, the pair
of outlet and inlet. Ids count nodes in order of appearance, so ``out`` is 0. The sequence is

    start, node 0, (node, edge | edge) ..., end

where the cables come in decoding order (:mod:`graphophone.graph.order`) and a node is
announced right before the first cable that comes from it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphophone.errors import FormatError
from graphophone.graph.model import Edge, Graph, Node
from graphophone.graph.order import decoding_order
from graphophone.spec import SOURCES, ProcessorSpec

START: Final = 0
NODE: Final = 1
EDGE: Final = 2
END: Final = 3
TASK: Final = 4
"""Asks the model for knobs instead of the next token; never part of a sequence."""
PAD: Final = 5
"""Fills the rows of a batch; never part of a sequence."""
TOKEN_TYPES: Final = ("start", "node", "edge", "end", "task", "pad")
SAID: Final = (NODE, EDGE, END)
"""What a decoder may say."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Which kinds of nodes and edges there are; positions in the tuples are the numbers used.

    Attributes:
        node_kinds: ``out``, ``in:<source>`` for every known source, then processor types.
        edge_kinds: Pairs of outlet and inlet names.
    """

    node_kinds: tuple[str, ...]
    edge_kinds: tuple[tuple[str, str], ...]

    @classmethod
    def of(
        cls, specs: Mapping[str, ProcessorSpec], sources: Iterable[str] = SOURCES
    ) -> "Vocabulary":
        """List everything that graphs over ``specs`` can contain, in the order of ``specs``."""
        types = [name for name in specs if name not in ("in", "out")]
        pairs = {
            (outlet.name, inlet.name)
            for a in specs.values()
            for outlet in a.outlets
            for b in specs.values()
            for inlet in b.inlets
            if outlet.signal == inlet.signal
        }
        return cls(("out", *(f"in:{name}" for name in sources), *types), tuple(sorted(pairs)))

    def node(self, kind: str) -> int:
        """Return the number of a node kind."""
        if kind not in self.node_kinds:
            raise FormatError(f"the vocabulary has no node kind {kind!r}")
        return self.node_kinds.index(kind)

    def edge(self, kind: tuple[str, str]) -> int:
        """Return the number of an edge kind."""
        if kind not in self.edge_kinds:
            raise FormatError(f"the vocabulary has no edge kind {kind[0]!r} -> {kind[1]!r}")
        return self.edge_kinds.index(kind)

    def to_json(self) -> dict[str, Any]:
        """Return both lists, ready for ``json.dump``."""
        return {
            "node_kinds": list(self.node_kinds),
            "edge_kinds": [list(k) for k in self.edge_kinds],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Vocabulary":
        """Read what :meth:`to_json` wrote."""
        return cls(
            tuple(data["node_kinds"]),
            tuple((outlet, inlet) for outlet, inlet in data["edge_kinds"]),
        )


Token = tuple[int, int, int, int]
"""Type, kind, source, target."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """One token sequence; all fields have one entry a token.

    Attributes:
        types: ``START``, ``NODE``, ``EDGE`` or ``END``.
        kinds: Number of the node kind or the edge kind, or -1.
        sources: Id of the node, or of the node that the edge comes from, or -1.
        targets: Id of the node, or of the node that the edge goes to, or -1.
    """

    types: tuple[int, ...]
    kinds: tuple[int, ...]
    sources: tuple[int, ...]
    targets: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.types)

    def rows(self) -> Iterator[Token]:
        """Yield token by token."""
        return zip(self.types, self.kinds, self.sources, self.targets, strict=True)


def sequence(graph: Graph, specs: Mapping[str, ProcessorSpec]) -> list[Node | Edge]:
    """List the nodes and the edges of a graph in the order of their tokens.

    Edges keep the positions of the given graph.
    """
    order = decoding_order(graph, specs)
    items: list[Node | Edge] = [graph.nodes[order.nodes[0]]]
    seen = {order.nodes[0]}
    for edge in order.edges:
        if edge.source not in seen:
            seen.add(edge.source)
            items.append(graph.nodes[edge.source])
        items.append(edge)
    return items


def encode(graph: Graph, vocabulary: Vocabulary, specs: Mapping[str, ProcessorSpec]) -> Tokens:
    """Write a valid graph as tokens; settings are left out.

    Raises:
        FormatError: The graph has a source or a type that the vocabulary does not know.
    """
    ids = {position: i for i, position in enumerate(decoding_order(graph, specs).nodes)}
    rows: list[Token] = [(START, -1, -1, -1)]
    nodes = 0
    for item in sequence(graph, specs):
        if isinstance(item, Node):
            rows.append((NODE, vocabulary.node(item.kind), nodes, nodes))
            nodes += 1
        else:
            rows.append((EDGE, vocabulary.edge(item.kind), ids[item.source], ids[item.target]))
    rows.append((END, -1, -1, -1))
    return Tokens(*zip(*rows, strict=True))


def decode(tokens: Tokens, vocabulary: Vocabulary) -> Graph:
    """Read tokens as a prototype whose nodes are listed by id; nothing is checked."""
    nodes, edges = [], []
    for type_, kind, source, target in tokens.rows():
        if type_ == NODE:
            nodes.append(node_of(vocabulary.node_kinds[kind]))
        elif type_ == EDGE:
            edges.append(Edge(source, target, *vocabulary.edge_kinds[kind]))
    return Graph(tuple(nodes), tuple(edges))


def node_of(kind: str) -> Node:
    """Return a node without settings of a kind such as ``in:kick`` or ``lowpass``."""
    type_, _, source = kind.partition(":")
    return Node(type_, source=source or None)
