"""Post-screening of listeners: ITU-R BS.1534-3, post-screening of assessors.

A listener is excluded who does not hear the hidden reference (below 90 on more than 15 % of the
excerpts) or the mid anchor (above 90 on more than 15 %). Where more than a quarter of all
listeners give the mid anchor of an excerpt more than 90, the anchor may do that excerpt no harm,
and the excerpt excludes nobody.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graphophone.listening.panel import Panel
from graphophone.listening.ratings import MID_ANCHOR, REFERENCE

GOOD = 90.0
MOST_PERCENT = 15
HARMLESS = 0.25
RULES = {
    REFERENCE: "hidden reference below 90 on more than 15 % of the excerpts",
    MID_ANCHOR: "7 kHz anchor above 90 on more than 15 % of the excerpts",
}


@dataclass(frozen=True)
class Exclusion:
    """Why a listener is excluded.

    Attributes:
        listener: Who.
        rule: ``reference`` or ``anchor70``; :data:`RULES` says what each demands.
        failed: On how many excerpts.
        trials: Out of how many.
    """

    listener: str
    rule: str
    failed: int
    trials: int

    def __str__(self) -> str:
        return f"{self.listener}: {RULES[self.rule]} ({self.failed} of {self.trials})"


def screen(panel: Panel) -> tuple[Exclusion, ...]:
    """Return who is excluded and by which rule, one or both; nobody is removed.

    Without a mid anchor, its rule is not asked.
    """
    found = _failing(panel, REFERENCE, panel.of(REFERENCE) < GOOD)
    if MID_ANCHOR in panel.conditions:
        above = panel.of(MID_ANCHOR) > GOOD
        counted = above[:, above.mean(axis=0) <= HARMLESS]
        found += _failing(panel, MID_ANCHOR, counted)
    return found


def _failing(panel: Panel, rule: str, failed: npt.NDArray[np.bool_]) -> tuple[Exclusion, ...]:
    """Name listeners who failed on more than the share allowed of (listener, trial)."""
    trials = failed.shape[1]
    counts = [int(row.sum()) for row in failed]
    return tuple(
        Exclusion(name, rule, count, trials)
        for name, count in zip(panel.listeners, counts, strict=True)
        if 100 * count > MOST_PERCENT * trials
    )
