"""What a set of graphs looks like: sizes, degrees, distances, how often each type occurs.

Figures are tallied graph by graph in memory that does not grow with the set: nearly all are
ratios of small whole numbers, so counting how often each pair occurs keeps everything, and
means and deciles are exact.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from graphophone.graph.extent import depth, diameter
from graphophone.graph.model import Graph

FEW = 5
"""A graph with at most so many processors is called small."""
FIGURES = {
    "nodes": "``in``, ``out`` and ``mix`` among them",
    "processors": "nodes without ``in`` and ``out``",
    "edges": "cables",
    "degree": "cables at a node, both directions counted, the mean over a graph's nodes",
    "density": "share of the possible cables, one for each ordered pair of nodes, that are there",
    "diameter": "longest shortest path in cables, direction left aside",
    "depth": "longest directed path in cables",
}
"""What is tallied of every graph."""
REFERENCE = {"nodes": 14.0, "edges": 15.0, "degree": 30 / 14, "density": 15 / (14 * 13)}
"""PCQM4Mv2, the molecules with which Lee et al. 2023, Figure 2a, compare their graphs: about 14
nodes and 15 bonds on average. Degree and density are those of a graph of just that size."""


@dataclass(frozen=True, slots=True)
class Spread:
    """One figure over all graphs of a set.

    Attributes:
        mean: Its mean.
        deciles: The eleven values from the smallest, by tenths of the set, to the largest.
    """

    mean: float
    deciles: tuple[float, ...]

    @classmethod
    def of(cls, counts: Counter[Fraction]) -> "Spread":
        """Read mean and deciles off how often each value occurs; there is at least one.

        A decile lies between two neighbours where it falls between them: definition 7 of
        Hyndman and Fan, Sample quantiles in statistical packages (1996).
        """
        values = sorted(counts)
        total = counts.total()
        ends, seen = [], 0
        for value in values:
            seen += counts[value]
            ends.append(seen)

        def at(rank: int) -> Fraction:
            return next(v for v, end in zip(values, ends, strict=True) if rank < end)

        deciles = []
        for tenth in range(11):
            whole, part = divmod(tenth * (total - 1), 10)
            low = at(whole)
            deciles.append(low + Fraction(part, 10) * (at(whole + 1) - low) if part else low)
        mean = sum(v * n for v, n in counts.items()) / total
        return cls(float(mean), tuple(float(d) for d in deciles))


@dataclass(frozen=True, slots=True)
class Statistics:
    """Figures of a set, as in the paper's Figure 2a and beyond.

    Attributes:
        graphs: How many.
        spreads: Mean and deciles of each of ``FIGURES``.
        small: Share of graphs with at most five processors.
        empty: Share of graphs with none: what came in goes out.
        types: Mean number of nodes of each type in a graph, the commonest first.
        present: Share of graphs that have at least one node of the type.
        motifs: Mean number of times each motif stands in a graph, the commonest first; over
            the graphs that say of which motifs they were made.
        told: Share of graphs that say so.
        sources: Share of graphs in which each source enters.
    """

    graphs: int
    spreads: dict[str, Spread]
    small: float
    empty: float
    types: dict[str, float]
    present: dict[str, float]
    motifs: dict[str, float]
    told: float
    sources: dict[str, float]

    @property
    def nodes(self) -> float:
        """Mean number of nodes."""
        return self.spreads["nodes"].mean

    @property
    def edges(self) -> float:
        """Mean number of cables."""
        return self.spreads["edges"].mean

    @property
    def degree(self) -> float:
        """Mean number of cables at a node."""
        return self.spreads["degree"].mean

    @property
    def density(self) -> float:
        """Mean share of the possible cables that are there."""
        return self.spreads["density"].mean

    @property
    def largest(self) -> int:
        """Most nodes of a graph."""
        return int(self.spreads["nodes"].deciles[-1])

    @property
    def processors(self) -> tuple[float, ...]:
        """Deciles of the number of processors."""
        return self.spreads["processors"].deciles

    def table(self) -> str:
        """Render :func:`statistics_table`."""
        return statistics_table(self.to_json())

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        spreads = {
            name: {"mean": spread.mean, "deciles": list(spread.deciles)}
            for name, spread in self.spreads.items()
        }
        return plain | {"spreads": spreads, "reference": REFERENCE}


def statistics_table(plain: Mapping[str, Any]) -> str:
    """Render Markdown tables: sizes beside the paper's reference, shares, types, motifs.

    Args:
        plain: What :meth:`Statistics.to_json` gave.
    """
    tenths = (0, 1, 5, 9, 10)
    lines = [
        "| figure | mean | least | 10 % | median | 90 % | most | PCQM4Mv2 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, spread in plain["spreads"].items():
        beside = f"about {REFERENCE[name]:.2g}" if name in REFERENCE else ""
        values = [spread["mean"], *(spread["deciles"][i] for i in tenths)]
        lines.append(f"| {name} | {' | '.join(f'{v:.3g}' for v in values)} | {beside} |")
    shares = {f"at most {FEW} processors": plain["small"], "no processor": plain["empty"]}
    shares |= {f"with {name}": share for name, share in plain["sources"].items()}
    lines += ["", f"| of {plain['graphs']} graphs | share |", "|---|---|"]
    lines += [f"| {name} | {share:.1%} |" for name, share in shares.items()]
    lines += ["", "| type | per graph | in |", "|---|---|---|"]
    for name, mean in plain["types"].items():
        lines.append(f"| {name} | {mean:.3f} | {plain['present'][name]:.1%} |")
    if plain["motifs"]:
        lines += ["", "| motif | per graph |", "|---|---|"]
        lines += [f"| {name} | {mean:.3f} |" for name, mean in plain["motifs"].items()]
    return "\n".join(lines)


class Tally:
    """Counts through a set of graphs, finished or prototypes, one after the other."""

    def __init__(self) -> None:
        self.graphs = self.told = 0
        self._figures: dict[str, Counter[Fraction]] = {name: Counter() for name in FIGURES}
        self._types: Counter[str] = Counter()
        self._present: Counter[str] = Counter()
        self._motifs: Counter[str] = Counter()
        self._sources: Counter[str] = Counter()

    def add(self, graph: Graph, motifs: Sequence[str] | None = None) -> None:
        """Count one graph that holds the rules, and of which motifs it says to be made."""
        nodes, edges = len(graph), len(graph.edges)
        figures = {
            "nodes": Fraction(nodes),
            "processors": Fraction(sum(node.type not in {"in", "out"} for node in graph.nodes)),
            "edges": Fraction(edges),
            "degree": Fraction(2 * edges, nodes),
            "density": Fraction(edges, nodes * (nodes - 1)),
            "diameter": Fraction(diameter(graph)),
            "depth": Fraction(depth(graph)),
        }
        for name, value in figures.items():
            self._figures[name][value] += 1
        types = [node.type for node in graph.nodes]
        self._types.update(types)
        self._present.update(set(types))
        self._sources.update(str(graph.nodes[i].source) for i in graph.inputs)
        self.graphs += 1
        if motifs is not None:
            self._motifs.update(motifs)
            self.told += 1

    def statistics(self) -> Statistics:
        """Return the figures of what was counted; at least one graph was."""
        processors = self._figures["processors"]
        small = sum(count for value, count in processors.items() if value <= FEW)

        def shares(counts: Counter[str], of: int) -> dict[str, float]:
            return {name: n / of for name, n in sorted(counts.items(), key=lambda x: (-x[1], x[0]))}

        return Statistics(
            graphs=self.graphs,
            spreads={name: Spread.of(counts) for name, counts in self._figures.items()},
            small=small / self.graphs,
            empty=processors[Fraction(0)] / self.graphs,
            types=shares(self._types, self.graphs),
            present=shares(self._present, self.graphs),
            motifs=shares(self._motifs, self.told),
            told=self.told / self.graphs,
            sources=shares(self._sources, self.graphs),
        )


def statistics(graphs: Iterable[Graph]) -> Statistics:
    """Count through a set of graphs.

    Args:
        graphs: One or more; anything that yields them, so that a set need not be in memory.
    """
    tally = Tally()
    for graph in graphs:
        tally.add(graph)
    return tally.statistics()
