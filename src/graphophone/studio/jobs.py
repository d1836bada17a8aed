"""Work that takes a while: one piece at a time for each client, told about as it goes on."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import asdict, dataclass
from threading import Lock
from typing import Any

from graphophone.errors import UsageError
from graphophone.server.sentences import explained

Progress = Callable[[str, int, int], None]


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
    """

    kind: str
    number: int = 1
    stage: str = ""
    done: int = 0
    total: int = 1
    going: bool = True
    error: str | None = None

    def tell(self, stage: str, done: int, total: int) -> None:
        """Take down how far it is."""
        self.stage, self.done, self.total = stage, done, max(total, 1)

    def to_json(self) -> dict[str, Any]:
        """Return all of it as plain data."""
        return asdict(self)


class Jobs:
    """The work of one client.

    Args:
        executor: Who does it.
    """

    def __init__(self, executor: Executor) -> None:
        self.job: Job | None = None
        self._executor = executor
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
            job.error = None if error is None else explained(error)
            job.going = False

        self._executor.submit(work, job.tell).add_done_callback(end)
        return job
