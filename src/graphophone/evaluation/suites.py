"""Evaluation on sets that a seed alone reproduces."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from graphophone.errors import UsageError
from graphophone.evaluation.baselines import NAMES, Baselines
from graphophone.evaluation.hearing import judged
from graphophone.evaluation.reference import Reference
from graphophone.evaluation.result import EvaluationResult, complete
from graphophone.evaluation.robustness import Spoiler, figures_of
from graphophone.evaluation.tally import Score, summarise
from graphophone.generation.item import Item, Task, generate_item
from graphophone.models.estimator import Estimator
from graphophone.models.weights import pretrained_path
from graphophone.sources import Pool, open_pool
from graphophone.sources.pools import KINDS

BATCH = 16
"""Recordings that are answered at once; no metric depends on it."""
REFERENCE_COUNT = 300
"""How many training examples the trivial baselines know."""
EVALUATION_SEEDS = 1_000_000_000
"""Seeds of evaluation sets begin here, so that none shares its graphs with a training set."""
REFERENCE_SEED = 2_000_000_000
"""Seed of the set that the trivial baselines know."""

Progress = Callable[[int, int], None]


def evaluate(
    task: Task,
    split: str,
    sources: str,
    count: int,
    *,
    mix: str = "wide",
    seed: int = 0,
    weights: Path | None = None,
    row2_weights: Path | None = None,
    kinds: tuple[str, ...] = (),
    data: Path | None = None,
    reference_count: int = REFERENCE_COUNT,
    copies: Sequence[str] = (),
    progress: Progress | None = None,
) -> EvaluationResult:
    """Measure a model on a set, beside row 2 and the trivial baselines.

    Args:
        task: ``singing`` or ``drums``.
        split: Which voices or kits: ``seen``, ``unseen`` or ``train``.
        sources: ``real`` recordings, ``procedural`` ones or ``mixed``.
        count: Number of examples.
        mix: Name of a mix, or the path of one's own.
        seed: Seed of the set; a longer set begins with the shorter one.
        weights: The model; the shipped one by default.
        row2_weights: The same model trained without hearing anything (row 2 of the paper's
            Table 2); by default the one shipped, and no skill where there is none.
        kinds: Categories of real recordings; all by default.
        data: Folder of real recordings.
        reference_count: How many examples of the training split, from the same sources, the
            trivial baselines know.
        copies: Kinds of spoiled copies on which the model is measured too, as in
            :func:`graphophone.generation.copies.named`, or ``all``.
        progress: Called with (examples done, examples in all), those of the baselines first.

    Returns:
        The figures.

    Raises:
        UsageError: ``count`` or ``reference_count`` is not positive, weights are of another
            task, or there is no such copy.
        AudioError: A kind of copy that was asked for by name cannot be made here.
        WeightsError: The weights cannot be read.
        FormatError: The recordings are not there.
    """
    if count < 1:
        raise UsageError(f"an evaluation needs at least one example, got {count}")
    if reference_count < 1:
        raise UsageError(f"the baselines need at least one example, got {reference_count}")
    begin = time.monotonic()
    spoiler = Spoiler.of(copies, f"{task}/{mix}/{seed}")
    estimator = load(weights or pretrained_path(task), task)
    row2_weights = row2_weights or _shipped_row2(task)
    row2 = load(row2_weights, task) if row2_weights else None
    done = Counter(reference_count + count * (1 + len(spoiler.kinds)), progress)

    used = kinds or KINDS
    training = open_pool(task, sources=sources, split="train", data=data, kinds=used)
    known = examples(task, mix, REFERENCE_SEED, training)
    reference = Reference.of(islice(known, reference_count), done.step)
    baselines = Baselines(reference, by_track=task == "drums")

    pool = open_pool(task, sources=sources, split=split, data=data, kinds=used)
    items = islice(examples(task, mix, EVALUATION_SEEDS + seed, pool), count)
    columns: dict[str, list[Score]] = {"model": [], **{name: [] for name in NAMES}}
    if row2:
        columns["no_latent"] = []
    spoiled: dict[str, list[Score]] = {kind: [] for kind in spoiler.kinds}
    asked = {"model": estimator} | ({"no_latent": row2} if row2 else {})
    while batch := list(islice(items, BATCH)):
        first = len(columns["model"])
        found = judged(batch, asked, by_track=baselines.by_track, baselines=baselines)
        for name, scores in found.items():
            columns[name] += scores
        done.step(len(batch))
        for kind in spoiler.kinds:
            copied = spoiler.copies(batch, kind, first)
            alone = {"model": estimator}
            spoiled[kind] += judged(copied, alone, by_track=baselines.by_track)["model"]
            done.step(len(batch))

    figures = {name: complete(summarise(scores, seed)) for name, scores in columns.items()}
    return EvaluationResult(
        task=task,
        split=split,
        sources=sources,
        kinds=tuple(kinds),
        mix=mix,
        count=count,
        seed=seed,
        reference_count=reference_count,
        reference_seed=REFERENCE_SEED,
        weights=f"weights {(weights or pretrained_path(task)).name} "
        f"after {estimator.weights.step} steps",
        metrics=figures.pop("model"),
        baselines={n: figures[n] for n in ("no_latent", *NAMES) if n in figures},
        copies={kind: figures_of(columns["model"], s, seed) for kind, s in spoiled.items()},
        copies_missing=spoiler.missing,
        seconds=time.monotonic() - begin,
    )


def examples(task: Task, mix: str, seed: int, pool: Pool) -> Iterator[Item]:
    """Yield the examples of a set one after another, without end."""
    index = 0
    while True:
        yield generate_item(task, mix, seed, index, pool)
        index += 1


def load(path: Path, task: str) -> Estimator:
    """Load a model.

    Raises:
        UsageError: It is of another task.
        WeightsError: The weights cannot be read.
    """
    estimator = Estimator.load(path)
    if estimator.task != task:
        raise UsageError(f"{path} was trained for {estimator.task}, not for {task}")
    return estimator


def _shipped_row2(task: str) -> Path | None:
    """Return the weights of row 2 that lie beside the shipped ones, if there are any."""
    path = pretrained_path(task)
    path = path.with_name(f"{path.stem}_row2{path.suffix}")
    return path if path.exists() else None


@dataclass(slots=True)
class Counter:
    """Counts examples and reports them.

    Attributes:
        total: Examples in all.
        report: Told how many are done.
        done: How many are.
    """

    total: int
    report: Progress | None
    done: int = 0

    def step(self, count: int = 1) -> None:
        """Count more."""
        self.done += count
        if self.report:
            self.report(self.done, self.total)
