"""How much two graphs have in common."""

from collections import Counter
from collections.abc import Iterable

from graphophone.graph.assignment import assign
from graphophone.graph.canonical import canonical, prototype
from graphophone.graph.fault import Specs
from graphophone.graph.model import Graph
from graphophone.graph.order import segments

Pairs = tuple[tuple[int, int], ...]


def node_iou(a: Graph, b: Graph) -> float:
    """Intersection over union of the multisets of node types (the paper, section 4.2).

    Every node counts but ``out``, which all graphs have; an ``in`` counts as the type that its
    source makes it, so naming the instruments is part of the task.
    """
    return _iou(_kinds(a, range(len(a))), _kinds(b, range(len(b))))


def iou_by_segment(a: Graph, b: Graph, specs: Specs) -> float:
    """Average :func:`node_iou` over the tracks and the mixing bus of two mixes.

    A track is known by its source; one that is on one side only counts 0. A bus that is empty
    on both sides is nothing to compare and is left out of the average.
    """
    parts_a, parts_b = _parts(a, specs), _parts(b, specs)
    scores = [
        _iou(parts_a.get(name, Counter()), parts_b.get(name, Counter()))
        for name in sorted(parts_a.keys() | parts_b.keys())
    ]
    return sum(scores) / len(scores)


def same_structure(a: Graph, b: Graph, specs: Specs) -> bool:
    """Whether two graphs are of the same types, wired alike, whatever their settings."""
    return canonical(prototype(a), specs) == canonical(prototype(b), specs)


def match_nodes(a: Graph, b: Graph) -> Pairs:
    """Pair nodes of the same type so that what surrounds them agrees as well as can be.

    Two nodes are the more alike the further around them, in both directions, the graphs look
    the same; among nodes that look alike, those whose neighbours are paired go together.

    Returns:
        Pairs (position in ``a``, position in ``b``), sorted; no node occurs twice.
    """
    views_a, views_b = _views(a), _views(b)
    alike = {
        (i, j): _likeness(views_a[i], views_b[j])
        for i, node in enumerate(a.nodes)
        for j, other in enumerate(b.nodes)
        if node.kind == other.kind
    }
    pairs = _assign_each_kind(a, b, alike)
    for _ in range(4):
        score = {
            (i, j): own + _paired_cables(a, b, i, j, dict(pairs)) for (i, j), own in alike.items()
        }
        better = _assign_each_kind(a, b, score)
        if better == pairs:
            break
        pairs = better
    return pairs


def _kinds(graph: Graph, nodes: Iterable[int]) -> Counter[str]:
    return Counter(graph.nodes[i].kind for i in nodes if graph.nodes[i].type != "out")


def _iou(a: Counter[str], b: Counter[str]) -> float:
    union = (a | b).total()
    return (a & b).total() / union if union else 1.0


def _parts(graph: Graph, specs: Specs) -> dict[str, Counter[str]]:
    """Node types of the bus, under the empty name, and of each track under its source."""
    segment = segments(graph, specs)
    names = {segment[i]: graph.nodes[i].source or "" for i in graph.inputs} | {0: ""}
    parts = {
        name: _kinds(graph, (i for i, s in enumerate(segment) if s == number))
        for number, name in names.items()
    }
    return {name: kinds for name, kinds in parts.items() if name or kinds}


def _views(graph: Graph) -> list[list[Counter[object]]]:
    """For each node what it looks like from nearby: neighbours, then theirs, and so on."""
    names: list[object] = [node.kind for node in graph.nodes]
    views: list[list[Counter[object]]] = [[] for _ in names]
    for _ in range(3):
        around: list[Counter[object]] = [Counter() for _ in names]
        for e in graph.edges:
            around[e.target][("from", e.kind, names[e.source])] += 1
            around[e.source][("to", e.kind, names[e.target])] += 1
        for i, seen in enumerate(around):
            views[i].append(seen)
        names = [(name, frozenset(seen.items())) for name, seen in zip(names, around, strict=True)]
    return views


def _likeness(a: list[Counter[object]], b: list[Counter[object]]) -> float:
    """Share of the surroundings that agree, added up over distances."""
    shares = []
    for near, other in zip(a, b, strict=True):
        union = (near | other).total()
        shares.append((near & other).total() / union if union else 1.0)
    return sum(shares)


def _paired_cables(a: Graph, b: Graph, i: int, j: int, pairs: dict[int, int]) -> float:
    """Share of the cables of ``i`` that ``j`` has too, between paired neighbours."""
    wanted = {(pairs.get(e.source), e.kind, "from") for e in a.incoming(i)}
    wanted |= {(pairs.get(e.target), e.kind, "to") for e in a.outgoing(i)}
    there = {(e.source, e.kind, "from") for e in b.incoming(j)}
    there |= {(e.target, e.kind, "to") for e in b.outgoing(j)}
    union = len(wanted | there)
    return len(wanted & there) / union if union else 1.0


def _assign_each_kind(a: Graph, b: Graph, score: dict[tuple[int, int], float]) -> Pairs:
    pairs = []
    for kind in sorted({node.kind for node in a.nodes}):
        rows = [i for i, node in enumerate(a.nodes) if node.kind == kind]
        columns = [j for j, node in enumerate(b.nodes) if node.kind == kind]
        chosen = assign([[-score[i, j] for j in columns] for i in rows])
        pairs += [(rows[r], columns[c]) for r, c in chosen]
    return tuple(sorted(pairs))
