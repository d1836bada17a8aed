"""Tracks of a mix: no filter on the bus may take one of them away."""

from collections.abc import Mapping

import torch
from torch import Tensor

from graphophone.dsp.energy import energy
from graphophone.dsp.lanes import lanes, signal
from graphophone.generation.hearing import BRANCH_DB, FAINT_DB, Hearing
from graphophone.generation.measure import decibels
from graphophone.graph.model import Graph
from graphophone.graph.order import topological
from graphophone.render.execute import Execution
from graphophone.render.plan import Step


class Tracks:
    """The tracks of one graph as they enter the bus and go through it.

    Whether a node on the bus can be heard is seen at the node. Whether a *track* can still be
    heard behind it is not: a steep filter, or some gentle ones in a row, may keep the cymbals and
    take the kick away, and everything done to the kick would be a false label. So each track goes
    through each filter of the bus alone, all side by side, and has to stay as loud in the mix as
    a branch must be.
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
        self.signals: Tensor | None = None
        self.faintest: list[float] = []

    def on_bus(self, node: int) -> bool:
        """Whether more than one source arrives at a node."""
        return len(self.heard[node]) > 1

    def meet(self, execution: Execution, step: Step, hearing: Hearing | None = None) -> None:
        """Keep the tracks where they first meet, and what is faintest in each."""
        met = self.signals is not None
        if met or not self.on_bus(step.node) or "in" not in step.audio:
            return
        feeds = step.audio["in"]
        arriving = [execution.signals[feed.port] * feed.factor for feed in feeds]
        self.signals = signal(lanes(torch.cat(arriving)), 2)
        self.faintest = [hearing.faintest(feed.port) if hearing else 0.0 for feed in feeds]

    def survive(self, step: Step, knobs: Mapping[str, float], execution: Execution) -> bool:
        """Whether all tracks are still there behind a filter on the bus; if so, they pass it."""
        filters = step.spec.group == "filter" and len(step.spec.outlets) == 1
        if not filters or not self.on_bus(step.node) or self.signals is None:
            return True
        behind = execution.compute(step, {"in": self.signals}, knobs)["out"]
        left = energy(behind).tolist()
        total = max(sum(left), 1e-30)
        for power, faintest in zip(left, self.faintest, strict=True):
            share = decibels(power / total)
            if share < BRANCH_DB or share + faintest < FAINT_DB:
                return False
        self.signals = behind
        return True
