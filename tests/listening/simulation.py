"""Panels whose preferences are known because they were planted."""

import numpy as np

from graphophone.listening.panel import Panel, panel
from graphophone.listening.ratings import LOW_ANCHOR, MID_ANCHOR, REFERENCE, Rating

PLANTED = {"ours": 74.0, "row3": 62.0, "row5": 50.0, "row2": 36.0}
ANCHORS = {REFERENCE: 99.0, MID_ANCHOR: 45.0, LOW_ANCHOR: 18.0}
BAD = "listener-07"


def simulated(
    seed: int,
    planted: dict[str, float],
    listeners: int = 20,
    trials: int = 12,
    lapses: float = 0.02,
    bad: str | None = BAD,
) -> tuple[Rating, ...]:
    """Draw ratings: listeners have a scale and tastes of their own, err, and sometimes lapse.

    A taste holds for all excerpts, so a listener's ratings are not independent. The bad listener
    gives everything, the hidden reference too, a score at random.
    """
    rng = np.random.default_rng(seed)
    truth = np.array([*ANCHORS.values(), *planted.values()])
    names = [*ANCHORS, *planted]
    ratings = []
    for person in range(listeners):
        name = f"listener-{person:02}"
        shift = rng.normal(0, 8)
        taste = rng.normal(0, 6, len(truth))
        for trial in range(trials):
            heard = truth + taste + rng.normal(0, 7, len(truth))
            heard[1:] += shift
            heard[0] = 100 - abs(rng.normal(0, 2))
            lapsed = rng.random(len(truth)) < (1.0 if name == bad else lapses)
            scores = np.where(lapsed, rng.uniform(0, 100, len(truth)), heard)
            for condition, score in zip(names, scores.clip(0, 100).round(), strict=True):
                rating = Rating("planted", name, f"excerpt-{trial}", condition, float(score))
                ratings.append(rating)
    order = rng.permutation(len(ratings))
    return tuple(ratings[i] for i in order)


def small(scores: dict[str, dict[str, list[float]]]) -> Panel:
    """Return a panel of scores by listener and condition, one an excerpt."""
    return panel(
        [
            Rating("t", listener, str(trial), condition, value)
            for listener, given in scores.items()
            for condition, values in given.items()
            for trial, value in enumerate(values)
        ],
        "small",
    )
