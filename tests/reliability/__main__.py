"""Try many cases: ``python -m tests.reliability --count 100000``.

Seeds are worked through in shards by several processes. A finished shard is a small file, so a
stopped run goes on where it was; files of other code are in folders of their own.
"""

import hashlib
import json
import multiprocessing
import os
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from rich.console import Console

from tests.reliability.shard import Failures, try_shard

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "runs" / "test-long"
SHARD = 100
"""Seeds that a worker takes at a time."""


def main(words: Sequence[str] | None = None, tell: Callable[[str], None] | None = None) -> int:
    """Run a command line; return 1 if any case fails, of this run or of those it goes on from."""
    parser = ArgumentParser(prog="python -m tests.reliability", description=main.__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="how many seeds")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where shards are kept")
    given = parser.parse_args(words)
    tell = tell or Console(highlight=False, markup=False, soft_wrap=True).print
    folder = given.folder / code()
    folder.mkdir(parents=True, exist_ok=True)
    end = given.first + given.count
    shards = [range(i, min(i + SHARD, end)) for i in range(given.first, end, SHARD)]
    failures: Failures = {}
    missing = []
    for seeds in shards:
        if _file(folder, seeds).exists():
            found = json.loads(_file(folder, seeds).read_text(encoding="utf-8"))
            failures |= found
            _show(found, tell)
        else:
            missing.append(seeds)
    done = given.count - sum(map(len, missing))
    if done:
        tell(f"{done:,} of {given.count:,} graphs were there already")
    begin, made = time.monotonic(), 0
    for seeds, found in _tried(missing, folder, given.workers):
        failures |= found
        _show(found, tell)
        made += len(seeds)
        speed = made / (time.monotonic() - begin)
        left = (given.count - done - made) / speed / 60
        tell(
            f"{done + made:,} of {given.count:,} graphs, {len(failures)} failed, "
            f"{speed:.1f} a second, {left:.0f} min left"
        )
    names = ": " + ", ".join(sorted(failures, key=int)) if failures else ""
    tell(f"{given.count:,} graphs, {len(failures) or 'none'} failed{names}")
    return 1 if failures else 0


def code() -> str:
    """Return a name for the code under test and the test: results of other code do not count."""
    files = [*(ROOT / "src").rglob("*.py"), *Path(__file__).parent.glob("*.py")]
    files.append(ROOT / "tests" / "render" / "graphs.py")
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def _tried(shards: Sequence[range], folder: Path, workers: int) -> Iterator[tuple[range, Failures]]:
    """Try shards, in this process if one worker is enough."""
    if workers <= 1:
        yield from ((seeds, try_shard(seeds, _file(folder, seeds))) for seeds in shards)
        return
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=spawn) as pool:
        jobs = {pool.submit(try_shard, seeds, _file(folder, seeds)): seeds for seeds in shards}
        for job in as_completed(jobs):
            yield jobs[job], job.result()


def _file(folder: Path, seeds: range) -> Path:
    return folder / f"{seeds.start:09}-{seeds.stop:09}.json"


def _show(failures: Failures, tell: Callable[[str], None]) -> None:
    for message in failures.values():
        tell(message)


if __name__ == "__main__":
    raise SystemExit(main())
