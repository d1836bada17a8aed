"""Inside a process that computes: requests come in through a pipe, answers go out."""

import os
import pickle
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from threading import Lock, Thread
from typing import Any

from graphophone.studio.processes import confine

DONE, FAILED, TOLD = "done", "failed", "told"


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

    def answer(number: int, kind: str, value: Any) -> None:
        with one_at_a_time:
            connection.send((number, kind, value))

    def work(number: int, name: str, arguments: tuple[Any, ...], told: bool) -> None:
        extra = {"tell": lambda *what: answer(number, TOLD, what)} if told else {}
        try:
            kind, value = DONE, getattr(target, name)(*arguments, **extra)
        except BaseException as error:  # noqa: BLE001 - the server says it
            kind, value = FAILED, carried(error)
        with suppress(BrokenPipeError):  # the server is gone
            answer(number, kind, value)

    try:
        while True:
            Thread(target=work, args=connection.recv(), daemon=True).start()
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
