"""Where a fit begins: what a model hears in the wet recording, and nothing at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from graphophone.errors import UsageError
from graphophone.graph.build import GraphBuilder
from graphophone.graph.model import Graph
from graphophone.models.listen import Estimate
from graphophone.processors import SPECS

TRUST = 8.0
"""How much likelier a type is drawn that all readings have."""


@dataclass(frozen=True)
class Starts:
    """Graphs to begin with.

    Attributes:
        graphs: The one that the fit is measured against first.
        prior: How likely each type is to be drawn, 1 where nothing is said.
        notes: What was assumed, in sentences.
    """

    graphs: Sequence[Graph]
    prior: Mapping[str, float]
    notes: tuple[str, ...] = ()


def bypass(sources: Sequence[str], rate: int) -> Graph:
    """Return the graph that does nothing but add its sources up."""
    builder = GraphBuilder(SPECS)
    ins = [builder.add("in", source=name) for name in sources]
    end = builder.add("out")
    if len(ins) > 1:
        mix = builder.add("mix")
        for one in ins:
            builder.connect(one, mix)
        ins = [mix]
    builder.connect(ins[0], end)
    return builder.graph(sample_rate=rate)


def heard(estimate: Estimate, sources: Sequence[str], rate: int) -> Starts:
    """Return the k best graphs of an estimate, and the bypass behind them.

    A graph for one source takes any one recording. Others are left out unless their sources are
    those that were given.
    """
    readings = [(estimate.graph, estimate.verdict.share)]
    readings += [(other.graph, other.share) for other in estimate.alternatives]
    prior: dict[str, float] = {}
    graphs = []
    for graph, share in readings:
        for type_ in {node.type for node in graph.nodes}:
            prior[type_] = prior.get(type_, 1.0) + TRUST * share
        if fitting := renamed(graph, sources):
            graphs.append(replace(fitting, sample_rate=rate))
    notes: tuple[str, ...] = ()
    if not graphs or renamed(estimate.graph, sources) is None:
        names = ", ".join(
            sorted(str(estimate.graph.nodes[i].source) for i in estimate.graph.inputs)
        )
        notes = (
            f"the estimate has the inputs {names}, not those given: the fit begins without it",
        )
    return Starts([*graphs, bypass(sources, rate)], prior, notes)


def begun(graph: Graph, sources: Sequence[str]) -> Starts:
    """Return a graph of the user's, and the bypass behind it.

    Raises:
        UsageError: Its sources are not those given.
    """
    fitting = renamed(graph, sources)
    if fitting is None:
        names = ", ".join(sorted(str(graph.nodes[i].source) for i in graph.inputs))
        raise UsageError(
            f"the graph has the inputs {names}, but recordings are given for {', '.join(sources)}"
        )
    plain = replace(fitting, energy="normalised")
    nodes = [replace(node, scale_db=None) for node in plain.nodes]
    plain = plain.with_parts(nodes, plain.edges)
    return Starts([plain, bypass(sources, graph.sample_rate)], {})


def renamed(graph: Graph, sources: Sequence[str]) -> Graph | None:
    """Return a graph for some sources; nothing where it has others."""
    names = {str(graph.nodes[i].source) for i in graph.inputs}
    if names == set(sources):
        return graph
    if len(names) == len(sources) == 1:
        nodes = [
            replace(node, source=sources[0]) if node.type == "in" else node for node in graph.nodes
        ]
        return graph.with_parts(nodes, graph.edges)
    return None
