"""The analysis of a listening test: with all listeners, and after post-screening."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np

from graphophone.listening.bootstrap import Centre, centre, intervals
from graphophone.listening.panel import LEAST, Array, Panel, panel
from graphophone.listening.ratings import (
    DRY_ANCHOR,
    LOW_ANCHOR,
    MID_ANCHOR,
    RANDOM_ANCHOR,
    REFERENCE,
    Rating,
)
from graphophone.listening.screening import Exclusion, screen
from graphophone.listening.significance import Friedman, Pair, friedman, pairs

FEW = 15
"""Fewer listeners than this are warned of."""
KNOWN = (REFERENCE, LOW_ANCHOR, MID_ANCHOR, DRY_ANCHOR, RANDOM_ANCHOR)
"""Conditions that differ by construction; the tests leave them out."""


@dataclass(frozen=True)
class Score:
    """How one condition was rated; each listener's scores are first averaged over excerpts.

    Attributes:
        condition: Its name.
        mean: Over listeners.
        median: Over listeners.
        quartiles: First and third.
        interval: 95 %, of the mean or the median, as the analysis was told.
    """

    condition: str
    mean: float
    median: float
    quartiles: tuple[float, float]
    interval: tuple[float, float]


@dataclass(frozen=True)
class Findings:
    """What one group of listeners says.

    Attributes:
        panel: Their ratings.
        scores: A line a condition, the best first.
        excerpts: Mean over listeners by excerpt and condition.
        friedman: Over the conditions under test; ``None`` where there are fewer than three.
        pairs: All pairs of conditions under test.
    """

    panel: Panel
    scores: tuple[Score, ...]
    excerpts: dict[str, dict[str, float]]
    friedman: Friedman | None
    pairs: tuple[Pair, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "listeners": list(self.panel.listeners),
            "scores": [asdict(score) for score in self.scores],
            "excerpts": self.excerpts,
            "friedman": asdict(self.friedman) if self.friedman else None,
            "pairs": [asdict(pair) for pair in self.pairs],
        }


@dataclass(frozen=True)
class Analysis:
    """What a test says, with and without post-screening.

    Attributes:
        everybody: All listeners who rated everything.
        screened: Those whom no rule excludes; ``None`` where fewer than two are left.
        exclusions: Who is excluded, and why.
        centre: What the intervals are of.
        warnings: What a reader must know first, in sentences.
    """

    everybody: Findings
    screened: Findings | None
    exclusions: tuple[Exclusion, ...]
    centre: Centre
    warnings: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "interval_of": self.centre,
            "all": self.everybody.to_json(),
            "screened": self.screened.to_json() if self.screened else None,
            "excluded": [asdict(exclusion) for exclusion in self.exclusions],
            "incomplete": list(self.everybody.panel.incomplete),
            "warnings": list(self.warnings),
        }


def analyse(
    ratings: Sequence[Rating], source: str = "ratings", *, of: Centre = "mean", seed: int = 0
) -> Analysis:
    """Analyse the ratings of one test.

    Args:
        ratings: As :func:`graphophone.listening.ratings.read` gives them.
        source: What they are called in an error.
        of: What bootstrap intervals are of.
        seed: Of the bootstrap.

    Raises:
        FormatError: As :func:`graphophone.listening.panel.panel` says.
    """
    whole = panel(ratings, source)
    exclusions = screen(whole)
    rest = whole.without(exclusion.listener for exclusion in exclusions)
    enough = len(rest.listeners) >= LEAST
    return Analysis(
        findings(whole, of, seed),
        findings(rest, of, seed) if enough else None,
        exclusions,
        of,
        _warnings(whole, rest),
    )


def findings(panel: Panel, of: Centre = "mean", seed: int = 0) -> Findings:
    """Describe and test the ratings of one group of listeners, two or more."""
    means, names = panel.means, panel.conditions
    spans = intervals(means, of, seed)
    quartiles = np.percentile(means, (25, 75), axis=0).T
    scores = [
        Score(name, float(mean), float(median), _two(box), _two(span))
        for name, mean, median, box, span in zip(
            names, means.mean(0), np.median(means, axis=0), quartiles, spans, strict=True
        )
    ]
    best = sorted(scores, key=lambda score: (-getattr(score, of), score.condition))
    tested = [names.index(s.condition) for s in best if s.condition not in KNOWN]
    under_test = means[:, tested]
    overall = friedman(under_test)
    ways = list(combinations(range(len(tested)), 2))
    gaps = under_test[:, [i for i, _ in ways]] - under_test[:, [j for _, j in ways]]
    compared = pairs(
        under_test,
        [names[place] for place in tested],
        centre(gaps, of),
        intervals(gaps, of, seed),
        overall,
    )
    by_excerpt = {
        trial: dict(zip(names, map(float, row), strict=True))
        for trial, row in zip(panel.trials, panel.scores.mean(axis=0), strict=True)
    }
    return Findings(panel, tuple(best), by_excerpt, overall, compared)


def _two(values: Array) -> tuple[float, float]:
    low, high = values
    return float(low), float(high)


def _warnings(whole: Panel, rest: Panel) -> tuple[str, ...]:
    """Say what limits the analysis."""
    said = []
    count = len(rest.listeners)
    if count < FEW:
        said.append(f"{count} listeners after post-screening; {FEW} or more are needed to rely on")
    if count < LEAST:
        said.append("post-screening leaves too few listeners for an analysis of the rest")
    if whole.incomplete:
        names = ", ".join(whole.incomplete)
        said.append(f"{len(whole.incomplete)} left out, they did not rate everything: {names}")
    if MID_ANCHOR not in whole.conditions:
        said.append(f"there is no {MID_ANCHOR!r}, so the screening rule about it was not asked")
    return tuple(said)
