"""A process that works for this one; when it ends, whatever ends it, another takes its place."""

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from threading import Lock, Thread
from typing import Any, TypeVar

from graphophone.errors import WorkerError
from graphophone.studio.processes import context, ending
from graphophone.studio.workshop import DONE, TOLD, serve

Tell = Callable[..., None]
T = TypeVar("T")


@dataclass
class Run:
    """One process, from its beginning to its end.

    Attributes:
        process: The process.
        connection: This end of the pipe to it.
        waiting: Who waits for an answer, by the number of the request.
        dismissed: Whether it was ended on purpose.
    """

    process: BaseProcess
    connection: Connection
    waiting: dict[int, tuple[Future[Any], Tell | None]] = field(default_factory=dict)
    dismissed: bool = False


class Worker:
    """Asks a process, which is begun when it is first needed and whenever it is gone.

    Args:
        make: Gives the object in the process whose methods are asked for; it can be pickled.
        memory: Bytes that the process may take.
        ended: Told when the process has ended though nobody dismissed it, before those who
            wait for it are.
    """

    def __init__(
        self,
        make: Callable[[], Any],
        memory: int,
        ended: Callable[[WorkerError], None] = lambda error: None,
    ) -> None:
        self._make, self._memory, self._ended = make, memory, ended
        self._run: Run | None = None
        self._number = 0
        self._lock = Lock()

    @property
    def pid(self) -> int | None:
        """The process that works now, if there is one."""
        run = self._run
        return run.process.pid if run else None

    def ask(self, method: str, *arguments: Any, tell: Tell | None = None) -> Future[Any]:
        """Call a method of the object in the process.

        Args:
            method: Its name.
            arguments: Its arguments; they can be pickled.
            tell: Called here with whatever the method tells, if it tells anything.

        Returns:
            What will come of it: the method's value or error, or a
            :class:`graphophone.errors.WorkerError` if the process ends before.
        """
        future: Future[Any] = Future()
        with self._lock:
            if self._run is None:
                self._run = self._begin()
            self._number += 1
            self._run.waiting[self._number] = future, tell
            with suppress(OSError):  # it has just ended, which its listener is about to say
                self._run.connection.send((self._number, method, arguments, tell is not None))
        return future

    def dismiss(self) -> None:
        """End the process; whoever waits for it gets an error."""
        with self._lock:
            run, self._run = self._run, None
            if run is not None:
                run.dismissed = True
                run.process.kill()

    def _begin(self) -> Run:
        here, there = context().Pipe()
        process = context().Process(  # type: ignore[attr-defined]
            target=serve, args=(there, self._make, self._memory), daemon=True
        )
        process.start()
        there.close()  # else this process would never see the other end close
        run = Run(process, here)
        Thread(target=self._listen, args=(run,), daemon=True).start()
        return run

    def _listen(self, run: Run) -> None:
        """Hand answers to those who wait, until the process ends."""
        try:
            while True:
                number, kind, value = run.connection.recv()
                with self._lock:
                    future, tell = run.waiting[number]
                    if kind != TOLD:
                        del run.waiting[number]
                if kind == TOLD and tell is not None:
                    tell(*value)
                elif kind == DONE:
                    future.set_result(value)
                else:
                    future.set_exception(value)
        except (EOFError, OSError):
            pass
        run.process.join()
        with self._lock:
            run.connection.close()
            self._run = None if self._run is run else self._run
            waiting = [future for future, _ in run.waiting.values()]
        error = WorkerError(ending(run.process.exitcode))
        if not run.dismissed:
            self._ended(error)
        for future in waiting:
            future.set_exception(error)


class Anything:
    """Does what it is given."""

    def do(self, work: Callable[..., T], *arguments: Any, tell: Tell) -> T:
        """Call a function."""
        return work(*arguments, tell)


def hired(memory: int) -> Worker:
    """Return a worker that does whatever it is given: ask it to ``do`` a function."""
    return Worker(Anything, memory)
