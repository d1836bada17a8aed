"""What a cable carries, and what is heard without a node: one signal, to be looked at.

Of a long take a minute is looked at. It has its place in time, so that it plays beside the rest;
before it there is silence.
"""

from collections.abc import Callable
from itertools import chain
from pathlib import Path

import torch

from graphophone.audio.blocks import BLOCK
from graphophone.dsp.memory import Memory
from graphophone.errors import UsageError
from graphophone.graph.model import Graph
from graphophone.processors import ALL_SPECS
from graphophone.render.execute import Execution
from graphophone.render.plan import plan
from graphophone.render.stream import Stream
from graphophone.studio.signals import Signal, SignalWriter
from graphophone.studio.takes import Inputs, blocks

PROBE_SECONDS = 60.0
"""How much of a take is looked at."""
BEFORE_SECONDS = 15.0
"""How much of that lies before the playhead."""
LEAD_SECONDS = 2.0
"""Nodes hear what came so long before, so that echoes and gates are under way."""


def window(inputs: Inputs, start: int) -> tuple[int, int, int]:
    """Return from where nodes hear a take, and from where to where it is looked at.

    Args:
        inputs: The take.
        start: The sample at the playhead.
    """
    count = min(inputs.samples, round(PROBE_SECONDS * inputs.rate))
    first = start - round(BEFORE_SECONDS * inputs.rate)
    first = max(0, min(first, inputs.samples - count))
    return max(0, first - round(LEAD_SECONDS * inputs.rate)), first, first + count


@torch.inference_mode()
def compare(
    graph: Graph, other: Graph, inputs: Inputs, difference: bool, path: Path, start: int = 0
) -> Signal:
    """Write what another graph makes of a take, or what one graph has that the other has not.

    Args:
        graph: The graph that sounds.
        other: The same graph without a node.
        inputs: What enters both.
        difference: Whether to write the first minus the second, sample by sample.
        path: Where to.
        start: The sample at the playhead.
    """
    lead, first, end = window(inputs, start)
    streams = [Stream(g, inputs.rate) for g in ((graph, other) if difference else (other,))]
    writer = SignalWriter(path, inputs.rate)
    try:
        for block in blocks(inputs, lead, first, BLOCK):
            for stream in streams:
                stream.process(block)
        writer.skip(first)
        for block in blocks(inputs, first, end, BLOCK):
            wet = [stream.process(block) * inputs.undo for stream in streams]
            writer.write(wet[0] - wet[1] if difference else wet[0])
    finally:
        writer.close()
    return writer.finish("difference" if difference else "without")


@torch.inference_mode()
def probe(
    graph: Graph,
    inputs: Inputs,
    node: str,
    outlet: str,
    path: Path,
    start: int = 0,
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
        start: The sample at the playhead.
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
    lead, first, end = window(inputs, start)
    writer.skip(first)
    try:
        pieces = chain(blocks(inputs, lead, first, BLOCK), blocks(inputs, first, end, BLOCK))
        heard = lead
        for block in pieces:
            if stopped():
                break
            clips = {name: clip[None] for name, clip in block.items()}
            execution = Execution(whole, clips, inputs.rate, memories=memories)
            for step in whole.steps[: last + 1]:
                knobs = graph.nodes[step.node].knobs
                execution.run(step, execution.gather(step), knobs)
            signal = execution.signals[place, outlet][0]
            time = next(iter(block.values())).shape[1]
            if heard >= first:
                writer.write(signal.expand(2, time).contiguous().float())
            heard += time
    finally:
        writer.close()
    return writer.finish(f"{node}.{outlet}")
