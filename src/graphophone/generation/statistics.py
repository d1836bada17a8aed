"""What a set of graphs looks like: sizes, degrees, how often each type occurs."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean, quantiles
from typing import Any

from graphophone.graph.model import Graph


@dataclass(frozen=True, slots=True)
class Statistics:
    """Figures of a set, as in the paper's Figure 2a.

    Attributes:
        graphs: How many.
        nodes: Mean number of nodes, ``in``, ``out`` and ``mix`` among them.
        edges: Mean number of cables.
        degree: Mean number of cables at a node, both directions counted.
        density: Mean share of the possible cables, one for each ordered pair, that are there.
        largest: Most nodes of a graph.
        processors: Deciles of the number of nodes without ``in`` and ``out``, from the
            smallest to the largest.
        small: Share of graphs with at most five processors.
        empty: Share of graphs with none: what came in goes out.
        types: Mean number of nodes of each type in a graph, the commonest first.
        sources: Share of graphs in which each source enters.
    """

    graphs: int
    nodes: float
    edges: float
    degree: float
    density: float
    largest: int
    processors: tuple[float, ...]
    small: float
    empty: float
    types: dict[str, float]
    sources: dict[str, float]

    def table(self) -> str:
        """Render two Markdown tables: the set as a whole, then its node types."""
        rows = [
            ("graphs", f"{self.graphs}"),
            ("nodes", f"{self.nodes:.2f}"),
            ("cables", f"{self.edges:.2f}"),
            ("degree", f"{self.degree:.2f}"),
            ("density", f"{self.density:.3f}"),
            ("most nodes", f"{self.largest}"),
            ("processors, deciles", " ".join(f"{d:g}" for d in self.processors)),
            ("at most five processors", f"{self.small:.1%}"),
            ("no processor", f"{self.empty:.1%}"),
            *((f"with {name}", f"{share:.1%}") for name, share in self.sources.items()),
        ]
        lines = ["| figure | value |", "|---|---|", *(f"| {a} | {b} |" for a, b in rows)]
        lines += ["", "| type | per graph |", "|---|---|"]
        return "\n".join(lines + [f"| {t} | {mean:.3f} |" for t, mean in self.types.items()])

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {name: getattr(self, name) for name in self.__slots__} | {
            "processors": list(self.processors)
        }


def statistics(graphs: Iterable[Graph]) -> Statistics:
    """Count through a set of graphs, finished or prototypes.

    Args:
        graphs: One or more; anything that yields them, so that a set need not be in memory.
    """
    sizes: list[tuple[int, int, int]] = []
    types: Counter[str] = Counter()
    sources: Counter[str] = Counter()
    for graph in graphs:
        processors = sum(node.type not in {"in", "out"} for node in graph.nodes)
        sizes.append((len(graph), len(graph.edges), processors))
        types.update(node.type for node in graph.nodes)
        sources.update(str(graph.nodes[i].source) for i in graph.inputs)
    count = len(sizes)
    amounts = [processors for *_, processors in sizes]
    cuts = quantiles(amounts, n=10, method="inclusive") if count > 1 else amounts * 9
    return Statistics(
        graphs=count,
        nodes=fmean(nodes for nodes, *_ in sizes),
        edges=fmean(edges for _, edges, _ in sizes),
        degree=fmean(2 * edges / nodes for nodes, edges, _ in sizes),
        density=fmean(edges / (nodes * (nodes - 1)) for nodes, edges, _ in sizes),
        largest=max(nodes for nodes, *_ in sizes),
        processors=(min(amounts), *cuts, max(amounts)),
        small=sum(n <= 5 for n in amounts) / count,
        empty=sum(n == 0 for n in amounts) / count,
        types={name: n / count for name, n in types.most_common()},
        sources={name: n / count for name, n in sources.most_common()},
    )
