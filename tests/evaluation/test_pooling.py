"""Figures over runs, and ties, by hand and by their laws."""

import random

import pytest

from graphophone.evaluation.pooling import pooled, ties
from graphophone.evaluation.tally import Figure, Score, Tally, summarise


def scores(seed: int, count: int = 60, shift: float = 0.0) -> list[Score]:
    rng = random.Random(seed)
    return [{"a": Tally(rng.random() + shift, 1.0)} for _ in range(count)]


def test_ties_by_hand() -> None:
    figures = {
        "1": Figure(0.10, 0.05, 0.15),
        "3": Figure(0.20, 0.15, 0.25),
        "5": Figure(0.28, 0.24, 0.32),
        "6": Figure(0.50, 0.45, 0.55),
        "2": None,
    }
    assert ties(figures) == {
        "1": ("3",),  # they touch
        "3": ("1", "5"),
        "5": ("3",),  # not 1: overlap is not handed on
        "6": (),
        "2": (),
    }


def test_one_run_is_summarised_as_ever() -> None:
    one, many = summarise(scores(1))["a"], pooled([scores(1)])["a"]
    assert many.value == pytest.approx(one.value)
    assert (many.low, many.high) == pytest.approx((one.low, one.high), abs=0.02)


def test_runs_weigh_by_what_they_counted() -> None:
    runs = [[{"a": Tally(1.0, 2.0)}], [{"a": Tally(3.0, 6.0)}]]
    assert pooled(runs)["a"].value == pytest.approx(4 / 8)
    assert "b" not in pooled([[{"b": Tally(0.0, 0.0)}]])


def test_the_interval_of_two_runs_spans_both_and_that_of_equal_runs_does_not_widen() -> None:
    apart = pooled([scores(1), scores(1, shift=1.0)])["a"]
    low, high = pooled([scores(1)])["a"], pooled([scores(1, shift=1.0)])["a"]
    assert apart.value == pytest.approx((low.value + high.value) / 2)
    assert apart.low < low.value
    assert apart.high > high.value
    alike = pooled([scores(1), scores(1)])["a"]
    assert (alike.low, alike.high) == pytest.approx((low.low, low.high), abs=0.02)


def test_the_same_seed_gives_the_same_interval() -> None:
    runs = [scores(1), scores(2)]
    assert pooled(runs, 5) == pooled(runs, 5)
    assert pooled(runs, 5) != pooled(runs, 6)
