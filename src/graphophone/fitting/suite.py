"""What fitting reaches: on singing graphs, on chains of our own effects and on those of others."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median

import torch
from torch import Tensor

from graphophone.audio.features import RATE, SEGMENT
from graphophone.audio.level import to_level
from graphophone.errors import AudioError, UsageError
from graphophone.evaluation.foreign.chain import draw_chain
from graphophone.evaluation.foreign.table import table
from graphophone.fitting.fit import Limits, fit
from graphophone.fitting.moves import SERIAL
from graphophone.fitting.pair import Pair
from graphophone.fitting.result import Fitted
from graphophone.fitting.starts import heard
from graphophone.generation.adaptive import draw_knobs
from graphophone.generation.hearing import Ghost
from graphophone.generation.item import generate_item
from graphophone.graph.build import GraphBuilder
from graphophone.graph.compare import same_structure
from graphophone.graph.model import Graph
from graphophone.models.estimator import Estimator
from graphophone.models.listen import listen
from graphophone.models.weights import pretrained_path
from graphophone.processors import SPECS
from graphophone.render.execute import execute
from graphophone.render.plan import plan
from graphophone.sources import Pool, open_pool

SEEDS = 1_000_000_000
"""As in other evaluations: no training set shares its graphs."""
LINES = ("singing", "chains", "pedalboard", "sox")
LONGEST = 3
"""Effects in a chain."""
Progress = Callable[[int, int], None]
Problem = tuple[dict[str, Tensor], Tensor, Graph | None]
"""Dry clips, a wet clip, and the graph between them where there is one of ours."""


@dataclass(frozen=True, slots=True)
class Row:
    """One fit of the suite.

    Attributes:
        seconds: Limit of the fit.
        bypass: Loss of the dry recording.
        before: Loss of the blind estimate.
        after: Loss of the fitted graph.
        si_sdr_db: Of the fitted graph.
        gap: Share of the way from the bypass to the true graph's loss, which is 0 for graphs of
            ours and unknown for others; then it is taken for 0.
        exact: Whether the fitted graph is the true one but for its settings.
    """

    seconds: float
    bypass: float
    before: float
    after: float
    si_sdr_db: float
    gap: float
    exact: bool | None


@dataclass(slots=True)
class FitSuite:
    """The figures.

    Attributes:
        count: Problems a line.
        seed: Seed of the set.
        sources: Where dry audio came from.
        rows: The fits of each line.
        missing: Why a line has none.
    """

    count: int
    seed: int
    sources: str
    rows: dict[str, list[Row]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def evaluate_fit(
    count: int,
    seconds: Sequence[float] = (10.0, 60.0),
    *,
    lines: Sequence[str] = LINES,
    sources: str = "real",
    mix: str = "wide",
    seed: int = 0,
    weights: Path | None = None,
    data: Path | None = None,
    progress: Progress | None = None,
) -> FitSuite:
    """Fit graphs to a set of problems that a seed alone reproduces.

    Args:
        count: Problems of each line.
        seconds: Limits; each problem is fitted once, and looked at when each has passed.
        lines: Which lines.
        sources: ``real`` recordings of the unseen split, or ``procedural`` ones.
        mix: Kind of singing graphs.
        seed: Seed of the set.
        weights: The model that gives the estimates; the shipped one by default.
        data: Folder of real recordings.
        progress: Called with (problems done, problems in all).

    Raises:
        UsageError: There is no such line, or a number is not positive.
    """
    if unknown := [line for line in lines if line not in LINES]:
        raise UsageError(f"a line must be one of {', '.join(LINES)}, got {unknown[0]!r}")
    if count < 1 or not seconds or min(seconds) <= 0:
        raise UsageError(f"the suite needs problems and seconds above 0, got {count}, {seconds}")
    pool = open_pool("singing", sources=sources, split="unseen", data=data)
    estimator = Estimator.load(weights or pretrained_path("singing"))
    result, done = FitSuite(count, seed, sources), 0
    for line in lines:
        rows: list[Row] = []
        try:
            for problem in problems(line, count, mix, seed, pool):
                rows += solved(problem, sorted(seconds), estimator)
                done += 1
                if progress:
                    progress(done, count * len(lines))
        except AudioError as error:
            result.missing[line] = str(error)
        result.rows[line] = rows
    return result


def problems(line: str, count: int, mix: str, seed: int, pool: Pool) -> Iterator[Problem]:
    """Yield the problems of a line."""
    for index in range(count):
        if line == "singing":
            item = generate_item("singing", mix, SEEDS + seed, index, pool)
            clips = {name: clip[None] for name, clip in item.dry.items()}
            with torch.inference_mode():  # by our own processors, whoever made the example
                wet = execute(plan(item.graph, SPECS), clips, RATE).result()[0]
            yield item.dry, wet.clone(), item.graph
            continue
        rng = Random(f"fit/{line}/{seed}/{index}")
        if line == "chains":
            dry = _drawn(pool, rng)
            graph, wet = chain(dry, rng)
            yield dry, wet, graph
            continue
        foreign = None
        while foreign is None:  # as long as a recording has nothing for an effect to be heard on
            dry = _drawn(pool, rng)
            clip = next(iter(dry.values()))
            foreign = draw_chain(table(), line, clip, RATE, rng.randint(1, LONGEST), rng)
        yield dry, foreign.wet, None


def _drawn(pool: Pool, rng: Random) -> dict[str, Tensor]:
    """Draw dry clips at the reference level."""
    drawn = pool.draw(rng, SEGMENT, RATE).tracks
    return {name: to_level(clip, RATE)[0] for name, clip in drawn.items()}


def chain(dry: Mapping[str, Tensor], rng: Random) -> tuple[Graph, Tensor]:
    """Draw a chain of one to three effects, each of which can be heard, and its sound."""
    while True:
        builder = GraphBuilder(SPECS)
        last = builder.add("in", source=next(iter(dry)))
        for type_ in rng.sample(SERIAL, rng.randint(1, LONGEST)):
            node = builder.add(type_)
            builder.connect(last, node)
            last = node
        builder.connect(last, builder.add("out"))
        try:
            with torch.inference_mode():
                drawn = draw_knobs(builder.graph(prototype=True), dry, RATE, rng)
        except Ghost:
            continue
        return drawn.graph, drawn.wet.clone()


def solved(problem: Problem, seconds: Sequence[float], estimator: Estimator) -> list[Row]:
    """Fit one problem, and return a row for each limit."""
    dry, wet, truth = problem
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for limit in seconds:
            found = fit(
                Pair.of(dry, wet, RATE),
                lambda: heard(listen(estimator, wet, RATE, "singing"), list(dry), RATE),
                Limits(seconds=limit),
                state=Path(folder) / "state.json",
            )
            rows.append(_row(limit, found, truth))
    return rows


def _row(limit: float, found: Fitted, truth: Graph | None) -> Row:
    bypass, after = found.bypass.mss, found.after.mss
    return Row(
        limit,
        bypass,
        found.before.mss,
        after,
        found.after.si_sdr_db,
        (bypass - after) / bypass if bypass > 1e-9 else 1.0,
        None if truth is None else same_structure(found.graph, truth, SPECS),
    )


def figures(rows: Sequence[Row], limit: float) -> dict[str, float | None]:
    """Sum up the rows of one line at one limit."""
    chosen = [row for row in rows if row.seconds == limit]
    if not chosen:
        return {}
    exact = [row.exact for row in chosen if row.exact is not None]
    return {
        "count": float(len(chosen)),
        "gap_closed": median(row.gap for row in chosen),
        "exact": sum(exact) / len(exact) if exact else None,
        "si_sdr_db": median(row.si_sdr_db for row in chosen),
        "loss_bypass": median(row.bypass for row in chosen),
        "loss_before": median(row.before for row in chosen),
        "loss_after": median(row.after for row in chosen),
        "worse": sum(row.after > row.before for row in chosen) / len(chosen),
    }
