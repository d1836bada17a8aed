"""Do conditions differ, which, and by how much: tests on ranks of the same listeners.

First Friedman's test over all conditions, then Wilcoxon's signed-rank test for each pair with
Holm's correction (Demsar 2006, Statistical comparisons of classifiers over multiple data sets,
sections 3.2 and 3.1.3; Holm 1979, A simple sequentially rejective multiple test procedure).
Ranks, because MUSHRA scores are bounded, skewed and used differently by each listener
(Mendonca and Delikaris-Manias 2018, Statistical tests with MUSHRA data).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import stats

from graphophone.listening.panel import Array

ALPHA = 0.05
DIGITS = 9
"""Decimals of a mean score that count: means of equal ratings must tie, in any order."""


@dataclass(frozen=True)
class Friedman:
    """Whether any condition differs.

    Attributes:
        statistic: Chi squared.
        freedom: Degrees of freedom.
        p: Probability of such a statistic, or a greater one, where none differs.
        agreement: Kendall's W, from 0 (listeners do not agree) to 1 (all give the same order).
    """

    statistic: float
    freedom: int
    p: float
    agreement: float


@dataclass(frozen=True)
class Pair:
    """Two conditions, rated by the same listeners.

    Attributes:
        one: A condition.
        other: Another one.
        difference: Mean, or median, over listeners of score of ``one`` less ``other``.
        interval: Its bootstrap interval.
        p: Of Wilcoxon's test alone.
        holm: Of the same with Holm's correction over all pairs.
        effect: Matched-pairs rank-biserial correlation (Kerby 2014, The simple difference
            formula): the share of rank sums for ``one`` less that for ``other``, -1 to 1.
        differs: Whether Friedman's test, where it was made, and this one both find it.
    """

    one: str
    other: str
    difference: float
    interval: tuple[float, float]
    p: float
    holm: float
    effect: float
    differs: bool


def friedman(scores: Array) -> Friedman | None:
    """Test (listener, condition) for any difference; ``None`` for fewer than three conditions."""
    listeners, conditions = scores.shape
    if conditions < 3:
        return None
    rounded = scores.round(DIGITS)
    if (rounded == rounded[:, :1]).all():  # all ties: the statistic would be 0 / 0
        return Friedman(0.0, conditions - 1, 1.0, 0.0)
    statistic, p = stats.friedmanchisquare(*rounded.T)
    most = listeners * (conditions - 1)
    return Friedman(float(statistic), conditions - 1, float(p), float(statistic) / most)


def wilcoxon(differences: Array) -> float:
    """Return the two-sided p of Wilcoxon's signed-rank test; zeros are left out, all zeros give 1.

    Exact for up to 50 listeners without zeros, normal otherwise, as SciPy decides.
    """
    differences = differences.round(DIGITS)
    if not differences.any():
        return 1.0
    return float(stats.wilcoxon(differences).pvalue)


def rank_biserial(differences: Array) -> float:
    """Return the matched-pairs rank-biserial correlation, 0 where all differences are."""
    kept = differences.round(DIGITS)
    kept = kept[kept != 0]
    if not len(kept):
        return 0.0
    ranks = stats.rankdata(np.abs(kept))
    return float((ranks * np.sign(kept)).sum() / ranks.sum())


def holm(p: Sequence[float]) -> list[float]:
    """Return p-values corrected after Holm, in the order given."""
    corrected = [0.0] * len(p)
    worst = 0.0
    for place, index in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        worst = max(worst, min(1.0, (len(p) - place) * p[index]))
        corrected[index] = worst
    return corrected


def pairs(
    scores: Array,
    names: Sequence[str],
    differences: Array,
    intervals: Array,
    overall: Friedman | None,
) -> tuple[Pair, ...]:
    """Test every pair of conditions.

    Args:
        scores: Shape (listener, condition).
        names: Of the conditions.
        differences: Centre of each pair's difference, shape (pair,), pairs in the order of
            :func:`itertools.combinations`.
        intervals: Shape (pair, 2).
        overall: What Friedman's test said; ``None`` where there are but two conditions.
    """
    chosen = list(combinations(range(len(names)), 2))
    gaps = [scores[:, i] - scores[:, j] for i, j in chosen]
    alone = [wilcoxon(gap) for gap in gaps]
    gate = overall is None or overall.p < ALPHA
    return tuple(
        Pair(
            names[i],
            names[j],
            float(centre),
            (float(low), float(high)),
            p,
            corrected,
            rank_biserial(gap),
            gate and corrected < ALPHA,
        )
        for (i, j), gap, centre, (low, high), p, corrected in zip(
            chosen, gaps, differences, intervals, alone, holm(alone), strict=True
        )
    )
