"""Jobs that other processes can import."""

import os
import signal
import sys
import time
from pathlib import Path

from graphophone.errors import FormatError


def whose(job: int) -> int:
    return os.getpid()


def tell(job: int) -> None:
    sys.stdout.write(f"{os.getpid()}\n")
    sys.stdout.flush()
    time.sleep(0.1)


def refuse(job: int) -> None:
    raise FormatError(f"job {job} cannot be done")


def die(job: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_at_first(job: tuple[int, str]) -> int:
    number, folder = job
    trace = Path(folder) / str(number)
    if not trace.exists():
        trace.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number
