"""Time and error of everyone who takes part in a case."""

import gc
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

import numba
import torch
from torch import Tensor

from graphophone.benchmark.cases import Case, Scale
from graphophone.benchmark.contender import FAILURES, Contender, Peer, Run, effect
from graphophone.benchmark.machine import copying_speed


@dataclass(frozen=True, slots=True)
class Patience:
    """When enough has been measured: after so many runs and so many seconds of each.

    Attributes:
        runs: Runs to take at least, unless they last long.
        seconds: Seconds to measure at least.
        longest: Seconds after which to stop, however few the runs.
    """

    runs: int = 5
    seconds: float = 2.0
    longest: float = 20.0

    def ends(self, times: Sequence[float]) -> bool:
        """Whether these times are enough."""
        spent = sum(times)
        return spent >= self.longest or (len(times) >= self.runs and spent >= self.seconds)


@dataclass(frozen=True, slots=True)
class Row:
    """What one tool did in one case.

    Attributes:
        case: Name of the case.
        tool: Name of the tool.
        seconds: Median time of a run.
        fastest: Shortest time.
        runs: How many were timed.
        error: Deviation from the law.
        unit: What it is counted in.
        against: The law.
        ratio: The tool's seconds over ours.
        rate: Clips or graphs a second, where a run does several.
        note: What a reader must know.
        skipped: Why there is nothing.
        slowest: Longest time, of a stream's blocks.
        share: Bytes that have to be moved over those that a copy moves in the same time.
    """

    case: str
    tool: str
    seconds: float | None = None
    fastest: float | None = None
    runs: int = 0
    error: float | None = None
    unit: str = ""
    against: str = ""
    ratio: float | None = None
    rate: float | None = None
    note: str = ""
    skipped: str = ""
    slowest: float | None = None
    share: float | None = None


def use_threads(count: int) -> None:
    """Let everything that computes in threads have equally many."""
    numba.set_num_threads(min(count, numba.config.NUMBA_NUM_THREADS))  # type: ignore[attr-defined]
    torch.set_num_threads(count)  # afterwards: numba's start of its threads changes torch's


def measured(case: Case, peers: Iterable[Peer], scale: Scale, patience: Patience) -> list[Row]:
    """Run a case with ours first, then every peer's ways of doing it.

    Everyone runs once before the clock starts, so nothing is compiled or looked up in the timed
    runs. Then all take turns, so that what else the machine does hits all alike.

    Args:
        case: What to do.
        peers: Who takes part; the first one is ours.
        scale: Size of the signals.
        patience: How long to measure.

    Returns:
        A row for each, in the order of the peers.
    """
    material = case.material(scale)
    rows: list[Row] = []
    runs: dict[int, Run] = {}
    traffic: dict[int, int] = {}
    for peer in peers:
        for contender in peer.contenders(case.job):
            row = Row(case.name, contender.tool, note=contender.note)
            reason = peer.missing()
            if reason is None:
                try:
                    runs[len(rows)], row = warmed(contender, material, row)
                    if contender.traffic:
                        traffic[len(rows)] = contender.traffic(material)
                except FAILURES as error:
                    reason = f"{type(error).__name__}: {error}"
            rows.append(row if reason is None else skipped(row, reason))
    times = in_turns(runs, patience)
    ours = median(times[0]) if times.get(0) else None
    count = len(material) * case.job.copies if case.batched else 1
    timed = [filled(row, times.get(i, []), ours, count) for i, row in enumerate(rows)]
    for number, moved in traffic.items():
        speed = moved / median(times[number])
        timed[number] = replace(timed[number], share=speed / copying_speed(case.job.device))
    if case.job.shape != "stream":
        return timed
    return [
        replace(row, slowest=max(times.get(i, []), default=None)) for i, row in enumerate(timed)
    ]


def warmed(contender: Contender, material: Tensor, row: Row) -> tuple[Run, Row]:
    """Run once, and hold the result against the law."""
    run = contender.prepare(material)
    run()
    law = contender.law
    if law is None:
        return run, row
    error = law.deviation(effect(contender.still or contender.prepare), material)
    return run, Row(row.case, row.tool, error=error, unit=law.unit, against=law.text, note=row.note)


def in_turns(runs: Mapping[int, Run], patience: Patience) -> dict[int, list[float]]:
    """Time everyone's runs by turns until each has been measured enough."""
    times: dict[int, list[float]] = {number: [] for number in runs}
    waiting = dict(runs)
    while waiting:
        for number, run in list(waiting.items()):
            gc.collect(0)
            start = time.perf_counter()
            run()
            times[number].append(time.perf_counter() - start)
            if patience.ends(times[number]):
                del waiting[number]
    return times


def filled(row: Row, times: Sequence[float], ours: float | None, count: int) -> Row:
    """Return a row with its times."""
    if not times:
        return row
    middle = median(times)
    return replace(
        row,
        seconds=middle,
        fastest=min(times),
        runs=len(times),
        ratio=middle / ours if ours else None,
        rate=count / middle if count > 1 else None,
    )


def skipped(row: Row, reason: str) -> Row:
    """Return a row that says why there is nothing, in one line."""
    line = " ".join(reason.split())
    return Row(row.case, row.tool, skipped=line if len(line) < 200 else line[:197] + "...")
