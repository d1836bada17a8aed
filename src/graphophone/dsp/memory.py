"""What a processor remembers from one block of samples to the next.

A processor is a function of whole clips and knows nothing of blocks. The primitives that it
calls do: each keeps its state in an array, which is made anew for every call, unless a
:class:`Memory` is being used. Then the first block makes the arrays and later blocks find
them again in the order of the calls, which is always the same for one processor.
"""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")


class Memory:
    """The states of all primitives that one processor calls."""

    def __init__(self) -> None:
        self._states: list[Any] = []
        self._next = 0

    @property
    def states(self) -> tuple[Any, ...]:
        """What each primitive remembers, in the order of the calls; changed by every block."""
        return tuple(self._states)

    def copy(self) -> "Memory":
        """Return a memory of the same past that goes its own way from here."""
        twin = Memory()
        twin._states = copy.deepcopy(self._states)
        return twin

    @contextmanager
    def block(self) -> Iterator[None]:
        """Let the primitives called inside go on where they stopped in the last block."""
        self._next = 0
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)

    def recall(self, fresh: Callable[[], T]) -> T:
        """Return the next state, made by ``fresh`` in the first block."""
        if self._next == len(self._states):
            self._states.append(fresh())
        state: T = self._states[self._next]
        self._next += 1
        return state


_current: ContextVar[Memory | None] = ContextVar("memory", default=None)


def recall(fresh: Callable[[], T]) -> T:
    """Return the state that the calling primitive should go on from, and change in place."""
    memory = _current.get()
    return fresh() if memory is None else memory.recall(fresh)
