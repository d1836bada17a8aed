"""Bootstrap intervals over listeners (Efron and Tibshirani 1993, chapter 13: percentiles).

Listeners are drawn with replacement, each with all ratings: they are what chance chose. The same
draws serve all columns, so that columns stay paired.
"""

from typing import Literal

import numpy as np

from graphophone.listening.panel import Array

Centre = Literal["mean", "median"]
RESAMPLES = 10_000
LEVEL = 0.95


def centre(scores: Array, kind: Centre) -> Array:
    """Return the mean or the median over listeners of (listener, column)."""
    found: Array = np.mean(scores, axis=0) if kind == "mean" else np.median(scores, axis=0)
    return found


def intervals(scores: Array, kind: Centre, seed: int, resamples: int = RESAMPLES) -> Array:
    """Return 95 % intervals (column, 2) of the mean or the median over listeners.

    Args:
        scores: Shape (listener, column).
        kind: What of the listeners.
        seed: Of the draws; the same seed gives the same intervals.
        resamples: How many panels are drawn.
    """
    listeners = len(scores)
    drawn = np.random.default_rng(seed).integers(listeners, size=(resamples, listeners))
    reduce = np.mean if kind == "mean" else np.median
    tails = 50 * (1 - LEVEL), 50 * (1 + LEVEL)
    found = [np.percentile(reduce(column[drawn], axis=1), tails) for column in scores.T]
    return np.array(found, dtype=np.float64).reshape(-1, 2)
