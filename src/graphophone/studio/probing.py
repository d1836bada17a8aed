"""What a cable carries: the signal at an outlet, anywhere in a graph."""

from collections.abc import Callable
from pathlib import Path

import torch

from graphophone.audio.blocks import BLOCK
from graphophone.dsp.memory import Memory
from graphophone.errors import UsageError
from graphophone.graph.model import Graph
from graphophone.processors import ALL_SPECS
from graphophone.render.execute import Execution
from graphophone.render.plan import plan
from graphophone.studio.signals import Signal, SignalWriter
from graphophone.studio.takes import Inputs, blocks

PROBE_SECONDS = 60.0
"""How much of a take is looked at."""


@torch.inference_mode()
def probe(
    graph: Graph,
    inputs: Inputs,
    node: str,
    outlet: str,
    path: Path,
    stopped: Callable[[], bool] = lambda: False,
) -> Signal:
    """Write what comes out of a node, at the level that it has inside the graph.

    A control signal is written as two channels of its values; one with a single channel, twice.

    Args:
        graph: The graph that sounds.
        inputs: What enters it.
        node: Id of the node.
        outlet: Name of its outlet.
        path: Where to.
        stopped: Whether nobody wants it any more.

    Raises:
        UsageError: The node is not heard, or has no such outlet.
    """
    place = next((i for i, n in enumerate(graph.nodes) if n.id == node), None)
    if place is None:
        raise UsageError(f"{node} is not heard in this graph, so its cables carry nothing")
    kind = graph.nodes[place].type
    if ALL_SPECS[kind].outlet(outlet) is None:
        raise UsageError(f"{node} {kind} has no outlet {outlet!r}")
    whole = plan(graph, ALL_SPECS)
    last = next(k for k, step in enumerate(whole.steps) if step.node == place)
    memories = {step.node: Memory() for step in whole.steps}
    writer = SignalWriter(path, inputs.rate)
    samples = min(inputs.samples, round(PROBE_SECONDS * inputs.rate))
    try:
        for block in blocks(inputs, 0, samples, BLOCK):
            if stopped():
                break
            clips = {name: clip[None] for name, clip in block.items()}
            execution = Execution(whole, clips, inputs.rate, memories=memories)
            for step in whole.steps[: last + 1]:
                knobs = graph.nodes[step.node].knobs
                execution.run(step, execution.gather(step), knobs)
            signal = execution.signals[place, outlet][0]
            time = next(iter(block.values())).shape[1]
            writer.write(signal.expand(2, time).contiguous().float())
    finally:
        writer.close()
    return writer.finish(f"{node}.{outlet}")
