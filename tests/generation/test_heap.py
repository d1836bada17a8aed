"""Free memory goes back to the system where the C library can give it, and nothing breaks else."""

import ctypes
import sys
from pathlib import Path

import numpy as np
import pytest

from graphophone.generation import heap

BLOCK, COUNT = 64_000, 1_000
"""Below the size from which glibc asks the system for memory of its own, so in the heap."""


def _resident() -> int:
    """Return the bytes of this process that are in memory."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


def _glibc() -> bool:
    return sys.platform == "linux" and hasattr(ctypes.CDLL(None), "gnu_get_libc_version")


@pytest.mark.skipif(not _glibc(), reason="gives memory back through glibc alone")
def test_what_is_free_between_blocks_in_use_is_given_back() -> None:
    blocks = [np.ones(BLOCK, np.uint8) for _ in range(COUNT)]
    kept = blocks[::16]
    del blocks
    before = _resident()

    assert heap.trim()

    assert before - _resident() > BLOCK * COUNT // 2
    assert all(int(block.sum()) == BLOCK for block in kept)


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    assert not heap.trim()


def test_a_system_without_a_name_for_all_that_is_loaded_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: object) -> None:
        raise TypeError("a library needs a name")

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    assert not heap.trim()
