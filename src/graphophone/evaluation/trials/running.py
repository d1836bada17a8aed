"""Run a suite: as many trials as are asked for, as long as there is time."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphophone.errors import UsageError
from graphophone.evaluation.tally import Figure
from graphophone.evaluation.trials.journal import Journal
from graphophone.evaluation.trials.trial import Aim, Progress, Suite, Trial, worst

ALL = "all"
"""Name of the sum over all lines of a suite that has several."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a run of a suite found.

    Attributes:
        suite: Its name.
        conditions: What decides its trials.
        count: How many trials a line were asked for.
        lines: The trials of each line, by index.
        figures: The figures of each line, and of ``all``.
        aims: What figures are to reach, by line.
        worst: The worst 5 % of all trials, the worst first.
        bad: By what they are.
        missing: Why a line is left out.
    """

    suite: str
    conditions: Mapping[str, Any]
    count: int
    lines: Mapping[str, tuple[Trial, ...]]
    figures: Mapping[str, Mapping[str, Figure]]
    aims: Mapping[str, Mapping[str, Aim]]
    worst: tuple[Trial, ...]
    bad: str
    missing: Mapping[str, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether every trial that was asked for was made."""
        return all(len(trials) == self.count for trials in self.lines.values())


def run(
    suite: Suite,
    count: int,
    *,
    journal: Journal | None = None,
    seconds: float | None = None,
    progress: Progress | None = None,
) -> Found:
    """Make the trials of a suite that have not been made yet, and sum all of them up.

    Lines take turns, so that a run that ends early has as many trials of each, but for one.

    Args:
        suite: The suite.
        count: Trials a line; a longer run begins with a shorter one.
        journal: Where trials are kept and found; without one nothing is kept.
        seconds: No trial begins after so long; at least one is made.
        progress: Called with (trials there, trials asked for).

    Raises:
        UsageError: ``count`` or ``seconds`` is not positive, or no line of the suite can be run.
    """
    if count < 1 or (seconds is not None and seconds <= 0):
        raise UsageError(f"a suite needs trials and time above 0, got {count} and {seconds} s")
    if not suite.lines:
        raise UsageError(f"nothing of the suite {suite.name} can be run: " + _reasons(suite))
    end = None if seconds is None else time.monotonic() + seconds
    there = {} if journal is None else dict(journal.trials)
    lines = suite.lines
    wanted = [(line, index) for index in range(count) for line in lines]
    made = 0
    for key in wanted:
        if key in there:
            continue
        if end is not None and made and time.monotonic() >= end:
            break
        trial = suite.trial(*key)
        there[key] = trial
        made += 1
        if journal is not None:
            journal.add(trial)
        if progress:
            progress(sum(one in there for one in wanted), len(wanted))
    trials = {line: [there[line, i] for i in range(count) if (line, i) in there]
              for line in lines}  # fmt: skip
    return summed(suite, count, trials)


def summed(suite: Suite, count: int, trials: Mapping[str, Sequence[Trial]]) -> Found:
    """Sum up trials."""
    seed = int(suite.conditions.get("seed", 0))
    every = [trial for some in trials.values() for trial in some]
    groups = {line: some for line, some in trials.items() if some}
    if len(groups) > 1:
        groups |= {ALL: every}
    figures = {line: suite.figures(line, some, seed) for line, some in groups.items()}
    return Found(
        suite=suite.name,
        conditions=dict(suite.conditions),
        count=count,
        lines={line: tuple(some) for line, some in trials.items()},
        figures={line: found for line, found in figures.items() if found},
        aims={line: suite.aims(line) for line in figures},
        worst=tuple(worst(suite, every)),
        bad=suite.bad,
        missing=dict(suite.missing),
    )


def _reasons(suite: Suite) -> str:
    return "; ".join(f"{line}: {why}" for line, why in suite.missing.items()) or "it has no lines"
