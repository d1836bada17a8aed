"""All rows of the paper's Table 2 on one set, from weights that training left."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from graphophone.errors import UsageError
from graphophone.evaluation.analysis import ANALYSES
from graphophone.evaluation.hearing import judged
from graphophone.evaluation.pooling import pooled, ties
from graphophone.evaluation.result import METRICS, Figures, complete, skill
from graphophone.evaluation.suites import BATCH, EVALUATION_SEEDS, Counter, Progress, examples
from graphophone.evaluation.tally import Figure, Score
from graphophone.generation.item import Task
from graphophone.models.estimator import Estimator
from graphophone.sources import open_pool
from graphophone.sources.pools import KINDS

WEIGHTS = "weights.safetensors"
OWN = frozenset({"name", "row", "train.seed", "model.conditioning", "model.decoding"})
"""Settings in which runs may differ and still have had the same data, budget and tuning."""
PASSING = ("log_", "measure_", "checkpoint_", "device", "threads", "max_minutes")
"""Settings of training that change no weight."""


@dataclass(frozen=True)
class Run:
    """One trained model.

    Attributes:
        folder: Where it lies.
        estimator: The model.
    """

    folder: Path
    estimator: Estimator

    @property
    def row(self) -> str:
        """Number of its row; row 4 of a model that hears stems is ``4 stems``."""
        config = self.estimator.model.config
        return f"{config.row} stems" if config.conditioning == "stems" else str(config.row)

    @property
    def seed(self) -> int:
        """What its training began from."""
        told = _flat(self.estimator.weights.notes.get("config", {}))
        return int(told.get("train.seed", 0))

    @property
    def settings(self) -> dict[str, Any]:
        """What its training was told, by dotted name, without what changes no weight."""
        flat = _flat(self.estimator.weights.notes.get("config", {}))
        return {
            name: value
            for name, value in flat.items()
            if not name.removeprefix("train.").startswith(PASSING)
            and not name.startswith("data.held_out")
            and name.rpartition(".")[2] not in ("folder", "store", "workers")
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the table.

    Attributes:
        number: Of the paper's row.
        runs: Folders of its runs.
        seeds: Their seeds.
        steps: Their updates.
        metrics: Figures over all runs.
        analyses: Shares of errors by their kind (:mod:`graphophone.evaluation.analysis`).
    """

    number: int
    runs: tuple[str, ...]
    seeds: tuple[int, ...]
    steps: tuple[int, ...]
    metrics: Figures
    analyses: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Table2:
    """The table of one task on one set.

    Attributes:
        task: ``singing`` or ``drums``.
        split: ``seen`` or ``unseen`` (or ``train``).
        sources: Dry audio.
        kinds: Categories of real recordings; empty for all.
        mix: Kind of graphs.
        count: Number of examples.
        seed: Seed of the set.
        rows: Rows by name, in the paper's order.
        unequal: Settings in which runs differ though they should not, with their values.
        seconds: How long it took.
    """

    task: str
    split: str
    sources: str
    kinds: tuple[str, ...]
    mix: str
    count: int
    seed: int
    rows: Mapping[str, Row]
    unequal: Mapping[str, Mapping[str, Any]]
    seconds: float = 0.0

    def skill(self, row: str) -> dict[str, float | None]:
        """The share of the way from row 2 to perfect, for each metric."""
        nothing = self.rows["2"].metrics if "2" in self.rows else {}
        own = self.rows[row].metrics
        return {name: skill(name, own.get(name), nothing.get(name)) for name in METRICS}

    def ties(self, metric: str) -> dict[str, tuple[str, ...]]:
        """Say of each row with which others it is tied."""
        return ties({name: row.metrics.get(metric) for name, row in self.rows.items()})


