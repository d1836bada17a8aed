"""Shares over a set, and how far they can be trusted."""

import numpy as np
import pytest

from graphophone.evaluation.tally import (
    RESAMPLES,
    Figure,
    Tally,
    bootstrap,
    changes,
    quantile,
    summarise,
)


def test_a_share_is_over_all_tokens_of_the_set_not_a_mean_of_shares() -> None:
    scores = [{"node_error": Tally(1, 2)}, {"node_error": Tally(0, 8)}]
    assert summarise(scores)["node_error"].value == pytest.approx(0.1)


def test_a_mean_over_items_counts_each_once() -> None:
    scores = [{"iou": Tally(1.0)}, {"iou": Tally(0.5)}, {"iou": Tally(0.0)}]
    assert summarise(scores)["iou"].value == pytest.approx(0.5)


def test_items_without_a_metric_do_not_count_and_a_metric_that_none_has_is_absent() -> None:
    found = summarise([{"a": Tally(3.0)}, {"b": Tally(0, 0)}, {"a": Tally(1.0), "b": Tally(0, 0)}])
    assert found["a"].value == pytest.approx(2.0)
    assert "b" not in found


def test_equal_items_leave_no_doubt() -> None:
    figure = summarise([{"x": Tally(0.25)}] * 10)["x"]
    assert (figure.low, figure.value, figure.high) == (0.25, 0.25, 0.25)


def test_interval_is_as_wide_as_theory_says() -> None:
    """A mean of n values has the standard error s / sqrt(n); the interval is +-1.96 of it."""
    values = np.random.default_rng(1).normal(3.0, 2.0, 400)
    figure = summarise([{"x": Tally(float(v))} for v in values])["x"]
    error = values.std() / len(values) ** 0.5
    assert figure.value == pytest.approx(values.mean())
    assert figure.high - figure.value == pytest.approx(1.96 * error, rel=0.15)
    assert figure.value - figure.low == pytest.approx(1.96 * error, rel=0.15)
    assert RESAMPLES == 1_000


def test_one_seed_gives_one_interval() -> None:
    scores = [{"x": Tally(float(i % 7))} for i in range(50)]
    assert summarise(scores, seed=3) == summarise(scores, seed=3)
    assert summarise(scores, seed=3) != summarise(scores, seed=4)


def test_a_change_is_counted_in_pairs() -> None:
    """Items differ much and the change little: pairs see it, two intervals would not."""
    hardness = np.random.default_rng(0).normal(5.0, 2.0, 100)
    gaps = np.random.default_rng(1).normal(0.1, 0.02, 100)
    before = [{"x": Tally(float(v)), "y": Tally(1.0)} for v in hardness]
    after = [{"x": Tally(float(v))} for v in hardness + gaps]
    found = changes(before, after)
    assert found.keys() == {"x"}
    error = gaps.std() / 10
    assert found["x"].value == pytest.approx(gaps.mean())
    assert found["x"].high - found["x"].value == pytest.approx(1.96 * error, rel=0.2)
    assert found["x"].value - found["x"].low == pytest.approx(1.96 * error, rel=0.2)


def test_a_change_of_a_share_is_over_all_tokens_on_each_side() -> None:
    before = [{"e": Tally(1, 2)}, {"e": Tally(0, 8)}]
    after = [{"e": Tally(2, 4)}, {"e": Tally(2, 4)}]
    assert changes(before, after)["e"].value == pytest.approx(0.5 - 0.1)


def test_no_change_is_none() -> None:
    scores = [{"x": Tally(float(i % 7))} for i in range(50)]
    figure = changes(scores, scores)["x"]
    assert (figure.low, figure.value, figure.high) == (0, 0, 0)


def test_a_quantile_and_its_interval_are_those_of_order_statistics() -> None:
    values = [float(v) for v in range(1, 101)]
    median, high = quantile(values, 0.5), quantile(values, 0.95)
    assert median.value == 50.5
    # Of 100 values the ranks 40 and 61 hold the median with 95 % (the binomial distribution).
    assert median.low == pytest.approx(40, abs=2)
    assert median.high == pytest.approx(61, abs=2)
    assert high.value == pytest.approx(95.05)
    assert 88 < high.low < high.value < high.high <= 100
    assert quantile([3.0], 0.95) == Figure(3.0, 3.0, 3.0)


def test_the_bootstrap_of_a_mean_is_that_of_the_tallies() -> None:
    values = [0.1, 0.9, 0.4, 0.4, 0.7]
    found = bootstrap(lambda rows: float(np.mean([values[i] for i in rows])), len(values), 3)
    expected = summarise([{"x": Tally(value)} for value in values], 3)["x"]
    assert (found.value, found.low, found.high) == pytest.approx(
        (expected.value, expected.low, expected.high)
    )
