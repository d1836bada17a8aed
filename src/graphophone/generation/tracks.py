"""Tracks of a mix: no filter on the bus may take one of them away."""

from collections.abc import Mapping

from torch import Tensor

from graphophone.dsp.energy import energy
from graphophone.graph.model import Graph
from graphophone.graph.order import topological
from graphophone.render.execute import Execution
from graphophone.render.plan import Step

SURVIVES = 0.02
"""Share of a track's energy that a filter on the bus has to leave, relative to the share that it
leaves of the loudest survivor."""


class Tracks:
    """The tracks of one graph as they enter the bus.

    Whether a node on the bus can be heard is seen at the node. Whether a *track* can still be
    heard behind it is not: a steep filter may keep the cymbals and take the kick away, and
    everything done to the kick would be a false label. So each track goes through each linear
    filter of the bus alone.
    """

    def __init__(self, graph: Graph) -> None:
        """Find the bus: nodes that hear more than one source."""
        self.heard: dict[int, set[int]] = {}
        for node in topological(graph):
            own = {node} if graph.nodes[node].type == "in" else set()
            for edge in graph.incoming(node):
                if edge.inlet != "sidechain":
                    own |= self.heard[edge.source]
            self.heard[node] = own
        self.signals: list[Tensor] = []

    def on_bus(self, node: int) -> bool:
        """Whether more than one source arrives at a node."""
        return len(self.heard[node]) > 1

    def meet(self, execution: Execution, step: Step) -> None:
        """Keep the tracks where they first meet."""
        if self.signals or not self.on_bus(step.node) or "in" not in step.audio:
            return
        self.signals = [execution.signals[f.port] * f.factor for f in step.audio["in"]]

    def survive(self, step: Step, knobs: Mapping[str, float], execution: Execution) -> bool:
        """Whether all tracks are still there behind a filter on the bus."""
        filters = step.spec.group == "filter" and len(step.spec.outlets) == 1
        if not (filters and self.on_bus(step.node) and self.signals) or step.control:
            return True
        left = []
        for signal in self.signals:
            out = execution.compute(step, {"in": signal}, knobs)["out"]
            left.append(float(energy(out)[0]) / max(float(energy(signal)[0]), 1e-30))
        return min(left) > SURVIVES * max(left)