def find_runs(folders: Sequence[Path]) -> list[Run]:
    """Load the runs in folders: each is one, or holds some.

    Raises:
        UsageError: A folder has no run in it, or a run is no row of the table.
        WeightsError: Weights cannot be read.
    """
    runs = []
    for folder in folders:
        found = sorted(folder.glob(WEIGHTS)) or sorted(folder.glob(f"*/{WEIGHTS}"))
        if not found:
            raise UsageError(
                f"there are no runs in {folder}: `graphophone train CONFIG --run {folder}/NAME` "
                "leaves one"
            )
        runs += [Run(path.parent, Estimator.load(path)) for path in found]
    for run in runs:
        config = run.estimator.model.config
        if config.row is None:
            raise UsageError(
                f"{run.folder} is no row of Table 2: its conditioning is "
                f"{config.conditioning!r}, its decoding {config.decoding!r}"
            )
    return runs


def table2(
    task: Task,
    split: str,
    sources: str,
    count: int,
    runs: Sequence[Run],
    *,
    mix: str = "paper",
    seed: int = 0,
    kinds: tuple[str, ...] = (),
    data: Path | None = None,
    progress: Progress | None = None,
) -> Table2:
    """Measure all runs of a task on one set.

    Args:
        task: ``singing`` or ``drums``; runs of the other one are left out.
        split: Which voices or kits: ``seen``, ``unseen`` or ``train``.
        sources: Dry audio.
        count: Number of examples.
        runs: Trained models, one or more a row.
        mix: Name of a mix, or the path of one's own.
        seed: Seed of the set; a longer set begins with the shorter one.
        kinds: Categories of real recordings; all by default.
        data: Folder of real recordings.
        progress: Called with (examples done, examples in all).

    Raises:
        UsageError: There is no run of the task, or ``count`` is not positive.
        FormatError: The recordings are not there.
    """
    if count < 1:
        raise UsageError(f"an evaluation needs at least one example, got {count}")
    begin = time.monotonic()
    mine = {str(run.folder): run for run in runs if run.estimator.task == task}
    if not mine:
        raise UsageError(f"there are no runs for {task}")
    pool = open_pool(task, sources=sources, split=split, data=data, kinds=kinds or KINDS)
    items = islice(examples(task, mix, EVALUATION_SEEDS + seed, pool), count)
    asked = {name: run.estimator for name, run in mine.items()}
    scores: dict[str, list[Score]] = {name: [] for name in mine}
    done = Counter(count, progress)
    while batch := list(islice(items, BATCH)):
        for name, found in judged(batch, asked, by_track=task == "drums").items():
            scores[name] += found
        done.step(len(batch))
    rows = {}
    for name in sorted({run.row for run in mine.values()}):
        members = {folder: run for folder, run in mine.items() if run.row == name}
        rows[name] = _row(members, pooled([scores[folder] for folder in members], seed))
    return Table2(
        task=task,
        split=split,
        sources=sources,
        kinds=tuple(kinds),
        mix=mix,
        count=count,
        seed=seed,
        rows=rows,
        unequal=_unequal(mine),
        seconds=time.monotonic() - begin,
    )


def _row(members: Mapping[str, Run], figures: Mapping[str, Figure]) -> Row:
    runs = list(members.values())
    return Row(
        number=runs[0].estimator.model.config.row or 0,
        runs=tuple(members),
        seeds=tuple(run.seed for run in runs),
        steps=tuple(run.estimator.weights.step for run in runs),
        metrics=complete(figures),
        analyses={name: figures.get(name) for name in ANALYSES},
    )


def _unequal(runs: Mapping[str, Run]) -> dict[str, dict[str, Any]]:
    """Return the settings that differ between runs though they should be equal."""
    told = {
        folder: run.settings | {"step": run.estimator.weights.step} for folder, run in runs.items()
    }
    names = sorted({name for settings in told.values() for name in settings} - OWN)
    values = {name: {folder: one.get(name) for folder, one in told.items()} for name in names}
    return {name: v for name, v in values.items() if len({repr(one) for one in v.values()}) > 1}


def _flat(data: Any, name: str = "") -> dict[str, Any]:
    """Return nested plain data by dotted names; lists are numbered."""
    if isinstance(data, Mapping):
        pairs = data.items()
    elif isinstance(data, list) and any(isinstance(one, Mapping) for one in data):
        pairs = {str(number): one for number, one in enumerate(data)}.items()
    else:
        return {name: data}
    return {
        key: value
        for part, one in pairs
        for key, value in _flat(one, f"{name}.{part}" if name else str(part)).items()
    }
