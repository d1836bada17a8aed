"""Drawing a graph's knobs while rendering it, with a test at each node that it can be heard.

The test (:mod:`graphophone.generation.hearing`) is cheap and looks at a node and what enters it.
Whether the node can still be heard behind all others is asked by
:mod:`graphophone.generation.ghosts`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from torch import Tensor

from graphophone.generation.hands import OURS, Hand, HandedExecution
from graphophone.generation.hearing import Ghost, Hearing
from graphophone.generation.patch import Ranges
from graphophone.generation.suiting import draw_cables, suited_knobs
from graphophone.generation.tracks import Tracks
from graphophone.graph.model import Graph
from graphophone.processors import SPECS
from graphophone.render.plan import plan

TRIES = 4
"""How often a node's knobs are drawn before its graph is given up."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A finished graph and the sound it makes.

    Attributes:
        graph: The graph with all knobs set.
        wet: What it makes of the dry clips, shape (2, time).
        redraws: How many nodes needed other knobs to be heard.
    """

    graph: Graph
    wet: Tensor
    redraws: int


def draw_knobs(
    prototype: Graph,
    dry: Mapping[str, Tensor],
    sample_rate: int,
    rng: Random,
    hands: Mapping[str, Hand] = OURS,
    ranges: Mapping[int, Ranges] | None = None,
) -> Drawn:
    """Draw every gain, depth and knob of a prototype while rendering it.

    Args:
        prototype: Types only.
        dry: A clip (2, time) for each source, at the reference level.
        sample_rate: Samples per second.
        rng: Where every draw comes from.
        hands: Processors of another make to render with, by type.
        ranges: Ends between which motifs want knobs of some nodes, by node.

    Returns:
        The graph, which needs no second rendering: its sound comes with it.

    Raises:
        Ghost: A node or branch could not be made audible.
    """
    graph, wanted = draw_cables(prototype, rng), ranges or {}
    execution = HandedExecution(
        plan(graph, SPECS), {k: v[None].contiguous() for k, v in dry.items()}, sample_rate, hands
    )
    nodes, redraws = list(graph.nodes), 0
    hearing, tracks = Hearing(execution), Tracks(graph)
    for step in execution.plan.steps:
        audio = execution.gather(step)
        heard = hearing.arriving(step, audio)
        tracks.meet(execution, step, hearing)
        for attempt in range(TRIES):
            knobs = suited_knobs(step.spec, heard, rng, wanted.get(step.node))
            execution.attempt(step, audio, knobs)
            if hearing.accepts(step, heard, knobs) and tracks.survive(step, knobs, execution):
                break
            redraws += 1
            if attempt == TRIES - 1:
                raise Ghost(graph.label(step.node))
        execution.release(step)
        nodes[step.node] = nodes[step.node].with_knobs(knobs)
    return Drawn(graph.with_parts(nodes, graph.edges), execution.result()[0], redraws)
