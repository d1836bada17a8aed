"""Simulated panels: what was planted is found, and nothing where nothing was."""

import json
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from graphophone.listening.analysis import analyse, findings
from graphophone.listening.bootstrap import intervals
from graphophone.listening.panel import panel
from graphophone.listening.screening import screen
from graphophone.listening.significance import (
    ALPHA,
    friedman,
    holm,
    pairs,
    rank_biserial,
    wilcoxon,
)
from tests.listening.simulation import ANCHORS, BAD, PLANTED, simulated, small

EQUAL = dict.fromkeys(PLANTED, 55.0)
SEEDS = 300


@pytest.mark.parametrize("seed", range(3))
def test_the_planted_order_and_the_bad_listener_are_found(seed: int) -> None:
    found = analyse(simulated(seed, PLANTED))
    assert BAD in {exclusion.listener for exclusion in found.exclusions}
    assert found.screened is not None
    gone = {exclusion.listener for exclusion in found.exclusions}
    assert len(gone) <= 3  # a lapse now and then excludes hardly anyone else
    assert set(found.screened.panel.listeners).isdisjoint(gone)
    assert len(found.everybody.panel.listeners) == 20
    for group in (found.everybody, found.screened):
        order = [s.condition for s in group.scores if s.condition in PLANTED]
        assert order == list(PLANTED)
        assert group.friedman is not None
        assert group.friedman.p < 1e-6
        assert len(group.pairs) == 6
        assert all(pair.differs and pair.effect > 0.7 for pair in group.pairs)
        for pair in group.pairs:
            planted = PLANTED[pair.one] - PLANTED[pair.other]
            # tastes of 6 in each of two conditions, 20 listeners: a standard error of 2
            assert pair.difference == pytest.approx(planted, abs=8)
            assert pair.interval[0] < pair.difference < pair.interval[1]
    reference = {s.condition: s for s in found.screened.scores}["reference"]
    assert reference.mean > 95


def test_nothing_is_found_where_nothing_was_planted() -> None:
    overall = anywhere = 0
    for seed in range(SEEDS):
        whole = panel(simulated(1_000 + seed, EQUAL, trials=4, bad=None), "null")
        scores = whole.means[:, [whole.conditions.index(name) for name in EQUAL]]
        told = friedman(scores)
        assert told is not None
        found = pairs(scores, list(EQUAL), np.zeros(6), np.zeros((6, 2)), told)
        overall += told.p < ALPHA
        anywhere += any(pair.differs for pair in found)
        for pair in found:
            assert pair.differs == (told.p < ALPHA and pair.holm < ALPHA)
    # 300 chances of 0.05: 25 or more happen in one of 400 runs, fewer than 5 in one of 1000
    assert 5 <= overall <= 24
    assert anywhere <= 24
    assert anywhere <= overall


def test_ratings_of_one_listener_are_no_more_listeners() -> None:
    """Twice the excerpts with the same scores add nothing to what is known of people."""
    ratings = simulated(3, EQUAL, trials=3)
    again = [type(r)(r.test, r.listener, r.trial + "b", r.condition, r.score) for r in ratings]
    one, two = analyse(ratings).everybody, analyse([*ratings, *again]).everybody
    assert one.friedman == two.friedman
    assert {p.one + p.other: p.p for p in one.pairs} == {p.one + p.other: p.p for p in two.pairs}


def test_the_order_of_lines_does_not_matter() -> None:
    ratings = simulated(4, PLANTED, listeners=16)
    one, other = analyse(ratings).everybody, analyse(sorted(ratings, key=repr)).everybody
    assert one.friedman == other.friedman
    for a, b in zip(one.pairs, other.pairs, strict=True):
        assert (a.one, a.other, a.p, a.holm) == (b.one, b.other, b.p, b.holm)


def test_screening_is_strict_about_fifteen_percent() -> None:
    trials = 20

    def given(wrong: int, anchor: int = 0) -> dict[str, list[float]]:
        return {
            "reference": [89.0] * wrong + [90.0] * (trials - wrong),
            "anchor70": [91.0] * anchor + [90.0] * (trials - anchor),
            "ours": [50.0] * trials,
        }

    people = {"three": given(3), "four": given(4), "deaf": given(0, 4), "half": given(0, 3)}
    people |= {"once": given(1), "once70": given(0, 1)}  # 5 % is no reason to exclude anybody
    people |= {f"good{i}": given(0) for i in range(8)}
    found = screen(small(people))
    told = [(e.listener, e.rule, e.failed, e.trials) for e in found]
    assert told == [("four", "reference", 4, 20), ("deaf", "anchor70", 4, 20)]
    assert str(found[0]) == (
        "four: hidden reference below 90 on more than 15 % of the excerpts (4 of 20)"
    )


def test_an_excerpt_whose_anchor_does_no_harm_excludes_nobody() -> None:
    def given(above: list[float]) -> dict[str, list[float]]:
        return {"reference": [100.0] * 4, "anchor70": above, "ours": [1.0] * 4}

    harmless = {"a": given([95, 95, 0, 0]), "b": given([95, 0, 0, 0])}
    quiet = {f"q{i}": given([0.0] * 4) for i in range(3)}
    found = screen(small(harmless | quiet))  # the first excerpt: 2 of 5 above 90
    assert [(e.listener, e.failed, e.trials) for e in found] == [("a", 1, 3)]


