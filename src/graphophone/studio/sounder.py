"""What sounds and what is measured of it, inside the process of one session.

All of it can be made again: graphs and takes come with every request, and nothing is kept here
but states that sound goes on from.
"""

from collections.abc import Callable
from pathlib import Path
from threading import Lock

from graphophone.graph.model import Graph
from graphophone.studio import evidence, exports, measures, pictures, probing
from graphophone.studio.rendering import Rendering
from graphophone.studio.signals import Frames, Signal
from graphophone.studio.takes import Inputs
from graphophone.studio.voices import Voices

PAUSE_SECONDS = 0.25
"""A rendering begins when no hand has turned anything for so long."""


class Sounder:
    """The newest rendering, the last finished one, and voices from the playhead."""

    def __init__(self) -> None:
        self._current: Rendering | None = None
        self._finished: Rendering | None = None
        self._voices = Voices()
        self._lock = Lock()

    def render(
        self, graph: Graph, inputs: Inputs, path: Path, tell: Callable[[int], None]
    ) -> Signal | None:
        """Render a graph from the start; the one before is given up.

        Returns:
            The finished signal, or nothing where another graph came.
        """
        with self._lock:
            if self._current is not None:
                self._current.stopped.set()
            rendering = self._current = Rendering(graph, inputs, path)
        if rendering.stopped.wait(PAUSE_SECONDS):
            return None
        signal = rendering.run(tell)
        if signal is not None:
            self._finished = rendering
        return signal

    def begin_voice(self, graph: Graph, inputs: Inputs, start: int) -> int:
        """Let a graph begin at a sample, from the nearest states, and return the voice's number."""
        known = [r for r in (self._current, self._finished) if r is not None]
        states = [r.snapshots.before(start) for r in known if r.inputs == inputs]
        return self._voices.begin(graph, inputs, start, states)

    def read_voice(self, number: int, start: int, count: int) -> Frames:
        """Return the next piece of a voice (time, 2)."""
        return self._voices.read(number, start, count)

    probe = staticmethod(probing.probe)
    compare = staticmethod(probing.compare)
    evidence = staticmethod(evidence.evidence)
    measured = staticmethod(measures.of_signals)
    spectrogram = staticmethod(pictures.spectrogram)
    export = staticmethod(exports.written)
