"""Logarithms and powers of two, inside compiled kernels, without a call.

A library's functions take one number each. These are a few products and sums, and bits moved
within 64-bit integers, without a branch, so that a compiler does as many at once as a vector
register holds. Both are right to a few parts in 10^15.

Method: the argument is split into a power of two and a rest near one or zero, whose function is
a polynomial; J.-M. Muller, Elementary Functions, 3rd ed. (2016).
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.polynomial import Chebyshev, Polynomial

from graphophone.dsp.compile import Array, kernel

MANTISSA = np.uint64(52)
"""Bits of a number's mantissa after the leading one; those of the exponent are above them."""

ONE = np.uint64(1023 << 52)
"""Bits of 1.0, whose mantissa is all zeros."""

ROOT_HALF = np.array(math.sqrt(0.5)).view(np.uint64)[()]
"""Bits of the smallest mantissa that a logarithm is computed of; the largest is twice that."""

UNITS = np.array(2.0**52).view(np.uint64)[()]
"""Bits of 2^52, whose last bit is a unit: a small integer, put into the last bits, is added."""

BIAS = 2.0**52 + 1023
"""What such a number is for the exponent of 1.0."""

ROUNDING = 1.5 * 2.0**52
"""A sum with this has no bits after the point: it is rounded, and an integer in its last bits."""

LOWEST = -1022.0
"""Power of the smallest number that is not subnormal."""


def _polynomial(
    function: Callable[[Array], Array], low: float, high: float, terms: int
) -> tuple[float, ...]:
    """Interpolate at Chebyshev nodes, hardly worse than the best; highest power first."""
    fit = Chebyshev.interpolate(function, terms - 1, domain=[low, high])
    return tuple(map(float, fit.convert(kind=Polynomial, domain=[-1, 1]).coef[::-1]))


def _slope(square: Array) -> Array:
    """Return log2((1 + s) / (1 - s)) / s of the root s."""
    root = np.sqrt(square)
    return 2 / math.log(2) * np.arctanh(root) / root


LOG2 = _polynomial(_slope, 0.0, (3 - math.sqrt(8)) ** 2, 7)
"""Of the square of s = (m - 1) / (m + 1), for a mantissa m from the root of a half to that of 2."""

EXP2 = _polynomial(lambda x: np.expm1(x * math.log(2)) / x, -0.5, 0.5, 10)
"""Of (2^x - 1) / x."""


@kernel
def log2(x: float) -> float:
    """Return the logarithm to the base of two of a positive, normal number; that of 1 is 0."""
    bits = np.float64(x).view(np.uint64)
    biased = (bits - ROOT_HALF + ONE) >> MANTISSA
    power = np.uint64(biased | UNITS).view(np.float64) - BIAS
    mantissa = np.uint64(bits - (biased << MANTISSA) + ONE).view(np.float64)
    s = (mantissa - 1) / (mantissa + 1)
    total, square = 0.0, s * s
    for coefficient in LOG2:
        total = total * square + coefficient
    return float(total * s + power)


@kernel
def exp2(x: float) -> float:
    """Return two to a power below 1023; the smallest result is a normal number. 2^0 is 1."""
    held = LOWEST if x < LOWEST else x  # what is not a number stays so
    rounded = held + ROUNDING
    rest = held - (rounded - ROUNDING)
    total = 0.0
    for coefficient in EXP2:
        total = total * rest + coefficient
    near = np.float64(total * rest + 1).view(np.uint64)
    power = np.float64(rounded).view(np.uint64) << MANTISSA
    return float(np.uint64(near + power).view(np.float64))


@kernel
def exp2_less_1(x: float) -> float:
    """Return ``2^x - 1`` for a power within 1022 of 0, as right near 0 as elsewhere."""
    rounded = x + ROUNDING
    rest = x - (rounded - ROUNDING)
    total = 0.0
    for coefficient in EXP2:
        total = total * rest + coefficient
    power = np.uint64((np.float64(rounded).view(np.uint64) << MANTISSA) + ONE).view(np.float64)
    return float(power * (total * rest) + (power - 1))
