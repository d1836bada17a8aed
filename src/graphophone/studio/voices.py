"""What is heard from the playhead on, at once: graphs that go on from states kept before.

A voice is one uninterrupted rendering that begins in the middle of a take. It begins with what
the nodes remembered last before that place, in the voice that sounded until then or in the
background rendering, so it costs no more than the stretch in between.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

import numpy as np

from graphophone.audio.blocks import BLOCK
from graphophone.errors import UsageError
from graphophone.graph.model import Graph
from graphophone.render.stream import Stream
from graphophone.studio.signals import Frames
from graphophone.studio.states import Snapshot
from graphophone.studio.takes import Inputs, blocks

REACH_SECONDS = 1.5
"""A state that lies further back is not gone on from."""
LEAD_SECONDS = 0.25
"""Without a state a voice begins in silence this long before it is heard."""
KEPT = 16
"""States of a voice that are kept, one a piece that was asked for."""
MOST_VOICES = 4


@dataclass
class Voice:
    """One rendering from the playhead on.

    Attributes:
        graph: The graph that sounds.
        inputs: What enters it.
        stream: The rendering.
        sample: How far it has come.
        kept: What its nodes remembered at the beginnings of the last pieces.
    """

    graph: Graph
    inputs: Inputs
    stream: Stream
    sample: int
    kept: list[Snapshot] = field(default_factory=list)

    @classmethod
    def begin(
        cls, graph: Graph, inputs: Inputs, start: int, states: list[Snapshot | None]
    ) -> "Voice":
        """Begin at a sample, from the nearest of some states."""
        reach = start - REACH_SECONDS * inputs.rate
        near = [s for s in states if s is not None and reach <= s.sample <= start]
        if near:
            state = max(near, key=lambda s: s.sample)
            stream, sample = state.resumed(graph, inputs.rate), state.sample
        else:
            stream = Stream(graph, inputs.rate)
            sample = max(0, start - round(LEAD_SECONDS * inputs.rate))
        voice = cls(graph, inputs, stream, sample)
        voice._run(start)
        return voice

    def read(self, count: int) -> Frames:
        """Return the next samples (time, 2)."""
        self.kept = [*self.kept[1 - KEPT :], Snapshot.of(self.stream, self.sample)]
        wet = self._run(self.sample + count)
        return np.concatenate(wet) if wet else np.zeros((0, 2), np.float32)

    def before(self, sample: int) -> Snapshot | None:
        """Return the last state that is not after a sample."""
        found = [s for s in self.kept if s.sample <= sample]
        return found[-1] if found else None

    def _run(self, end: int) -> list[Frames]:
        parts = []
        for block in blocks(self.inputs, self.sample, end, BLOCK):
            wet = self.stream.process(block) * self.inputs.undo
            parts.append(wet.numpy().T.astype(np.float32))
        self.sample = max(end, self.sample)
        return parts


class Voices:
    """The last few voices of one client."""

    def __init__(self) -> None:
        self._voices: OrderedDict[int, Voice] = OrderedDict()
        self._next = 1
        self._lock = Lock()

    def begin(self, graph: Graph, inputs: Inputs, start: int, states: list[Snapshot | None]) -> int:
        """Begin a voice and return its number."""
        with self._lock:
            last = next(reversed(self._voices.values()), None)
            if last is not None and last.inputs == inputs:
                states = [*states, last.before(start)]
            voice = Voice.begin(graph, inputs, start, states)
            number, self._next = self._next, self._next + 1
            self._voices[number] = voice
            while len(self._voices) > MOST_VOICES:
                self._voices.popitem(last=False)
            return number

    def read(self, number: int, start: int, count: int) -> Frames:
        """Return the next piece of a voice.

        Raises:
            UsageError: There is no such voice any more, or it is elsewhere.
        """
        with self._lock:
            voice = self._voices.get(number)
            if voice is None or voice.sample != start:
                place = "is not there any more" if voice is None else f"is at {voice.sample}"
                raise UsageError(f"voice {number} {place}, asked for {start}")
            return voice.read(count)
