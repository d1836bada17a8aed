"""What sounds, as the server knows it; a process of the session's own renders it.

Samples of a rendering travel as a file, which both map; those of a voice through the pipe.
"""

from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

from graphophone.errors import WorkerError
from graphophone.graph.model import Graph
from graphophone.server.sentences import explained
from graphophone.studio.signals import Frames, Signal, read
from graphophone.studio.sounder import Sounder
from graphophone.studio.takes import Inputs
from graphophone.studio.worker import Worker

MEMORY = 2**30
"""Bytes that the process of a session may take: what it renders lies on disk."""
TRIES = 2
"""A graph that ends the process so often is not rendered again."""
PATIENCE_SECONDS = 300.0
"""Who does not answer for so long is ended."""


@dataclass
class Pass:
    """One rendering of a take; what is done can be read while the rest goes on.

    Attributes:
        number: Which version of the graph it is.
        graph: The graph that sounds.
        inputs: What enters it.
        path: Where the result goes.
        done: Samples that are there.
        result: The finished signal, once it is.
        error: Why it could not be finished, in a sentence.
        stopped: Whether nobody wants it any more.
        tries: How often it was begun.
    """

    number: int
    graph: Graph
    inputs: Inputs
    path: Path
    done: int = 0
    result: Signal | None = None
    error: str | None = None
    stopped: bool = False
    tries: int = 0

    @property
    def total(self) -> int:
        """Samples that there will be, without the tail until it is known."""
        return self.result.samples if self.result else max(self.inputs.samples, self.done)

    @property
    def going(self) -> bool:
        """Whether there is more to come."""
        return self.result is None and self.error is None and not self.stopped

    def read(self, start: int, count: int) -> Frames:
        """Return samples (time, 2) that are done."""
        return read(self.path, start, min(count, self.done - start))

    def tell(self, done: int) -> None:
        """Take down how far it is."""
        self.done = done


class Playing:
    """All renderings of one session.

    Attributes:
        current: The newest rendering.
        finished: The last finished one.
        mishaps: Sentences about processes that ended before their time, the last one last.

    Args:
        folder: Where results go.
        memory: Bytes that the process may take.
    """

    def __init__(self, folder: Path, memory: int = MEMORY) -> None:
        self.folder = folder
        self.current: Pass | None = None
        self.finished: Pass | None = None
        self.mishaps: list[str] = []
        self.worker = Worker(Sounder, memory, self._mishap)
        self._lock = Lock()
        self._number = 0

    def begin(self, graph: Graph, inputs: Inputs) -> None:
        """Render a graph from the start, in the background; the one before is given up."""
        with self._lock:
            if self.current is not None:
                self.current.stopped = True
            self._number += 1
            path = self.folder / f"result-{self._number}.f32"
            self.current = Pass(self._number, graph, inputs, path)
        self._render(self.current)

    def voice(self, start: int) -> int:
        """Let what sounds now begin at a sample, and return the number of the voice."""
        current = self.current
        if current is None:
            return 0
        return int(self.ask("begin_voice", current.graph, current.inputs, start))

    def read_voice(self, number: int, start: int, count: int) -> Frames:
        """Return the next piece of a voice (time, 2).

        Raises:
            UsageError: There is no such voice any more, or it is elsewhere.
            WorkerError: The process ended, and the voice with it.
        """
        frames: Frames = self._answer(self.worker.ask("read_voice", number, start, count))
        return frames

    def ask(self, method: str, *arguments: Any) -> Any:
        """Let the process do something, and once more if it ends meanwhile.

        Raises:
            WorkerError: It ended twice.
        """
        try:
            return self._answer(self.worker.ask(method, *arguments))
        except WorkerError:
            return self._answer(self.worker.ask(method, *arguments))

    def stop(self) -> None:
        """Render nothing any more."""
        if self.current is not None:
            self.current.stopped = True
        self.worker.dismiss()

    def _render(self, it: Pass) -> None:
        it.tries, it.done = it.tries + 1, 0
        asked = self.worker.ask("render", it.graph, it.inputs, it.path, tell=it.tell)
        asked.add_done_callback(partial(self._end, it))

    def _end(self, it: Pass, asked: Future[Signal | None]) -> None:
        error = asked.exception()
        if error is None:
            it.result = asked.result()
        elif isinstance(error, WorkerError) and it.going and it.tries < TRIES:
            self._render(it)
            return
        elif isinstance(error, WorkerError):
            it.error = (
                f"this graph cannot be rendered: the process that did ended {it.tries} times "
                f"({error}); undo, or change the graph"
            )
        else:
            it.error = explained(error)
        self._tidy()

    def _mishap(self, error: WorkerError) -> None:
        self.mishaps.append(
            f"the process that renders ended ({error}); it was begun again, and no edit is lost"
        )

    def _answer(self, asked: Future[Any]) -> Any:
        try:
            return asked.result(PATIENCE_SECONDS)
        except TimeoutError:
            self.worker.dismiss()
            raise WorkerError(f"it took more than {PATIENCE_SECONDS:g} s") from None

    def _tidy(self) -> None:
        """Keep the newest rendering and the last finished one; drop other files."""
        with self._lock:
            if self.current is not None and self.current.result is not None:
                self.finished = self.current
            kept = {r.path for r in (self.current, self.finished) if r is not None}
        for path in self.folder.glob("result-*.f32"):
            if path not in kept:
                path.unlink(missing_ok=True)
