"""Processes that compute: how they are begun, what they may take, and how their end is said."""

import multiprocessing
import re
import signal
import sys
from functools import cache
from multiprocessing.context import BaseContext
from pathlib import Path

LOADED = ("graphophone.studio.sounder", "graphophone.studio.working")
"""What every process needs, and the one from which they are copied has loaded."""
OFFERED = 500
"""Where memory runs out, Linux ends processes with more of this first, and so not the server."""

SAID = {
    "SIGKILL": "it was killed, perhaps because memory ran out",
    "SIGSEGV": "it touched memory that is not there",
    "SIGABRT": "it gave up",
}


@cache
def context() -> BaseContext:
    """Return the way to begin processes.

    Where there is a fork server, a process is a copy of one that has loaded all libraries and
    done nothing yet: it is there within milliseconds and shares their memory. Elsewhere each
    begins anew.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(list(LOADED))
    return found


def prepare() -> None:
    """Begin to load what processes need, so that the first of them is there sooner."""
    if context().get_start_method() == "forkserver":
        from multiprocessing import forkserver  # which is not there on every system

        forkserver.ensure_running()


def confine(memory: int) -> None:
    """Bound what this process may take from now on, and leave interrupts to the server.

    Args:
        memory: Bytes; what goes beyond them fails with a :class:`MemoryError` or PyTorch's own
            error. Only Linux counts what is mapped as well (``RLIMIT_DATA``, since 4.7); other
            systems have no such bound.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "linux":
        return
    import resource

    Path("/proc/self/oom_score_adj").write_text(str(OFFERED), encoding="ascii")
    found = re.search(r"VmData:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))
    taken = int(found.group(1)) * 1_024 if found else 0
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (taken + memory, most))


def ending(code: int | None) -> str:
    """Say how a process ended, from what :attr:`multiprocessing.Process.exitcode` says."""
    if code is None or code >= 0:
        return "it ended by itself" if not code else f"it ended with status {code}"
    name = next((s.name for s in signal.Signals if s == -code), f"signal {-code}")
    return SAID.get(name, f"it got {name}")
