"""Who shares work out: this process, several here, or a Ray cluster; the work is the same.

An engine takes a function that can be imported by name and a list of jobs, and yields each job
with its result as soon as it is there, in any order. No more jobs are under way than there are
workers, and one more each, so results that nobody has fetched yet take little memory.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import Any, Literal, TypeVar

from graphophone.errors import WorkerError

Engine = Literal["local", "ray"]
RETRIES = 5
"""How often a Ray task whose worker died is run again, on any node."""

J = TypeVar("J")
R = TypeVar("R")


def run(
    engine: Engine, work: Callable[[J], R], jobs: Sequence[J], workers: int | None = None
) -> Iterator[tuple[J, R]]:
    """Run jobs by the engine of a name and yield each with its result, in any order.

    Args:
        engine: ``local`` or ``ray``.
        work: Function that can be imported by name.
        jobs: Its arguments.
        workers: Most at a time; the engine's own choice by default.
    """
    return (ray if engine == "ray" else local)(work, jobs, workers)


def local(
    work: Callable[[J], R], jobs: Sequence[J], workers: int | None = None
) -> Iterator[tuple[J, R]]:
    """Run jobs in processes of this computer; a single one runs here.

    Args:
        work: Function that can be imported by name.
        jobs: Its arguments.
        workers: Number of processes; one a core by default.

    Raises:
        WorkerError: A process died.
    """
    workers = min(workers or os.cpu_count() or 1, len(jobs))
    if workers <= 1:
        for job in jobs:
            yield job, work(job)
        return
    executor = processes(workers)
    waiting: dict[Future[R], J] = {}
    rest = iter(jobs)
    try:
        while True:
            for job in islice(rest, 2 * workers - len(waiting)):
                waiting[executor.submit(work, job)] = job
            if not waiting:
                return
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                yield waiting.pop(future), future.result()
    except BrokenProcessPool:
        raise WorkerError(
            "a worker process died, perhaps for want of memory; run the same command again to go "
            "on, or with fewer workers"
        ) from None
    finally:
        executor.shutdown(cancel_futures=True)


def processes(workers: int) -> ProcessPoolExecutor:
    """Return worker processes that end with this one, even if it is killed."""
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_end_with_parent)


def ray(
    work: Callable[[J], R], jobs: Sequence[J], workers: int | None = None
) -> Iterator[tuple[J, R]]:
    """Run each job as a task of a Ray cluster; one whose worker dies is run again elsewhere.

    The cluster is the one that ``RAY_ADDRESS`` names, one that this program already speaks to,
    or else a local one that is started and stopped. This package must be installed on each of
    its nodes. See P. Moritz et al., Ray: A Distributed Framework for Emerging AI Applications,
    OSDI 2018, section 4.2.3, on tasks that are run again.

    Args:
        work: Function that can be imported by name.
        jobs: Its arguments.
        workers: Most tasks at a time; two a core of the cluster by default.

    Raises:
        WorkerError: Ray is not installed, no cluster answers, or a task's worker died each time.
    """
    try:
        import ray as cluster
    except ImportError:
        raise WorkerError(
            "the engine 'ray' needs Ray, which is not installed: pip install 'graphophone[ray]'"
        ) from None
    mine = not cluster.is_initialized()
    if mine:
        _join(cluster)
    try:
        cores = int(cluster.cluster_resources().get("CPU", 1))
        most = workers or 2 * cores
        task = cluster.remote(num_cpus=1, max_retries=RETRIES)(work)
        waiting: dict[Any, J] = {}
        rest = iter(jobs)
        while True:
            for job in islice(rest, most - len(waiting)):
                waiting[task.remote(job)] = job
            if not waiting:
                return
            for reference in cluster.wait(list(waiting))[0]:
                yield waiting.pop(reference), cluster.get(reference)
    except cluster.exceptions.RayTaskError as error:
        raise error.cause from None  # what the work itself raised
    except cluster.exceptions.RayError as error:
        reason = str(error).partition("\n")[0]
        raise WorkerError(f"a Ray worker died {RETRIES + 1} times at one task: {reason}") from None
    finally:
        if mine:
            cluster.shutdown()


def _join(cluster: Any) -> None:
    """Join the cluster that the environment names, or start a local one."""
    try:
        cluster.init(log_to_driver=False, configure_logging=False)
    except (ConnectionError, RuntimeError, ValueError) as error:
        where = os.environ.get("RAY_ADDRESS", "a new local one")
        reason = str(error).strip().partition("\n")[0]
        raise WorkerError(f"the Ray cluster (RAY_ADDRESS: {where}) is no help: {reason}") from None


def _end_with_parent() -> None:
    """Let a worker process end when the one that started it is gone, and not by Ctrl-C before."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_outlive, args=(parent,), daemon=True).start()


def _outlive(parent: Any) -> None:
    parent.join()
    os._exit(1)
