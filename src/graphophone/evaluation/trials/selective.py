"""How right the surest answers are: risk against coverage.

R. El-Yaniv and Y. Wiener 2010, On the foundations of noise-free selective classification; Y.
Geifman and R. El-Yaniv 2017, Selective classification for deep neural networks. Coverage is the
share of all answers that are kept, the surest first; risk is the share of wrong ones among them.
Answers that are equally sure are kept all alike: what is said is what a random order would give.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graphophone.evaluation.tally import Figure, bootstrap
from graphophone.evaluation.trials.trial import Marks

Array = npt.NDArray[np.float64]
POINTS = 100
"""Coverages at which the area is summed up."""


@dataclass(frozen=True, slots=True)
class Levels:
    """Answers of several items, counted by how sure they are.

    Attributes:
        sure: The levels that occur, the surest first.
        seen: How many answers each item has at each level, (item, level).
        right: How many of them are right.
    """

    sure: Array
    seen: Array
    right: Array

    @classmethod
    def of(cls, items: Sequence[Marks]) -> "Levels":
        """Count the answers of some items."""
        sure = np.array(sorted({mark for marks in items for mark, _ in marks}, reverse=True))
        seen = np.zeros((len(items), len(sure)))
        right = np.zeros_like(seen)
        place = {value: column for column, value in enumerate(sure.tolist())}
        for row, marks in enumerate(items):
            for mark, good in marks:
                seen[row, place[mark]] += 1
                right[row, place[mark]] += good
        return cls(sure, seen, right)

    @property
    def count(self) -> int:
        """How many answers there are."""
        return int(self.seen.sum())

    def precision(self, coverage: float, rows: npt.NDArray[np.int64] | None = None) -> float:
        """Return the share of right answers among the surest ones.

        Args:
            coverage: Which part of the answers is kept, in (0, 1].
            rows: Which items, again for each time that one is drawn; each once by default.

        Returns:
            The share; NaN where there is no answer.
        """
        return float(self._precisions(np.array([coverage]), rows)[0])

    def area(self, rows: npt.NDArray[np.int64] | None = None) -> float:
        """Return the area under risk against coverage: the mean risk over all coverages."""
        return 1 - float(self._precisions(np.arange(1, POINTS + 1) / POINTS, rows).mean())

    def _precisions(self, coverages: Array, rows: npt.NDArray[np.int64] | None) -> Array:
        seen, right = (
            np.concatenate([[0.0], (part if rows is None else part[rows]).sum(0).cumsum()])
            for part in (self.seen, self.right)
        )
        if not seen[-1]:
            return np.full(len(coverages), np.nan)
        kept = coverages * seen[-1]
        shares: Array = np.interp(kept, seen, right) / kept
        return shares

    def threshold(self, coverage: float) -> float:
        """Return how sure an answer has to be so that this part of them is kept."""
        shares = self.seen.sum(0).cumsum() / self.seen.sum()
        return float(self.sure[int(np.searchsorted(shares, coverage - 1e-12))])

    def curve(self) -> list[tuple[float, float, float]]:
        """Return (coverage, risk, how sure) at each level, the surest first."""
        seen, right = self.seen.sum(0).cumsum(), self.right.sum(0).cumsum()
        rows = zip(seen / seen[-1], 1 - right / seen, self.sure, strict=True)
        return [(float(c), float(r), float(s)) for c, r, s in rows]

    def figure(self, name: str, seed: int) -> Figure:
        """Return ``precision``, ``precision_at_half`` or ``risk_area`` with its interval."""
        measure = {
            "precision": lambda rows: self.precision(1.0, rows),
            "precision_at_half": lambda rows: self.precision(0.5, rows),
            "risk_area": self.area,
        }[name]
        return bootstrap(measure, len(self.seen), seed)
