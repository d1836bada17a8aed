"""Compiled third-order Lagrange interpolation in rows of samples, and its adjoint.

Source: T. Laakso et al., Splitting the Unit Delay, IEEE Signal Processing Magazine 13(1), 1996.
Places are those of the oldest of four samples, and a fraction in [0, 1): how far the wanted one is
before the third of them, towards the second.
"""

from typing import Any

import numpy as np

from graphophone.dsp.compile import Array, kernel

TILE = 256
"""Samples that are read together: few enough that nothing leaves the smallest cache meanwhile."""

TAPS = 4
"""Samples that one is read from."""

NEXT = np.uint64(1)
"""Indices are unsigned, so that none is checked for counting from the end."""


@kernel
def blend(older: float, far: float, near: float, newer: float, f: float) -> float:
    """Interpolate between four samples."""
    up, down, further = f + 1, f - 1, f - 2
    return float(
        0.5 * up * further * (down * near - f * far)
        + f * down * (up * older - further * newer) * (1 / 6)
    )


@kernel
def slope(older: float, far: float, near: float, newer: float, f: float) -> float:
    """Differentiate :func:`blend` by ``f``."""
    return float(
        0.5 * (((3 * f - 4) * f - 1) * near - ((3 * f - 2) * f - 2) * far)
        + ((3 * f * f - 1) * older - ((3 * f - 6) * f + 2) * newer) * (1 / 6)
    )


@kernel
def collect(row: Array, at: Array, start: int, end: int, taps: Array) -> None:
    """Copy what samples ``start`` to ``end`` are read from to ``taps``, four for each."""
    base = np.uint64(start)
    for t in range(end - start):
        place, to = np.uint64(at[base + np.uint64(t)]), np.uint64(TAPS * t)
        second, third = place + NEXT, place + NEXT + NEXT
        older, far, near, newer = row[place], row[second], row[third], row[third + NEXT]
        taps[to], taps[to + NEXT] = older, far  # all is read before, so one load and one store do
        taps[to + NEXT + NEXT], taps[to + NEXT + NEXT + NEXT] = near, newer


@kernel
def read(row: Array, at: Array, f: Array, start: int, end: int, taps: Array, out: Array) -> None:
    """Read a row anywhere: taps one by one, then vectors of them are blended.

    Args:
        row: Samples.
        at: Places, shape (time,).
        f: Fractions, likewise.
        start: First sample to read.
        end: Where to stop, at most ``TILE`` later.
        taps: Scratch of ``TAPS * TILE`` elements.
        out: Where the result goes, shape (time,).
    """
    collect(row, at, start, end, taps)
    base = np.uint64(start)
    for t in range(end - start):
        i, to = base + np.uint64(t), np.uint64(TAPS * t)
        older, far = taps[to], taps[to + NEXT]
        near, newer = taps[to + NEXT + NEXT], taps[to + NEXT + NEXT + NEXT]
        out[i] = blend(older, far, near, newer, f[i])


@kernel
def read_slope(
    row: Array, at: Array, f: Array, start: int, end: int, taps: Array, out: Array, rise: Array
) -> None:
    """Read as :func:`read` does, and its derivative by ``f`` to ``rise``."""
    collect(row, at, start, end, taps)
    base = np.uint64(start)
    for t in range(end - start):
        i, to = base + np.uint64(t), np.uint64(TAPS * t)
        older, far = taps[to], taps[to + NEXT]
        near, newer = taps[to + NEXT + NEXT], taps[to + NEXT + NEXT + NEXT]
        out[i] = blend(older, far, near, newer, f[i])
        rise[i] = slope(older, far, near, newer, f[i])


@kernel
def read_on(row: Array, at: Array, f: Array, start: int, end: int, out: Array) -> None:
    """Read a row at places that all follow one another."""
    place, base = np.uint64(at[start]), np.uint64(start)
    for t in range(end - start):
        i = np.uint64(t)
        second = place + i + NEXT
        third = second + NEXT
        older, far, near, newer = row[place + i], row[second], row[third], row[third + NEXT]
        out[base + i] = blend(older, far, near, newer, f[base + i])


@kernel
def spread(
    row: Array, at: Array, shift: int, f: Array, start: int, end: int, amount: Array
) -> None:
    """Add to a row what :func:`read` takes from it, times ``amount``, ``shift`` places further.

    Neighbours mostly add to neighbours. What four of them add to one sample is summed up in
    registers, where it waits for no memory.
    """
    base, place = np.uint64(start), np.uint64(at[start] + shift)
    a, b, c, d = 0.0, 0.0, 0.0, 0.0
    for t in range(end - start):
        i = base + np.uint64(t)
        first = np.uint64(at[i] + shift)
        if first == place + NEXT:
            row[place] += a
            a, b, c, d = b, c, d, 0.0
        elif first != place:
            add(row, place, a, b, c, d)
            a, b, c, d = 0.0, 0.0, 0.0, 0.0
        place, g = first, f[i]
        up, down, further = g + 1, g - 1, g - 2
        inner, outer = 0.5 * up * further * amount[i], g * down * (1 / 6) * amount[i]
        a, b = a + outer * up, b - inner * g
        c, d = c + inner * down, d - outer * further
    add(row, place, a, b, c, d)


@kernel
def add(row: Array, place: Any, a: float, b: float, c: float, d: float) -> None:
    """Add to four samples of a row."""
    second, third = place + NEXT, place + NEXT + NEXT
    row[place] += a
    row[second] += b
    row[third] += c
    row[third + NEXT] += d
