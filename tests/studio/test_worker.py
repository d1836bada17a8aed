"""Processes that compute: what ends one of them ends nothing else."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
import torch

from graphophone.errors import UsageError, WorkerError
from graphophone.studio.jobs import explained
from graphophone.studio.processes import ending
from graphophone.studio.worker import Worker, hired
from tests.studio.waiting import until


class Counter:
    """Counts, for as long as its process lives."""

    def __init__(self) -> None:
        self.count = 0

    def add(self, more: int) -> int:
        """Count on."""
        self.count += more
        return self.count

    def crash(self, number: int) -> None:
        """End as a fault in compiled code would."""
        os.kill(os.getpid(), number)
        time.sleep(60)

    def refuse(self) -> None:
        """Refuse."""
        raise UsageError("not like this")

    def odd(self) -> None:
        """Fail with what cannot be sent."""
        error = KeyError("x")
        error.more = lambda: 0  # type: ignore[attr-defined]
        raise error

    def steps(self, count: int, tell: Callable[[int, str], None]) -> str:
        """Tell how far it is."""
        for k in range(count):
            tell(k, "of all")
        return "done"

    def take(self, megabytes: int) -> int:
        """Take memory."""
        return torch.ones(megabytes * 2**18).nelement()


@pytest.fixture
def mishaps() -> list[WorkerError]:
    return []


@pytest.fixture
def worker(mishaps: list[WorkerError]) -> Iterator[Worker]:
    worker = Worker(Counter, 2**28, mishaps.append)
    yield worker
    worker.dismiss()


def test_a_process_answers_tells_and_refuses(worker: Worker) -> None:
    assert [worker.ask("add", k).result(60) for k in (1, 2, 3)] == [1, 3, 6]
    told: list[tuple[int, str]] = []
    assert worker.ask("steps", 3, tell=lambda *what: told.append(what)).result(60) == "done"
    assert told == [(k, "of all") for k in range(3)]
    with pytest.raises(UsageError, match="not like this"):
        worker.ask("refuse").result(60)
    with pytest.raises(RuntimeError, match="KeyError: 'x'"):
        worker.ask("odd").result(60)
    assert worker.pid not in (None, os.getpid())


@pytest.mark.parametrize(
    ("number", "said"),
    [(signal.SIGKILL, "it was killed"), (signal.SIGSEGV, "memory that is not there")],
)
def test_after_a_crash_another_takes_its_place(
    worker: Worker, mishaps: list[WorkerError], number: int, said: str
) -> None:
    assert worker.ask("add", 5).result(60) == 5
    first = worker.pid
    crashing, beside = worker.ask("crash", int(number)), worker.ask("crash", 0)
    for asked in (crashing, beside):
        with pytest.raises(WorkerError, match=said):
            asked.result(60)
    assert [str(error) for error in mishaps] == [str(crashing.exception())]
    assert worker.ask("add", 1).result(60) == 1, "it begins anew"
    assert worker.pid != first


def test_who_is_dismissed_is_no_mishap(worker: Worker, mishaps: list[WorkerError]) -> None:
    waiting = worker.ask("crash", 0)
    worker.dismiss()
    with pytest.raises(WorkerError):
        waiting.result(60)
    assert mishaps == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds what is mapped")
def test_memory_is_bounded(worker: Worker, mishaps: list[WorkerError]) -> None:
    assert worker.ask("take", 100).result(60) == 100 * 2**18
    asked = worker.ask("take", 2_000)
    assert isinstance(asked.exception(60), MemoryError)
    assert "not enough memory" in explained(asked.exception(0) or Exception())
    assert worker.ask("add", 1).result(60) == 1, "it goes on"
    assert mishaps == []


def doubled(number: int, tell: Callable[[str], None]) -> int:
    """Work on a number."""
    tell("doubling")
    return 2 * number


def test_a_hired_worker_does_what_it_is_given() -> None:
    worker, told = hired(2**28), list[str]()
    assert worker.ask("do", doubled, 21, tell=told.append).result(60) == 42
    assert told == ["doubling"]
    worker.dismiss()


SERVER = """
import os, signal, sys
from graphophone.studio.worker import hired
worker = hired(2**28)
asked = worker.ask("do", print, tell=print)
asked.exception(60)
print(worker.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_it_ends_with_the_server() -> None:
    """A server that is killed leaves no process behind."""
    done = subprocess.run([sys.executable, "-c", SERVER], capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    pid = int(done.stdout.split()[-1])

    def gone() -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        return False

    until(gone)


def test_endings_are_said() -> None:
    assert ending(0) == "it ended by itself"
    assert ending(3) == "it ended with status 3"
    assert ending(-signal.SIGTERM) == "it got SIGTERM"
    assert ending(-signal.SIGABRT) == "it gave up"
    assert ending(-signal.SIGFPE) == "it got SIGFPE"
