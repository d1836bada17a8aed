"""A product and a sum in one."""

import numpy as np
import pytest

from graphophone.dsp.compile import Array, kernel
from graphophone.dsp.vectors import fused


@kernel
def combined(a: Array, b: Array, c: Array, out: Array) -> None:
    for i in range(out.size):
        out[i] = fused(a[i], b[i], c[i])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_product_and_a_sum(dtype: type) -> None:
    a, b, c = np.random.default_rng(0).standard_normal((3, 100)).astype(dtype)
    out = np.empty(100)
    combined(a, b, c, out)
    expected = a.astype(np.float64) * b.astype(np.float64) + c.astype(np.float64)
    np.testing.assert_allclose(out, expected, rtol=1e-14, atol=1e-16)


def test_any_number_of_them_are_rounded_alike() -> None:
    """Some of a hundred and one in vector registers, the last ones alone."""
    out = np.empty(101)
    combined(np.full(101, 1 + 2.0**-30), np.full(101, 1 - 2.0**-30), np.full(101, -1.0), out)
    assert set(out) in ({-(2.0**-60)}, {0.0})  # rounded once, or twice where it cannot be
