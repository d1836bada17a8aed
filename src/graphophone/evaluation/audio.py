"""How far a graph's sound is from the true one's, on the same dry clips."""

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from graphophone.audio.losses import Spectra, spectra, spectral_distance
from graphophone.graph.model import Graph
from graphophone.processors import SPECS
from graphophone.render.execute import execute
from graphophone.render.plan import plan
from graphophone.tensors import Audio


def with_defaults(prototype: Graph) -> Graph:
    """Set every knob and cable of a prototype to its default."""
    nodes = [node.with_knobs(SPECS[node.type].defaults()) for node in prototype.nodes]
    edges = [replace(e, gain_db=0.0, invert=False, depth=1.0) for e in prototype.edges]
    return prototype.with_parts(nodes, edges)


class Stage:
    """One example's dry clips, and what graphs sound like on them.

    A sound is remembered by its graph, for many answers are alike and each is compared with
    the same truth.
    """

    def __init__(self, dry: Mapping[str, Tensor], sample_rate: int) -> None:
        """Take the stage.

        Args:
            dry: A clip (2, time) for each source, at the reference level.
            sample_rate: Samples per second.
        """
        self.dry = {name: clip[None].contiguous() for name, clip in dry.items()}
        self.sample_rate = sample_rate
        self._spectra: dict[Graph, Spectra] = {}

    def sound(self, graph: Graph) -> Audio:
        """Render a finished graph; a source that it wants and that is not there is silent."""
        silence = torch.zeros_like(next(iter(self.dry.values())))
        dry = {
            name: self.dry.get(name, silence)
            for name in sorted(str(graph.nodes[i].source) for i in graph.inputs)
        }
        return execute(plan(graph, SPECS), dry, self.sample_rate).result()

    def spectra(self, graph: Graph) -> Spectra:
        """Return what a finished graph sounds like, as the distance sees it."""
        if graph not in self._spectra:
            self._spectra[graph] = spectra(self.sound(graph))
        return self._spectra[graph]

    def distance(self, truth: Graph, estimate: Graph) -> float:
        """Return the multi-scale spectral distance of two graphs, levels as they are.

        This is ``mss_oracle`` for the true prototype with estimated knobs, and ``mss_full``
        for a decoded graph with estimated knobs.
        """
        if truth == estimate:
            return 0.0
        return float(spectral_distance(self.spectra(truth), self.spectra(estimate))[0])

    def default_distance(self, truth: Graph, estimate: Graph) -> float:
        """Return ``mss_default``: the distance of two graphs with every knob at its default."""
        return self.distance(with_defaults(truth), with_defaults(estimate))
