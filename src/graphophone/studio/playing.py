"""What sounds: the newest rendering, the last finished one, and voices from the playhead."""

from concurrent.futures import Executor, Future
from pathlib import Path
from threading import Lock

from graphophone.graph.model import Graph
from graphophone.server.sentences import explained
from graphophone.studio.rendering import Rendering
from graphophone.studio.signals import Frames
from graphophone.studio.states import Snapshot
from graphophone.studio.takes import Inputs
from graphophone.studio.voices import Voices

PAUSE_SECONDS = 0.25
"""A rendering begins when no hand has turned anything for so long."""


class Playing:
    """All renderings of one session.

    Args:
        folder: Where results go.
        executor: Who renders.
    """

    def __init__(self, folder: Path, executor: Executor) -> None:
        self.folder = folder
        self.current: Rendering | None = None
        self.finished: Rendering | None = None
        self._executor = executor
        self._voices = Voices()
        self._lock = Lock()
        self._number = 0

    def begin(self, graph: Graph, inputs: Inputs) -> None:
        """Render a graph from the start, in the background; the one before is given up."""
        with self._lock:
            if self.current is not None:
                self.current.stopped.set()
            self._number += 1
            path = self.folder / f"result-{self._number}.f32"
            rendering = self.current = Rendering(self._number, graph, inputs, path)

        def end(future: Future[None]) -> None:
            error = future.exception()
            if error is not None:
                rendering.error = explained(error)
            self._tidy()

        self._executor.submit(self._run, rendering).add_done_callback(end)

    def voice(self, start: int) -> int:
        """Let what sounds now begin at a sample, and return the number of the voice."""
        current, finished = self.current, self.finished
        if current is None:
            return 0
        states: list[Snapshot | None] = [current.snapshots.before(start)]
        if finished is not None and finished.inputs is current.inputs:
            states.append(finished.snapshots.before(start))
        return self._voices.begin(current.graph, current.inputs, start, states)

    def read_voice(self, number: int, start: int, count: int) -> Frames:
        """Return the next piece of a voice (time, 2)."""
        return self._voices.read(number, start, count)

    def stop(self) -> None:
        """Render nothing any more."""
        if self.current is not None:
            self.current.stopped.set()

    def _run(self, rendering: Rendering) -> None:
        if rendering.stopped.wait(PAUSE_SECONDS):
            return
        rendering.run()

    def _tidy(self) -> None:
        """Keep the newest rendering and the last finished one; drop other files."""
        with self._lock:
            if self.current is not None and self.current.result is not None:
                self.finished = self.current
            kept = {r.path for r in (self.current, self.finished) if r is not None}
        for path in self.folder.glob("result-*.f32"):
            if path not in kept:
                path.unlink(missing_ok=True)
