"""Logarithms and powers inside kernels, against those of a library."""

import numpy as np
import pytest

from graphophone.dsp.compile import Array, kernel
from graphophone.dsp.exponentials import exp2, exp2_less_1, log2


@kernel
def logarithms(values: Array, out: Array) -> None:
    for i in range(values.size):
        out[i] = log2(values[i])


@kernel
def powers(values: Array, out: Array) -> None:
    for i in range(values.size):
        out[i] = exp2(values[i])


@kernel
def growths(values: Array, out: Array) -> None:
    for i in range(values.size):
        out[i] = exp2_less_1(values[i])


def of(function: object, values: Array) -> Array:
    out = np.empty(values.shape)
    function(values, out)  # type: ignore[operator]
    return out


def test_a_logarithm_is_right_at_any_size() -> None:
    generator = np.random.default_rng(0)
    x = 2 ** generator.uniform(-1021, 1023, 50_000)
    np.testing.assert_allclose(of(logarithms, x), np.log2(x), rtol=4e-15)


def test_a_logarithm_is_right_near_one_where_it_is_small() -> None:
    x = 1 + np.random.default_rng(1).uniform(-0.3, 0.45, 50_000) ** 9
    expected = np.log1p(x - 1) / np.log(2)
    np.testing.assert_allclose(of(logarithms, x), expected, rtol=4e-15)


def test_a_power_is_right_at_any_size() -> None:
    x = np.random.default_rng(2).uniform(-1021, 1022.9, 50_000)
    np.testing.assert_allclose(of(powers, x), np.exp2(x), rtol=4e-15)


def test_powers_are_right_around_whole_and_half_numbers() -> None:
    halves = np.arange(-120, 121) / 2
    x = np.concatenate([np.nextafter(halves, -np.inf), halves, np.nextafter(halves, np.inf)])
    np.testing.assert_allclose(of(powers, x), np.exp2(x), rtol=4e-15)


def test_whole_powers_are_exact_both_ways() -> None:
    whole = np.arange(-1022.0, 1023.0)
    np.testing.assert_array_equal(of(powers, whole), 2.0**whole)
    np.testing.assert_array_equal(of(logarithms, 2.0**whole), whole)


def test_single_precision_is_taken_as_it_is() -> None:
    x = np.random.default_rng(3).uniform(1e-6, 4, 1_000).astype(np.float32)
    np.testing.assert_array_equal(of(logarithms, x), of(logarithms, x.astype(np.float64)))


@pytest.mark.parametrize("power", [-1023.5, -5_000.0, -np.inf])
def test_what_would_be_subnormal_is_the_smallest_normal_number(power: float) -> None:
    assert of(powers, np.array([power])) == np.finfo(np.float64).tiny


def test_what_is_not_a_number_stays_so() -> None:
    assert np.isnan(of(powers, np.array([np.nan])))


def test_a_growth_is_right_at_any_size_and_near_nothing() -> None:
    draw = np.random.default_rng(4)
    for x in (draw.uniform(-60, 60, 50_000), draw.uniform(-1, 1, 50_000) ** 21):
        expected = np.expm1(x * np.log(2))
        np.testing.assert_allclose(of(growths, x), expected, rtol=2e-14, atol=1e-300)
    assert of(growths, np.zeros(1))[0] == 0
