"""Compiled loops of the smoother and of its adjoint, on tiles (:mod:`graphophone.dsp.tiles`)."""

from typing import Any

import numpy as np

from graphophone.dsp.compile import Array, kernel
from graphophone.dsp.fma import fma
from graphophone.dsp.subnormals import TINY
from graphophone.dsp.tiles import ROWS, period, read, repeat, rows_of, width_of, write

QUAD = 4
"""Clips that are smoothed side by side."""


@kernel
def run(target: Array, rise: Array, fall: Array, state: Array, starts: Array, out: Array) -> None:
    """Smooth a signal.

    Args:
        target: Where to go (time, lanes).
        rise: Share of the gap that is closed in one sample, upwards (lanes).
        fall: The same downwards.
        state: Output before the first sample, (lanes); then the last one.
        starts: Where the state before each tile is kept, (tiles, lanes), or of no row.
        out: Where the result goes.
    """
    time, lanes = target.shape
    wide = width_of(lanes)
    rows = rows_of(time, lanes)
    tile, path = np.empty(rows * wide), np.empty((rows + 1) * wide)
    for start in range(0, time, rows):
        end = min(time, start + rows)
        for first in range(0, lanes, wide):
            last = min(lanes, first + wide)
            width = last - first
            size = (end - start) * width
            x, y = tile[:size], path[: size + width]
            begin(state[first:last], starts, start // rows, first, y)
            read(target[start:end], first, width, x)
            follow(x, rise[first:last], fall[first:last], y)
            state[first:last] = y[size:]
            write(y[width:], first, width, out[start:end])


@kernel
def run_back(
    target: Array, rise: Array, fall: Array, starts: Array, grad: Array, into: Any
) -> None:
    """Run the adjoint recurrence backwards in time, tile by tile.

    Args:
        target: As in :func:`run`.
        rise: The same.
        fall: The same.
        starts: What was kept.
        grad: Gradient of the result.
        into: Where gradients go: of the target; of ``rise``, ``fall`` and the start, (lanes).
    """
    to_target, to_rise, to_fall, to_start = into
    time, lanes = target.shape
    wide = width_of(lanes)
    rows = rows_of(time, lanes)
    tile, path = np.empty(rows * wide), np.empty((rows + 1) * wide)
    grads, room = np.empty(rows * wide), np.empty(rows * wide)
    sums = np.zeros(lanes * ROWS), np.zeros(lanes * ROWS)
    for start in range((time - 1) // rows * rows, -1, -rows):
        end = min(time, start + rows)
        for first in range(0, lanes, wide):
            last = min(lanes, first + wide)
            width = last - first
            size = (end - start) * width
            x, y, g = tile[:size], path[: size + width], grads[:size]
            up, down, carry = rise[first:last], fall[first:last], to_start[first:last]
            read(target[start:end], first, width, x)
            read(grad[start:end], first, width, g)
            y[:width] = starts[start // rows, first:last]
            follow(x, up, down, y)
            parts = part(sums[0], first, last), part(sums[1], first, last)
            follow_back(x, y, up, down, g, carry, room, parts)
            write(g, first, width, to_target[start:end])
    for first in range(0, lanes, wide):
        last = min(lanes, first + wide)
        total(part(sums[0], first, last), to_rise[first:last])
        total(part(sums[1], first, last), to_fall[first:last])


@kernel
def begin(state: Array, starts: Array, tile: int, first: int, path: Array) -> None:
    """Begin a path with the state, and keep that if it will be asked for."""
    for c in range(state.size):
        path[c] = state[c]
        if len(starts):
            starts[tile, first + c] = state[c]


@kernel
def part(sums: Array, first: int, last: int) -> Array:
    """Return the sums of some clips, :data:`ROWS` rows."""
    return sums[first * ROWS : last * ROWS]


@kernel
def total(parts: Array, out: Array) -> None:
    """Add up what :data:`ROWS` rows have gathered, always in the same order."""
    width = out.size
    for c in range(width):
        out[c] = 0.0
        for i in range(c, parts.size, width):
            out[c] += parts[i]


@kernel
def follow(target: Array, rise: Array, fall: Array, path: Array) -> None:
    """Smooth a tile.

    Of both steps, upwards and downwards, the right one is the further one if ``rise`` is the
    faster, whichever side the target is on; else turn all signs. So a sample does not wait for
    a comparison with the target: only for a product, a sum and a maximum.

    Args:
        target: Where to go, a tile.
        rise: Share of the gap that is closed in one sample upwards, (clips).
        fall: The same downwards.
        path: Where the result goes, after a first row that is the output before it.
    """
    width = rise.size
    sides = np.empty((5, width))
    for c in range(width):
        upper, lower = 1 - rise[c], 1 - fall[c]
        sign = 1.0 if upper <= lower else -1.0
        # Both shares of a sum are 1 together to the last bit, so a steady target is reached.
        sides[0, c], sides[1, c] = upper, sign * (1 - upper)
        sides[2, c], sides[3, c], sides[4, c] = lower, sign * (1 - lower), sign
    if width < QUAD:
        for c in range(width):
            _one(target[c:], sides[:, c], width, path[c:])
    else:
        for c in range(0, width, QUAD):
            first = min(c, width - QUAD)  # some twice rather than some alone
            _four(target[first:], sides[:, first:], width, path[first:])


@kernel
def _one(target: Array, sides: Array, width: int, path: Array) -> None:
    """Smooth one clip."""
    upper, up, lower, down, sign = sides
    s = sign * path[0]
    for block in range(0, target.size, ROWS * width):
        s = _audible(s)
        for i in range(block, min(target.size, block + ROWS * width), width):
            s = _further(fma(upper, s, up * target[i]), fma(lower, s, down * target[i]))
            path[i + width] = sign * s


@kernel
def _four(target: Array, sides: Array, width: int, path: Array) -> None:
    """Smooth four neighbours side by side: one would wait for itself most of the time."""
    (k0, k1, k2, k3), (u0, u1, u2, u3) = _quad(sides[0]), _quad(sides[1])
    (l0, l1, l2, l3), (d0, d1, d2, d3) = _quad(sides[2]), _quad(sides[3])
    (n0, n1, n2, n3), (s0, s1, s2, s3) = _quad(sides[4]), _quad(path)
    s0, s1, s2, s3 = n0 * s0, n1 * s1, n2 * s2, n3 * s3
    # Indices without a sign need no look at whether they are negative.
    i, row = np.uint64(0), np.uint64(width)
    one, two, three = np.uint64(1), np.uint64(2), np.uint64(3)
    for t in range((target.size + width - 1) // width):
        if t % ROWS == 0:
            s0, s1, s2, s3 = _audible(s0), _audible(s1), _audible(s2), _audible(s3)
        x0, x1, x2, x3 = target[i], target[i + one], target[i + two], target[i + three]
        s0 = _further(fma(k0, s0, u0 * x0), fma(l0, s0, d0 * x0))
        s1 = _further(fma(k1, s1, u1 * x1), fma(l1, s1, d1 * x1))
        s2 = _further(fma(k2, s2, u2 * x2), fma(l2, s2, d2 * x2))
        s3 = _further(fma(k3, s3, u3 * x3), fma(l3, s3, d3 * x3))
        i += row
        path[i], path[i + one] = n0 * s0, n1 * s1
        path[i + two], path[i + three] = n2 * s2, n3 * s3


@kernel
def _quad(row: Array) -> Any:
    """Return the first four values."""
    return row[0], row[1], row[2], row[3]


@kernel
def _further(one: float, other: float) -> float:
    """Return the larger one."""
    return one if one > other else other


@kernel
def _audible(state: float) -> float:
    """Return a state, or zero if it is tiny; asked every :data:`ROWS` samples.

    In that time the fastest attack does not go on to subnormal numbers of single precision.
    """
    return 0.0 if abs(state) < TINY else state


@kernel
def follow_back(
    target: Array,
    path: Array,
    rise: Array,
    fall: Array,
    grads: Array,
    carry: Array,
    room: Array,
    sums: Any,
) -> None:
    """Turn the gradients of a tile's result into those of its target.

    A loop that writes to more than two arrays would not be vectorized, so there are several.

    Args:
        target: As in :func:`follow`.
        path: What it wrote.
        rise: As in :func:`follow`.
        fall: The same.
        grads: Gradients of the result; then those of the target.
        carry: Gradient of the state after the tile (clips); then of that before it.
        room: As large as a tile.
        sums: Gradients of ``rise`` and ``fall``, :data:`ROWS` rows each, which are added to.
    """
    width, size = rise.size, target.size
    to_rise, to_fall = sums
    left, written = room[:size], period(width)
    up, down = repeat(1 - rise, np.empty(written)), repeat(1 - fall, np.empty(written))
    for start in range(0, size, written):
        x, before = target[start : start + written], path[start : start + written]
        kept = left[start : start + written]
        for i in range(x.size):
            rising, falling = up[i], down[i]  # both are read, so that there is no branch
            kept[i] = rising if x[i] > before[i] else falling
    if width < QUAD:
        for c in range(width):
            _back(left[c:], grads[c:], width, carry[c:])
    else:
        for c in range(0, width - QUAD + 1, QUAD):
            _back_four(left[c:], grads[c:], width, carry[c:])
        for c in range(width // QUAD * QUAD, width):
            _back(left[c:], grads[c:], width, carry[c:])
    for i in range(size):
        share = grads[i] * (target[i] - path[i])
        grads[i] *= 1 - left[i]
        left[i] = share
    step = to_rise.size
    for start in range((size - 1) // step * step, -1, -step):  # as tiles.gather does
        x, before = target[start : start + step], path[start : start + step]
        shares = left[start : start + step]
        for i in range(x.size):
            share = shares[i]
            rising = share if x[i] > before[i] else 0.0
            to_rise[i] += rising
            to_fall[i] += share - rising


@kernel
def _back(left: Array, grads: Array, width: int, carry: Array) -> None:
    """Add to the gradient of each sample what is left of that of the next."""
    p, share = carry[0], 1.0
    step = ROWS * width
    for block in range((grads.size - 1) // step * step, -1, -step):
        rows = (min(grads.size - block, step) + width - 1) // width
        for i in range(block + (rows - 1) * width, block - 1, -width):
            p = fma(share, p, grads[i])
            grads[i], share = p, left[i]
        p, share = _audible(share * p), 1.0
    carry[0] = p


@kernel
def _back_four(left: Array, grads: Array, width: int, carry: Array) -> None:
    """Do the same for four neighbours."""
    (p0, p1, p2, p3), (l0, l1, l2, l3) = _quad(carry), (1.0, 1.0, 1.0, 1.0)
    one, two, three = np.uint64(1), np.uint64(2), np.uint64(3)
    rows = (grads.size + width - 1) // width
    i, row = np.uint64(rows * width), np.uint64(width)
    for t in range(rows - 1, -1, -1):
        i -= row
        p0, p1 = fma(l0, p0, grads[i]), fma(l1, p1, grads[i + one])
        p2, p3 = fma(l2, p2, grads[i + two]), fma(l3, p3, grads[i + three])
        grads[i], grads[i + one], grads[i + two], grads[i + three] = p0, p1, p2, p3
        l0, l1, l2, l3 = left[i], left[i + one], left[i + two], left[i + three]
        if t % ROWS == 0:
            p0, p1 = _audible(l0 * p0), _audible(l1 * p1)
            p2, p3 = _audible(l2 * p2), _audible(l3 * p3)
            l0, l1, l2, l3 = 1.0, 1.0, 1.0, 1.0
    carry[0], carry[1], carry[2], carry[3] = p0, p1, p2, p3
