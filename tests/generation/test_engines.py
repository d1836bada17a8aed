"""Engines run every job once, keep few results waiting, and do not outlive who started them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from graphophone.errors import FormatError, WorkerError
from graphophone.generation import engines
from tests.generation import chores

ROOT = Path(__file__).parents[2]


def test_one_job_or_one_worker_runs_here() -> None:
    assert list(engines.local(chores.whose, [1], 8)) == [(1, os.getpid())]
    assert list(engines.local(chores.whose, [1, 2], 1)) == [(1, os.getpid()), (2, os.getpid())]
    assert list(engines.local(chores.whose, [], 8)) == []


def test_every_job_is_run_once_in_other_processes() -> None:
    done = list(engines.local(chores.whose, range(20), 2))
    assert sorted(job for job, _ in done) == list(range(20))
    assert os.getpid() not in {pid for _, pid in done}


def test_what_the_work_raises_is_raised_here() -> None:
    with pytest.raises(FormatError, match="job 3 cannot be done"):
        list(engines.local(chores.refuse, [3, 3], 2))


def test_a_worker_that_dies_is_told_in_a_sentence() -> None:
    with pytest.raises(WorkerError, match="a worker process died, perhaps for want of memory"):
        list(engines.local(chores.die, [1, 2], 2))


def test_workers_end_when_the_one_who_started_them_is_killed() -> None:
    code = (
        "from graphophone.generation import engines\n"
        "from tests.generation import chores\n"
        "if __name__ == '__main__':\n"
        "    list(engines.local(chores.tell, range(100), 2))\n"
    )
    path = os.pathsep.join([str(ROOT), *sys.path])
    parent = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": path},
        text=True,
    )
    assert parent.stdout is not None
    workers = {int(parent.stdout.readline()) for _ in range(6)}
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert workers
    deadline = time.monotonic() + 20
    while alive := [pid for pid in workers if runs(pid)]:
        assert time.monotonic() < deadline, f"{alive} live on"
        time.sleep(0.05)


def runs(pid: int) -> bool:
    """Say whether a process is there and no zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    try:
        return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture(scope="module")
def cluster() -> Iterator[object]:
    ray = pytest.importorskip("ray", reason="Ray is not installed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), *sys.path]))
        patch.delenv("RAY_ADDRESS", raising=False)
        ray.init(num_cpus=2, log_to_driver=False, configure_logging=False)
        yield ray
        ray.shutdown()


@pytest.mark.filterwarnings("ignore")
def test_ray_runs_every_job_once_and_again_where_a_worker_died(
    cluster: object, tmp_path: Path
) -> None:
    done = list(engines.ray(chores.whose, range(7), None))
    assert sorted(job for job, _ in done) == list(range(7))
    assert os.getpid() not in {pid for _, pid in done}
    jobs = [(n, str(tmp_path)) for n in range(4)]
    assert sorted(engines.ray(chores.die_at_first, jobs, 2)) == [(job, job[0]) for job in jobs]
    assert len(list(tmp_path.iterdir())) == 4
    with pytest.raises(FormatError, match="job 3 cannot be done"):
        list(engines.ray(chores.refuse, [3, 3], 2))


def test_a_cluster_that_cannot_be_joined_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Unreachable:
        """Stands in for Ray."""

        @staticmethod
        def is_initialized() -> bool:
            return False

        @staticmethod
        def init(**_: object) -> None:
            raise ConnectionError("ray client connection timeout\nand more")

    monkeypatch.setitem(sys.modules, "ray", Unreachable)
    monkeypatch.setenv("RAY_ADDRESS", "10.9.8.7:6379")
    with pytest.raises(WorkerError, match=r"\(RAY_ADDRESS: 10\.9\.8\.7:6379\) is no help: ray cl"):
        list(engines.ray(chores.whose, [1], 1))


def test_without_ray_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(WorkerError, match=r"is not installed: pip install 'graphophone\[ray\]'"):
        list(engines.ray(chores.whose, [1], 1))
