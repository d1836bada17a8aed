"""A graph that runs block by block, as hardware does: memory and time do not grow with the song."""

from collections.abc import Mapping

import torch
from torch import Tensor

from graphophone.dsp.memory import Memory
from graphophone.errors import GraphError
from graphophone.graph.model import Graph
from graphophone.graph.rules import check
from graphophone.processors import ALL_SPECS
from graphophone.render.execute import execute
from graphophone.render.plan import plan


class Stream:
    """A frozen or plain graph in use; each block goes on where the last one stopped.

    All blocks together are what one rendering of the whole would be. Blocks enter at the level
    they have: whoever streams a recording knows its level or does not care.

    Args:
        graph: A finished graph whose energy is ``frozen`` or ``plain``.
        sample_rate: Samples per second of every block.

    Raises:
        GraphError: The graph breaks a rule, or its energy is a rule about whole recordings.
    """

    def __init__(self, graph: Graph, sample_rate: int) -> None:
        check(graph, ALL_SPECS)
        if graph.energy == "normalised":
            raise GraphError(
                "a normalised graph is levelled by whole recordings and cannot run block by "
                "block; freeze it first"
            )
        self.plan = plan(graph, ALL_SPECS)
        self.sample_rate = sample_rate
        self.memories = {step.node: Memory() for step in self.plan.steps}
        self.sources = tuple(str(graph.nodes[i].source) for i in graph.inputs)

    @torch.inference_mode()
    def process(self, block: Mapping[str, Tensor]) -> Tensor:
        """Return the wet block.

        Args:
            block: The next samples (2, time) of each source; any time from one sample on.

        Raises:
            GraphError: A source is missing, or blocks differ in length.
        """
        if missing := sorted(set(self.sources) - block.keys()):
            raise GraphError(f"the block has nothing for {', '.join(missing)}")
        lengths = {block[name].shape[-1] for name in self.sources}
        if len(lengths) > 1:
            raise GraphError(f"all sources of a block must be equally long, got {sorted(lengths)}")
        clips = {name: block[name][None] for name in self.sources}
        return execute(self.plan, clips, self.sample_rate, memories=self.memories).result()[0]
