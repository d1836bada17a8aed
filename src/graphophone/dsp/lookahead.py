"""One recurrence or two coupled ones that stand still, eight samples at a time.

The states ``s`` of a filter of second order follow its input by ``s' = M s + b x``, and each waits
for the one before. With the powers of ``M`` a state is a sum of the last eight inputs and of the
state eight samples before (look-ahead: P. P. Vaidyanathan, Multirate Systems and Filter Banks,
1993, section 10.1); so eight neighbours can be computed at once, and a compiler does so.
"""

import numpy as np

from graphophone.dsp.compile import Array, kernel

AHEAD = 8
"""Samples from a state to the one that it is computed from; rows begin with as many zeros."""

FOURTH, EIGHTH, MATRIX, COEFFICIENTS = 8, 12, 16, 20
"""Of a recurrence: shares of the last four inputs in both states, then powers of its matrix."""


@kernel
def recurrence(a: float, b: float, c: float, d: float, one: float, two: float) -> Array:
    """Return what :func:`advance` needs.

    Args:
        a: Share of the first state in the first one after it.
        b: Share of the second in the first.
        c: Share of the first in the second.
        d: Share of the second in the second.
        one: Share of the input in the first.
        two: Share of the input in the second.

    Returns:
        Shape (COEFFICIENTS,).
    """
    table = np.empty(COEFFICIENTS)
    for t in range(4):
        table[2 * t], table[2 * t + 1] = one, two
        one, two = a * one + b * two, c * one + d * two
    table[MATRIX], table[MATRIX + 1], table[MATRIX + 2], table[MATRIX + 3] = a, b, c, d
    for t in range(3):
        a, b, c, d = a * a + b * c, a * b + b * d, c * a + d * c, c * b + d * d
        if t > 0:
            at = FOURTH if t == 1 else EIGHTH
            table[at], table[at + 1], table[at + 2], table[at + 3] = a, b, c, d
    return table


@kernel
def advance(
    x: Array, size: int, table: Array, before: Array, sums: Array, one: Array, two: Array
) -> None:
    """Write the states before and after each input.

    Args:
        x: Input, preceded by ``AHEAD`` zeros.
        size: How many samples it has.
        table: What :func:`recurrence` returned.
        before: Both states before the first sample; then those after the last.
        sums: Scratch of two rows that begin with ``AHEAD`` zeros.
        one: Where the first state goes, ``AHEAD - 1`` elements from the beginning on.
        two: The second state, likewise.
    """
    ahead = np.uint64(AHEAD)
    u, v = sums[0], sums[1]
    b1, b2, c1, c2, d1, d2, e1, e2 = table[:FOURTH]
    for t in range(size):
        i = np.uint64(t) + ahead
        now, last = x[i], x[i - np.uint64(1)]
        third, fourth = x[i - np.uint64(2)], x[i - np.uint64(3)]
        u[i] = (b1 * now + c1 * last) + (d1 * third + e1 * fourth)
        v[i] = (b2 * now + c2 * last) + (d2 * third + e2 * fourth)
    first, second = before[0], before[1]
    m11, m12, m21, m22 = table[MATRIX:]
    p, q = first, second
    for t in range(AHEAD, AHEAD + AHEAD // 2):
        p, q = m11 * p + m12 * q, m21 * p + m22 * q
        u[t], v[t] = u[t] + p, v[t] + q
    f11, f12, f21, f22 = table[FOURTH:EIGHTH]
    g11, g12, g21, g22 = table[EIGHTH:MATRIX]
    for t in range(AHEAD):
        one[t] = two[t] = 0.0
    for t in range(size):
        i = np.uint64(t)
        half, now = i + np.uint64(AHEAD // 2), i + ahead
        j, k, r, s = u[half], v[half], one[i], two[i]
        one[now] = (u[now] + (f11 * j + f12 * k)) + (g11 * r + g12 * s)
        two[now] = (v[now] + (f21 * j + f22 * k)) + (g21 * r + g22 * s)
    one[AHEAD - 1], two[AHEAD - 1] = first, second
    before[0], before[1] = one[size + AHEAD - 1], two[size + AHEAD - 1]


@kernel
def follow(
    x: Array, size: int, pole: float, share: float, before: Array, sums: Array, out: Array
) -> None:
    """Write the state ``s' = pole * s + share * x`` before and after each input.

    Args:
        x: Input, preceded by ``AHEAD`` zeros.
        size: How many samples it has.
        pole: Share of the state in the one after it.
        share: Share of the input in the state.
        before: The state before the first sample; then that after the last.
        sums: Scratch, a row that begins with ``AHEAD`` zeros.
        out: Where the state goes, ``AHEAD - 1`` elements from the beginning on.
    """
    ahead, second = np.uint64(AHEAD), pole * pole
    fourth = second * second
    eighth = fourth * fourth
    for t in range(size):
        i = np.uint64(t) + ahead
        near = x[i] + pole * x[i - np.uint64(1)]
        sums[i] = share * (near + second * (x[i - np.uint64(2)] + pole * x[i - np.uint64(3)]))
    first = before[0]
    state = first
    for t in range(AHEAD, AHEAD + AHEAD // 2):
        state = pole * state
        sums[t] += state
    for t in range(AHEAD):
        out[t] = 0.0
    for t in range(size):
        i = np.uint64(t)
        half, now = i + np.uint64(AHEAD // 2), i + ahead
        out[now] = (sums[now] + fourth * sums[half]) + eighth * out[i]
    out[AHEAD - 1] = first
    before[0] = out[size + AHEAD - 1]
