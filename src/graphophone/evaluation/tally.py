"""Shares and means over a set, with an interval that says how far they can be trusted."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

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
    draws = _draws(len(scores), seed)
    result = {}
    for name in names(scores):
        if found := _means(scores, name, draws):
            value, means = found
            result[name] = _figure(value, means)
    return result


def changes(before: Sequence[Score], after: Sequence[Score], seed: int = 0) -> dict[str, Figure]:
    """Return how much each metric changed on the same items.

    The interval is that of :func:`summarise`, drawn in pairs: an item that is drawn counts on
    both sides, so what makes it hard cancels out.

    Args:
        before: One an item.
        after: One an item, in the same order.
        seed: Seed of the resampling.

    Returns:
        After minus before, for each metric that both have.
    """
    draws = _draws(len(before), seed)
    result = {}
    for name in names(before):
        one, other = _means(before, name, draws), _means(after, name, draws)
        if one and other:
            result[name] = _figure(other[0] - one[0], other[1] - one[1])
    return result


def quantile(values: Sequence[float], share: float, seed: int = 0) -> Figure:
    """Return a quantile of one value an item, with the interval of :func:`summarise`.

    Args:
        values: At least one.
        share: Which, in [0, 1]: 0.5 for the median, 0.95 for what the worst twentieth exceeds.
        seed: Seed of the resampling.
    """
    found = np.asarray(values, np.float64)
    drawn = np.quantile(found[_draws(len(found), seed)], share, axis=1)
    return _figure(float(np.quantile(found, share)), drawn)


def bootstrap(
    measure: Callable[[npt.NDArray[np.int64]], float], count: int, seed: int = 0
) -> Figure:
    """Return anything that can be measured on some of the items, with such an interval.

    Args:
        measure: Called with the positions of items, once for all and once a resample.
        count: Number of items.
        seed: Seed of the resampling.
    """
    drawn = np.array([measure(rows) for rows in _draws(count, seed)])
    return _figure(measure(np.arange(count)), drawn)


def _draws(count: int, seed: int) -> npt.NDArray[np.int64]:
    """Return items drawn with replacement, a row a resample."""
    return np.random.default_rng(seed).integers(count, size=(RESAMPLES, count))


def _means(
    scores: Sequence[Score], name: str, draws: npt.NDArray[np.int64]
) -> tuple[float, Array] | None:
    """Return a metric over all items and over each resample (NaN for one without meaning)."""
    tallies = np.array([(t.total, t.count) for t in (s.get(name, NONE) for s in scores)])
    whole = tallies.sum(0)
    if not whole[1]:
        return None
    total, count = tallies[draws].sum(1).T
    means = np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)
    return float(whole[0] / whole[1]), means


def _figure(value: float, means: Array) -> Figure:
    """Return a value with the ends of its interval."""
    low, high = np.nanquantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Figure(value, float(low), float(high))


def names(scores: Iterable[Score]) -> list[str]:
    """Return the metrics that occur, in the order in which they first do."""
    return list(dict.fromkeys(name for score in scores for name in score))