def test_warnings_say_what_limits_the_analysis() -> None:
    ratings = simulated(5, PLANTED, listeners=15, bad=None, lapses=0)
    assert analyse(ratings).warnings == ()
    fewer = [r for r in ratings if r.listener != "listener-03"]
    assert any("14 listeners after" in said for said in analyse(fewer).warnings)
    torn = analyse(ratings[1:]).warnings
    assert any(f"1 left out, they did not rate everything: {ratings[0].listener}" in said
               for said in torn)  # fmt: skip
    bare = analyse([r for r in ratings if r.condition != "anchor70"]).warnings
    assert any("there is no 'anchor70'" in said for said in bare)
    deaf = analyse([r for r in simulated(1, PLANTED, 3, bad="listener-01", lapses=1.0)])
    assert deaf.screened is None
    assert any("too few listeners for an analysis of the rest" in said for said in deaf.warnings)


def test_holm_by_hand_and_against_its_definition() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.6]) == [1.0, 1.0]
    assert holm([]) == []
    rng = np.random.default_rng(1)
    for _ in range(50):
        p = rng.uniform(0, 0.2, 6)
        ranked = np.sort(p)
        for alpha in (0.05, 0.2, 0.5):
            passed = ranked <= alpha / np.arange(6, 0, -1)
            rejected = ranked[: 6 if passed.all() else int(passed.argmin())]
            assert sorted(p[np.array(holm(list(p))) <= alpha]) == list(rejected)


def test_statistics_are_those_of_scipy_and_of_the_definitions() -> None:
    rng = np.random.default_rng(2)
    scores = rng.uniform(0, 100, (17, 5))
    told = friedman(scores)
    assert told is not None
    assert (told.statistic, told.p) == tuple(stats.friedmanchisquare(*scores.T))
    ranks = stats.rankdata(scores, axis=1)
    spread = ((ranks.sum(0) - 17 * 3) ** 2).sum()
    assert told.agreement == pytest.approx(12 * spread / (17**2 * (5**3 - 5)))
    gap = scores[:, 0] - scores[:, 1]
    above = stats.wilcoxon(gap, alternative="greater")
    assert rank_biserial(gap) == pytest.approx(2 * above.statistic / (17 * 18 / 2) - 1)
    assert wilcoxon(gap) == stats.wilcoxon(gap).pvalue
    assert (rank_biserial(np.array([3.0, 1, 2])), rank_biserial(np.array([-1.0, -2]))) == (1, -1)


def test_ties_everywhere_are_no_difference() -> None:
    same = np.full((6, 4), 70.0)
    told = friedman(same)
    assert told is not None
    assert (told.p, told.agreement) == (1.0, 0.0)
    assert (wilcoxon(np.zeros(6)), rank_biserial(np.zeros(6))) == (1.0, 0.0)
    assert friedman(same[:, :2]) is None
    noise = np.full((6, 1), 0.1 + 0.2) - [[0.3, 0.1 + 0.2, 0.3]]  # what sums leave behind
    assert noise[:, 0].all()
    assert (wilcoxon(noise[:, 0]), rank_biserial(noise[:, 0])) == (1.0, 0.0)
    told = friedman(noise)
    assert told is not None
    assert told.p == 1.0


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(3)
    scores = rng.normal(60, 12, (24, 300))  # 300 panels of 24 listeners
    spans = intervals(scores, "mean", seed=1, resamples=1_000)
    covered = ((spans[:, 0] <= 60) & (spans[:, 1] >= 60)).mean()
    assert 0.89 <= covered <= 0.97
    exact = stats.t.interval(0.95, 23, scores.mean(0), stats.sem(scores))
    assert np.abs(spans - np.transpose(exact)).mean() < 1.0
    medians = intervals(scores, "median", seed=1, resamples=1_000)
    covered = ((medians[:, 0] <= 60) & (medians[:, 1] >= 60)).mean()
    assert 0.89 <= covered <= 0.99
    assert (intervals(scores[:, :2], "mean", 7) == intervals(scores[:, :2], "mean", 7)).all()


def test_conditions_that_differ_by_construction_are_not_tested() -> None:
    found = findings(panel(simulated(6, {"ours": 60.0}), "one"))
    assert (found.friedman, found.pairs) == (None, ())
    task = {"ours": 60.0, "anchor_dry": 30.0, "anchor_random": 20.0}
    found = findings(panel(simulated(6, task), "one and anchors of the task"))
    assert (found.friedman, found.pairs) == (None, ())
    assert {score.condition for score in found.scores} == {*ANCHORS, *task}
    two = findings(panel(simulated(6, {"ours": 70.0, "row3": 50.0}), "two"), "median")
    assert two.friedman is None
    assert [(pair.one, pair.other, pair.differs) for pair in two.pairs] == [("ours", "row3", True)]
    assert {score.condition for score in two.scores} == {*ANCHORS, "ours", "row3"}
    medians = [score.median for score in two.scores]
    assert all(a >= b for a, b in pairwise(medians))
    json.dumps(two.to_json(), allow_nan=False)


def test_excerpts_have_a_table_of_their_own() -> None:
    whole = small({"a": {"reference": [100, 90], "ours": [10, 20]},
                   "b": {"reference": [100, 70], "ours": [30, 60]}})  # fmt: skip
    found = findings(whole)
    assert found.excerpts == {
        "0": {"reference": 100, "ours": 20},
        "1": {"reference": 80, "ours": 40},
    }
