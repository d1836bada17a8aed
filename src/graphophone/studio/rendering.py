"""A whole take through a graph, in the background: to a file, with states kept on the way."""

import math
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from graphophone.graph.model import Graph
from graphophone.render.ends import TAIL_LIMIT_SECONDS, end_of_sound
from graphophone.render.stream import Stream
from graphophone.studio.signals import Frames, Signal, SignalWriter, read, stereo
from graphophone.studio.states import Snapshots
from graphophone.studio.takes import Inputs, blocks

SNAPSHOT_SECONDS = 0.5
SNAPSHOT_BYTES = 64 * 2**20
"""What the states of one rendering may take in memory."""


@dataclass
class Rendering:
    """One pass over a take; what is done can be read while the rest goes on.

    Attributes:
        number: Which version of the graph it is.
        graph: The graph that sounds.
        inputs: What enters it.
        path: Where the result goes.
        done: Samples that are there.
        result: The finished signal, once it is.
        error: Why it could not be finished, in a sentence.
        stopped: Set by whoever does not want it any more.
        snapshots: States along the way.
    """

    number: int
    graph: Graph
    inputs: Inputs
    path: Path
    done: int = 0
    result: Signal | None = None
    error: str | None = None
    stopped: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        every = round(SNAPSHOT_SECONDS * self.inputs.rate)
        self.snapshots = Snapshots(every, SNAPSHOT_BYTES)

    @property
    def total(self) -> int:
        """Samples that there will be, without the tail until it is known."""
        return self.result.samples if self.result else max(self.inputs.samples, self.done)

    @property
    def going(self) -> bool:
        """Whether there is more to come."""
        return self.result is None and self.error is None and not self.stopped.is_set()

    def read(self, start: int, count: int) -> Frames:
        """Return samples (time, 2) that are done."""
        return read(self.path, start, min(count, self.done - start))

    def run(self) -> None:
        """Render, unless it is stopped."""
        stream = Stream(self.graph, self.inputs.rate)
        writer = SignalWriter(self.path, self.inputs.rate)
        loudest, end = 0.0, self.inputs.samples
        limit = math.ceil(TAIL_LIMIT_SECONDS * self.inputs.rate)
        try:
            for block in blocks(self.inputs, 0, end + limit):
                if self.stopped.is_set():
                    return
                self.snapshots.add(stream, self.done)
                wet = stream.process(block) * self.inputs.undo
                writer.write(wet)
                loudest = max(loudest, float(wet.abs().max()))
                self.done = writer.samples
            # An echo may follow a long pause, so all that a tail may last is there, and is cut.
            tail = stereo(read(self.path, end, limit))
            writer.shorten(end + end_of_sound(tail, loudest))
        finally:
            writer.close()
        self.done = writer.samples
        self.result = writer.finish("result")
