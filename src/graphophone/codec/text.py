"""Graphs as text: one form to compare, one line for logs, and a listing for people."""

from collections import Counter
from collections.abc import Sequence

from graphophone.graph import Edge, Graph
from graphophone.graph.canonical import canonical
from graphophone.graph.order import decoding_order, topological
from graphophone.graph.rules import Specs
from graphophone.spec import DEPTH, GAIN


def canonical_text(graph: Graph, specs: Specs) -> str:
    """Return the same text for all listings and exact rewritings of one graph."""
    return str(canonical(graph, specs))


def one_line(graph: Graph, specs: Specs) -> str:
    """Return types and wiring in one line, with neither knobs nor levels.

    Cables in series are joined by ``>``. A node that is written more than once has a number,
    and ports are named unless they are ``in`` and ``out``:
    ``in:voice > crossover#1; #1.low > distortion > mix#2; #1.high > #2; #2 > out``.
    """
    graph = graph.reordered(_source_order(graph, specs))
    inside = [len(graph.incoming(i)) == len(graph.outgoing(i)) == 1 for i in range(len(graph))]
    inside = [
        among and graph.incoming(i)[0].inlet == "in" and graph.outgoing(i)[0].outlet == "out"
        for i, among in enumerate(inside)
    ]
    paths = []
    for start in (i for i, among in enumerate(inside) if not among):
        for edge in graph.outgoing(start):
            path = [edge]
            while inside[path[-1].target]:
                path.append(graph.outgoing(path[-1].target)[0])
            paths.append(path)

    ends = Counter(end for path in paths for end in (path[0].source, path[-1].target))
    shared = [i for i, count in sorted(ends.items()) if count > 1]
    number = {node: k for k, node in enumerate(shared, start=1)}
    seen: set[int] = set()

    def name(node: int, port: str) -> str:
        kind = "" if node in seen else graph.nodes[node].kind
        seen.add(node)
        tag = f"#{number[node]}" if node in number else ""
        return f"{kind}{tag}" + ("" if port in ("in", "out") else f".{port}")

    lines = []
    for path in paths:
        names = [name(path[0].source, path[0].outlet)]
        names += [name(e.target, e.inlet) for e in path]
        lines.append(" > ".join(names))
    return "; ".join(lines)


def describe(graph: Graph, specs: Specs, confidence: Sequence[float] | None = None) -> str:
    """List a graph for people, from its sources to ``out``.

    Each node has a line with its knobs in their units, and below it a line for each cable
    that leaves it, with level, polarity or depth.

    Args:
        graph: A valid graph, finished or prototype.
        specs: Description of each node type.
        confidence: How sure the estimate of each node is, in [0, 1], by position.
    """
    order = _source_order(graph, specs)
    number = {node: k for k, node in enumerate(order, start=1)}
    heads, width = {}, len(str(len(order)))
    for node in order:
        heads[node] = f"{number[node]:>{width}}  {graph.nodes[node].kind}"
    column = max(len(head) for head in heads.values())
    lines = []
    for node in order:
        params = specs[graph.nodes[node].type].params
        knobs = ", ".join(
            f"{name.replace('_', ' ')} {params[name].text(value)}"
            for name, value in graph.nodes[node].params
        )
        sure = "" if confidence is None else f"{100 * confidence[node]:3.0f}%  "
        lines.append(f"{heads[node]:<{column}}  {sure}{knobs}".rstrip())
        for e in sorted(graph.outgoing(node), key=lambda e: number[e.target]):
            outlet = "" if e.outlet == "out" else f"{e.outlet} "
            inlet = "" if e.inlet == "in" else f", {e.inlet}"
            target = f"{number[e.target]} {graph.nodes[e.target].kind}{inlet}"
            lines.append(f"{' ' * width}    {outlet}-> {target}{_setting(graph, specs, e)}")
    return "\n".join(lines)


def _setting(graph: Graph, specs: Specs, e: Edge) -> str:
    """Say what is set on a cable, unless it is neutral."""
    outlet = specs[graph.nodes[e.source].type].outlet(e.outlet)
    if outlet is not None and outlet.signal == "control":
        return f" (depth {DEPTH.text(e.depth)})"
    parts = [GAIN.text(e.gain_db)] if e.gain_db else []
    parts += ["inverted"] if e.invert else []
    return f" ({', '.join(parts)})" if parts else ""


def _source_order(graph: Graph, specs: Specs) -> tuple[int, ...]:
    """Order nodes from the sources on, control nodes as late as can be.

    The order is the same for every listing of the graph.
    """
    backwards = sorted(
        decoding_order(graph, specs).nodes[::-1],
        key=lambda i: specs[graph.nodes[i].type].group == "control",
    )
    return tuple(backwards[i] for i in topological(graph.reordered(backwards)))
