"""Files that are whole or absent, folders that one program writes to, and room for what comes."""

import math
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from graphophone.errors import StorageError
from graphophone.generation.item import Task
from graphophone.generation.recipe import Store

TEMPORARY = ".part"
EXPECTED: dict[Task, dict[Store, int]] = {
    "singing": {"graphs": 4_000, "features": 115_000, "dry": 170_000, "audio": 750_000},
    "drums": {
        "graphs": 4_000,
        "features": 125_000,
        "dry": 190_000,
        "stems": 340_000,
        "audio": 1_450_000,
    },
}
"""Bytes of an example, headers included: the mean of 40 ``wide`` ones, and a tenth more."""


def put(path: Path, parts: Iterable[bytes]) -> None:
    """Write a file under a temporary name, then rename it: it is whole or absent."""
    temporary = path.with_name(path.name + TEMPORARY)
    try:
        with temporary.open("wb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)  # there only if something stopped it


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other programs from making a set in the same folder, where the system can.

    Raises:
        StorageError: Another one is at it.
    """
    try:
        import fcntl
    except ImportError:  # there is no such lock on Windows
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StorageError(f"{folder} is being written by another run") from None
        except OSError:
            pass  # a file system without locks
        yield
    finally:
        os.close(handle)  # which gives the lock back, as does the end of the program


def make_room(folder: Path, task: Task, store: Store, count: int) -> tuple[int, int]:
    """Estimate what examples will take, and make sure that there is room.

    Returns:
        Bytes that will be taken, and bytes that are free.

    Raises:
        StorageError: There is not.
    """
    needed = EXPECTED[task][store] * count
    there = folder
    while not there.exists():
        there = there.parent
    free = shutil.disk_usage(there).free
    if needed > free:
        raise StorageError(
            f"{count} examples will take about {size(needed)}, and the disk of {folder} "
            f"has {size(free)} free; ask for fewer, or store less"
        )
    return needed, free


def clear_temporary(folder: Path) -> None:
    """Remove what a run that was killed was writing."""
    for path in folder.glob(f"*{TEMPORARY}"):
        path.unlink(missing_ok=True)


def remove(path: Path) -> None:
    """Remove a folder if it is there and empty."""
    with suppress(OSError):
        path.rmdir()


def size(amount: float) -> str:
    """Say a number of bytes."""
    units = ("bytes", "kB", "MB", "GB", "TB")
    power = min(len(units) - 1, int(math.log10(max(amount, 1)) / 3))
    return f"{amount / 1_000**power:.3g} {units[power]}"
