"""Shares and means over a set, with an interval that says how far they can be trusted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 1_000
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Tally:
    """What one item adds to a metric: ``total`` over ``count`` things.

    A metric is the sum of totals over the sum of counts, so an item with twice as many tokens
    weighs twice as much where a metric is "averaged over all tokens of the set"; metrics that
    are averaged over items have a count of one.
    """

    total: float
    count: float = 1.0


NONE = Tally(0.0, 0.0)
Score = Mapping[str, Tally]
"""What one item adds to each metric; a metric without meaning for it is absent."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric over a set, and the ends of its 95 % bootstrap interval over items."""

    value: float
    low: float
    high: float


def summarise(scores: Sequence[Score], seed: int = 0) -> dict[str, Figure]:
    """Average each metric over a set.

    The interval is the percentile bootstrap over items (B. Efron and R. Tibshirani, An
    Introduction to the Bootstrap, 1993, ch. 13): items are drawn with replacement a thousand
    times, the same draws for every metric.

    Args:
        scores: One an item.
        seed: Seed of the resampling.

    Returns:
        One figure for each metric that any item has.
    """
    draws = np.random.default_rng(seed).integers(len(scores), size=(RESAMPLES, len(scores)))
    result = {}
    for name in names(scores):
        tallies = np.array([(t.total, t.count) for t in (s.get(name, NONE) for s in scores)])
        total, count = tallies[draws].sum(1).T
        means = total[count > 0] / count[count > 0]
        whole = tallies.sum(0)
        if whole[1]:
            low, high = np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
            result[name] = Figure(float(whole[0] / whole[1]), float(low), float(high))
    return result


def names(scores: Iterable[Score]) -> list[str]:
    """Return the metrics that occur, in the order in which they first do."""
    return list(dict.fromkeys(name for score in scores for name in score))
