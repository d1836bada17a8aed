"""Inside a process that computes: requests come in through a pipe, answers go out."""

import os
import pickle
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from threading import Lock
from typing import Any

from graphophone.studio.processes import confine

DONE, FAILED, TOLD = "done", "failed", "told"
THREADS = 64
"""More than a server asks at a time; they are begun as they are needed."""


def serve(connection: Connection, make: Callable[[], Any], memory: int) -> None:
    """Answer requests until nobody is there any more.

    A request is ``(number, method, arguments, told)``. Each is worked on in a thread of its own,
    for someone who turns a knob does not wait for a picture. With ``told`` the method is given a
    function ``tell``, whose arguments go out as they come.

    Args:
        connection: The pipe.
        make: Gives the object whose methods are asked for.
        memory: Bytes that the process may take.
    """
    confine(memory)
    target, one_at_a_time = make(), Lock()
    threads = ThreadPoolExecutor(THREADS)

    def answer(number: int, kind: str, value: Any) -> None:
        with one_at_a_time, suppress(BrokenPipeError):  # the server may be gone
            connection.send((number, kind, value))

    def teller(number: int) -> Callable[..., None]:
        return lambda *what: answer(number, TOLD, what)

    def reply(number: int, work: Future[Any]) -> None:
        error = work.exception()
        if error is None:
            answer(number, DONE, work.result())
        else:
            answer(number, FAILED, carried(error))

    try:
        while True:
            number, name, arguments, told = connection.recv()
            extra = {"tell": teller(number)} if told else {}
            work = threads.submit(getattr(target, name), *arguments, **extra)
            work.add_done_callback(partial(reply, number))
    except (EOFError, OSError):
        os._exit(0)  # the server is gone, and nobody needs what threads still do


def carried(error: BaseException) -> BaseException:
    """Return an error as it can go through a pipe; what a library says of memory, by its name."""
    said = str(error)
    if isinstance(error, RuntimeError) and ("t allocate memory" in said or "new thread" in said):
        return MemoryError(said)
    try:
        pickle.loads(pickle.dumps(error))
    except (pickle.PicklingError, TypeError, AttributeError, ValueError):
        return RuntimeError(f"{type(error).__name__}: {said}")
    return error
