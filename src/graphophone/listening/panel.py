"""The panel: who rated what, complete and in one array."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from graphophone.errors import FormatError
from graphophone.listening.ratings import LISTENER, REFERENCE, STIMULUS, TRIAL, Rating

Array = npt.NDArray[np.float64]
LEAST = 2
"""Listeners without whom nothing can be said about people."""


@dataclass(frozen=True)
class Panel:
    """All ratings of the listeners who finished.

    Attributes:
        listeners: Names, in the order of the ratings.
        trials: Names of the excerpts.
        conditions: Names, the hidden reference among them.
        scores: Shape (listener, trial, condition), 0 to 100.
        incomplete: Listeners left out because a rating of theirs is missing.
    """

    listeners: tuple[str, ...]
    trials: tuple[str, ...]
    conditions: tuple[str, ...]
    scores: Array
    incomplete: tuple[str, ...] = ()

    @property
    def means(self) -> Array:
        """Mean over excerpts (listener, condition): one value a person, so that persons count.

        Ratings of one person are alike. Who counts each as an independent one finds
        differences where there are none.
        """
        means: Array = self.scores.mean(axis=1)
        return means

    def of(self, condition: str) -> Array:
        """Return the scores (listener, trial) of a condition that is there."""
        scores: Array = self.scores[:, :, self.conditions.index(condition)]
        return scores

    def without(self, listeners: Iterable[str]) -> "Panel":
        """Return the panel without some of its listeners."""
        gone = frozenset(listeners)
        keep = [place for place, name in enumerate(self.listeners) if name not in gone]
        return replace(
            self, listeners=tuple(self.listeners[i] for i in keep), scores=self.scores[keep]
        )


def panel(ratings: Sequence[Rating], source: str) -> Panel:
    """Put ratings into one array; listeners who did not rate everything are left out by name.

    A mean over some excerpts cannot stand beside a mean over others, so a gap is not filled.

    Args:
        ratings: Of one test, each of a listener, excerpt and condition once.
        source: What the ratings are called in an error, a file for instance.

    Raises:
        FormatError: There is no hidden reference, a condition is missing from an excerpt for
            everybody, or fewer than two listeners rated everything.
    """
    listeners = _names(ratings, lambda rating: rating.listener)
    trials = _names(ratings, lambda rating: rating.trial)
    conditions = _names(ratings, lambda rating: rating.condition)
    if REFERENCE not in conditions:
        raise FormatError(
            f"{source}: one {STIMULUS} must be the hidden reference, {REFERENCE!r}, "
            f"got {', '.join(conditions)}"
        )
    scores = np.full((len(listeners), len(trials), len(conditions)), np.nan)
    for rating in ratings:
        place = (listeners[rating.listener], trials[rating.trial], conditions[rating.condition])
        scores[place] = rating.score
    missing = np.isnan(scores)
    for trial, row in zip(trials, missing.all(axis=0), strict=True):
        if row.any():
            name = list(conditions)[int(row.argmax())]
            raise FormatError(
                f"{source}: every {TRIAL} must have the same conditions, {trial!r} has no {name!r}"
            )
    gaps = missing.any(axis=(1, 2))
    incomplete = tuple(name for name, gap in zip(listeners, gaps, strict=True) if gap)
    whole = tuple(name for name in listeners if name not in incomplete)
    if len(whole) < LEAST:
        raise FormatError(
            f"{source}: at least {LEAST} listeners ({LISTENER}) must have rated every condition of "
            f"every {TRIAL}, got {len(whole)} of {len(listeners)}"
        )
    return Panel(whole, tuple(trials), tuple(conditions), scores[~gaps], incomplete)


def _names(ratings: Sequence[Rating], name: Callable[[Rating], str]) -> dict[str, int]:
    """Number the names in the order of their first rating."""
    return {found: place for place, found in enumerate(dict.fromkeys(map(name, ratings)))}
