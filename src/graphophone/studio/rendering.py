"""A whole take through a graph, in the background: to a file, with states kept on the way."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from graphophone.graph.model import Graph
from graphophone.render.ends import TAIL_LIMIT_SECONDS, end_of_sound
from graphophone.render.stream import Stream
from graphophone.studio.signals import Signal, SignalWriter, read, stereo
from graphophone.studio.states import Snapshots
from graphophone.studio.takes import Inputs, blocks

SNAPSHOT_SECONDS = 0.5
SNAPSHOT_BYTES = 64 * 2**20
"""What the states of one rendering may take in memory."""


@dataclass
class Rendering:
    """One pass over a take; what is done can be read while the rest goes on.

    Attributes:
        graph: The graph that sounds.
        inputs: What enters it.
        path: Where the result goes.
        stopped: Set by whoever does not want it any more.
        snapshots: States along the way.
    """

    graph: Graph
    inputs: Inputs
    path: Path
    stopped: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        every = round(SNAPSHOT_SECONDS * self.inputs.rate)
        self.snapshots = Snapshots(every, SNAPSHOT_BYTES)

    def run(self, tell: Callable[[int], None] = lambda done: None) -> Signal | None:
        """Render, unless it is stopped.

        Args:
            tell: Called with how many samples are done.

        Returns:
            The finished signal, or nothing.
        """
        stream = Stream(self.graph, self.inputs.rate)
        writer = SignalWriter(self.path, self.inputs.rate)
        loudest, end = 0.0, self.inputs.samples
        limit = math.ceil(TAIL_LIMIT_SECONDS * self.inputs.rate)
        try:
            for block in blocks(self.inputs, 0, end + limit):
                if self.stopped.is_set():
                    return None
                self.snapshots.add(stream, writer.samples)
                wet = stream.process(block) * self.inputs.undo
                writer.write(wet)
                loudest = max(loudest, float(wet.abs().max()))
                tell(writer.samples)
            # An echo may follow a long pause, so all that a tail may last is there, and is cut.
            tail = stereo(read(self.path, end, limit))
            writer.shorten(end + end_of_sound(tail, loudest))
        finally:
            writer.close()
        tell(writer.samples)
        return writer.finish("result")
