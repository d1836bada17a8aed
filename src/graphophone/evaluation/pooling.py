"""Figures over several runs of one method, and which of them cannot be told apart."""

from collections.abc import Mapping, Sequence

import numpy as np

from graphophone.evaluation.tally import (
    CONFIDENCE,
    NONE,
    RESAMPLES,
    Figure,
    Score,
    names,
)


def pooled(runs: Sequence[Sequence[Score]], seed: int = 0) -> dict[str, Figure]:
    """Average each metric over a set and over runs.

    The interval is the percentile bootstrap of both at once: items and runs are drawn with
    replacement, each on its own, for each varies on its own (B. Efron and R. Tibshirani, An
    Introduction to the Bootstrap, 1993, ch. 8.3 and 13). With one run it is that of
    :func:`graphophone.evaluation.tally.summarise`. With two, the runs are the two, or one of them
    twice, so an interval never tells less than how far they are apart.

    Args:
        runs: Scores of each run, one an item, on the same items in the same order.
        seed: Seed of the resampling; rows of a table have the same.

    Returns:
        One figure for each metric that any item has.
    """
    rng = np.random.default_rng(seed)
    count = len(runs[0])
    items = rng.integers(count, size=(RESAMPLES, count))
    drawn = rng.integers(len(runs), size=(RESAMPLES, len(runs)))
    result = {}
    for name in names(score for run in runs for score in run):
        tallies = np.array(
            [[(t.total, t.count) for t in (s.get(name, NONE) for s in run)] for run in runs]
        )
        whole = tallies.sum((0, 1))
        if not whole[1]:
            continue
        sums = tallies[:, items].sum(2)  # (runs, resamples, total and count)
        chosen = np.take_along_axis(sums, drawn.T[..., None], 0).sum(0)
        total, many = chosen.T
        means = np.divide(total, many, out=np.full(len(total), np.nan), where=many > 0)
        ends = [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]
        low, high = np.nanquantile(means, ends)
        result[name] = Figure(float(whole[0] / whole[1]), float(low), float(high))
    return result


def ties(figures: Mapping[str, Figure | None]) -> dict[str, tuple[str, ...]]:
    """Say of each row with which others it is tied: their intervals overlap.

    It is no order: of three rows the first may be tied with the second, the second with the
    third, and the first not with the third.

    Args:
        figures: One metric by row; ``None`` is tied with nothing.
    """
    return {
        row: tuple(
            other
            for other, b in figures.items()
            if other != row and a and b and a.low <= b.high and b.low <= a.high
        )
        for row, a in figures.items()
    }
