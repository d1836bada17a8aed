"""Work that takes a while: one piece at a time for each client, told about as it goes on.

What computes does so in a process of its own, so that it can be stopped, and whatever ends it ends
nothing else.
"""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import asdict, dataclass
from threading import Lock
from typing import Any, TypeVar

from graphophone.errors import UsageError, WorkerError
from graphophone.server.sentences import explained
from graphophone.studio.worker import Worker, hired

Progress = Callable[[str, int, int], None]
T = TypeVar("T")
MEMORY = 4 * 2**30
"""Bytes that a piece of work may take."""


@dataclass
class Job:
    """A piece of work.

    Attributes:
        kind: What it is: ``upload``, ``estimate`` ...
        number: How many there have been, with it.
        stage: What is being done.
        done: How much of that.
        total: All of it.
        going: Whether it goes on.
        error: Why it failed, in a sentence.
        stopped: Whether the client did not want it any more.
    """

    kind: str
    number: int = 1
    stage: str = ""
    done: int = 0
    total: int = 1
    going: bool = True
    error: str | None = None
    stopped: bool = False

    def tell(self, stage: str, done: int, total: int) -> None:
        """Take down how far it is."""
        self.stage, self.done, self.total = stage, done, max(total, 1)

    def to_json(self) -> dict[str, Any]:
        """Return all of it as plain data."""
        return asdict(self)


class Jobs:
    """The work of one client.

    Args:
        executor: Who waits for it.
        memory: Bytes that each piece may take.
    """

    def __init__(self, executor: Executor, memory: int = MEMORY) -> None:
        self.job: Job | None = None
        self.memory = memory
        self._executor = executor
        self._worker: Worker | None = None
        self._lock = Lock()

    def start(self, kind: str, work: Callable[[Progress], None]) -> Job:
        """Begin a piece of work; whatever goes wrong in it ends it and nothing else.

        Raises:
            UsageError: Another one goes on.
        """
        with self._lock:
            if self.job is not None and self.job.going:
                raise UsageError(f"wait until the {self.job.kind} is done, or try again")
            before = self.job.number if self.job else 0
            job = self.job = Job(kind, before + 1)

        def end(future: Future[None]) -> None:
            error = future.exception()
            job.error = None if error is None or job.stopped else explained(error)
            job.going = False

        self._executor.submit(work, job.tell).add_done_callback(end)
        return job

    def apart(self, work: Callable[..., T], *arguments: Any, tell: Progress) -> T:
        """Call a function in a process of its own, and wait for what it gives.

        Args:
            work: The function, with ``tell`` as its last argument; it can be pickled.
            arguments: Its other arguments.
            tell: Told here what it tells.

        Raises:
            WorkerError: The process ended before, or was stopped.
        """
        worker = hired(self.memory)
        with self._lock:
            if self.job is not None and self.job.stopped:
                raise WorkerError("it was stopped")
            self._worker = worker
        try:
            done: T = worker.ask("do", work, *arguments, tell=tell).result()
        except WorkerError as error:
            raise WorkerError(
                f"the process that did this ended ({error}); nothing that was there before is lost"
            ) from None
        finally:
            worker.dismiss()
        return done

    def stop(self) -> None:
        """Give up what goes on, if anything does."""
        with self._lock:
            if self.job is None or not self.job.going:
                return
            self.job.stopped = True
            if self._worker is not None:
                self._worker.dismiss()
