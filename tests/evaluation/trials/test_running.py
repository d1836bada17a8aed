"""Runs: bounded, resumed after a stop at any place, and never mixed up with another run."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from graphophone.errors import FormatError, UsageError
from graphophone.evaluation.tally import Figure, Tally, summarise
from graphophone.evaluation.trials import running
from graphophone.evaluation.trials.journal import FILE, Journal, read
from graphophone.evaluation.trials.report import text, to_json
from graphophone.evaluation.trials.running import run
from graphophone.evaluation.trials.trial import Aim, Heard, Trial, check_lines, worst


class Numbers:
    """A suite whose trials are numbers that are known beforehand."""

    name = "numbers"
    bad = "size"
    lines: tuple[str, ...] = ("even", "odd")
    missing: Mapping[str, str] = {"prime": "nobody has them"}

    def __init__(self, seed: int = 0) -> None:
        self.conditions: Mapping[str, Any] = {
            "suite": self.name,
            "task": "singing",
            "split": "unseen",
            "sources": "none",
            "seed": seed,
            "weights": "none",
        }
        self.made: list[tuple[str, int]] = []
        self.stop = -1

    def trial(self, line: str, index: int) -> Trial:
        if len(self.made) == self.stop:
            raise KeyboardInterrupt
        self.made.append((line, index))
        number = 2.0 * index + (line == "odd")
        return Trial(line, index, {"number": number}, ((0.5, True),), {"why": f"it is {number}"})

    def figures(self, line: str, trials: Sequence[Trial], seed: int) -> dict[str, Figure]:
        return summarise([{"mean": Tally(trial.figures["number"])} for trial in trials], seed)

    def aims(self, line: str) -> Mapping[str, Aim]:
        return {"mean": Aim(4.0, least=False)}

    def badness(self, trial: Trial) -> float:
        return trial.figures["number"]

    def sounds(self, trial: Trial) -> list[Heard]:
        return []


def test_a_run_sums_up_each_line_and_all_and_shows_the_worst_twentieth() -> None:
    found = run(Numbers(), 30)
    assert found.complete
    assert found.figures["even"]["mean"].value == 29
    assert found.figures["odd"]["mean"].value == 30
    assert found.figures["all"]["mean"].value == pytest.approx(29.5)
    assert [(t.line, t.index) for t in found.worst] == [("odd", 29), ("even", 29), ("odd", 28)]
    told = text(found)
    assert "| even | `mean` | 29.000" in told
    assert "at most 4: 25.000 above" in told
    assert "The worst 3 of 60 trials, by size:" in told
    assert "- odd 29 (no name): it is 59.0" in told
    assert "prime is left out: nobody has them." in told
    plain = to_json(found)
    assert plain["figures"]["even"]["mean"]["reached"] is False
    assert plain["made"] == {"even": 30, "odd": 30}


def test_a_run_that_was_stopped_goes_on_and_ends_as_one_that_was_not(tmp_path: Path) -> None:
    whole = run(Numbers(), 5)
    for stop in (1, 3, 4, -1):
        suite = Numbers()
        suite.stop = stop
        journal = Journal(tmp_path, suite.conditions)
        before = set(journal.trials)
        try:
            found = run(suite, 5, journal=journal)
        except KeyboardInterrupt:
            assert stop > 0
        assert not before & set(suite.made)
    assert to_json(found) == to_json(whole)


def test_a_line_cut_off_by_a_kill_is_made_again(tmp_path: Path) -> None:
    suite = Numbers()
    run(suite, 3, journal=Journal(tmp_path, suite.conditions))
    path = tmp_path / FILE
    content = path.read_bytes()
    for cut in (1, 20):
        path.write_bytes(content[:-cut])
        again = Numbers()
        found = run(again, 3, journal=Journal(tmp_path, again.conditions))
        assert again.made == [("odd", 2)]
        assert found.complete
        assert path.read_bytes() == content


def test_time_ends_a_run_but_not_before_its_first_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(0, 1_000, 10))
    monkeypatch.setattr(running.time, "monotonic", lambda: next(clock))
    suite = Numbers()
    told: list[tuple[int, int]] = []
    journal = Journal(tmp_path, suite.conditions)
    found = run(
        suite,
        10,
        journal=journal,
        seconds=35,
        progress=lambda done, all_: told.append((done, all_)),
    )
    assert suite.made == [("even", 0), ("odd", 0), ("even", 1), ("odd", 1)]
    assert told == [(1, 20), (2, 20), (3, 20), (4, 20)]
    assert not found.complete
    assert "10 a line were asked for; the same command goes on." in text(found)
    monkeypatch.setattr(running.time, "monotonic", lambda: 0.0)
    short = Numbers()
    run(short, 1, seconds=1e-9)
    assert len(short.made) == 2


def test_a_folder_of_another_run_is_refused_by_what_differs(tmp_path: Path) -> None:
    Journal(tmp_path, Numbers(0).conditions)
    with pytest.raises(UsageError, match="another run, whose seed is 0 and not 1: choose another"):
        Journal(tmp_path, Numbers(1).conditions)


def test_what_is_no_journal_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"suite": "x"}\n{"line": 3}\n')
    with pytest.raises(FormatError, match=r"trials\.jsonl is no journal of a suite"):
        read(tmp_path / FILE)
    (tmp_path / FILE).write_text("")
    with pytest.raises(FormatError, match="is no journal"):
        Journal(tmp_path, {})


def test_a_trial_is_a_round_trip() -> None:
    trial = Numbers().trial("odd", 7)
    assert Trial.from_json(trial.to_json()) == trial


def test_a_suite_needs_trials_time_and_lines() -> None:
    with pytest.raises(UsageError, match="a suite needs trials and time above 0, got 0 and None"):
        run(Numbers(), 0)
    with pytest.raises(UsageError, match="needs trials and time above 0, got 1 and -5 s"):
        run(Numbers(), 1, seconds=-5)
    empty = Numbers()
    empty.lines = ()
    with pytest.raises(UsageError, match="nothing of the suite numbers can be run: prime: nobody"):
        run(empty, 1)
    with pytest.raises(UsageError, match="a line must be one of even, odd, got 'prime'"):
        check_lines(("even", "prime"), ("even", "odd"))


def test_the_worst_are_at_least_one_and_ties_keep_their_order() -> None:
    suite = Numbers()
    trials = [Trial("even", i, {"number": 1.0}) for i in range(21)]
    assert [t.index for t in worst(suite, trials)] == [0, 1]
    assert len(worst(suite, trials[:1])) == 1
    assert worst(suite, []) == []
