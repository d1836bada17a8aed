"""Compiled loops of the smoother and of its adjoint, on tiles (:mod:`graphophone.dsp.tiles`)."""

from typing import Any

import numpy as np
from numba import literal_unroll

from graphophone.dsp.compile import Array, kernel
from graphophone.dsp.subnormals import TINY
from graphophone.dsp.tiles import ROWS, period, read, repeat, rows_of, width_of, write
from graphophone.dsp.vectors import audible, fused, larger, load, store, zeros
from graphophone.dsp.vectors import width as lanes_of


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
    goals, made, lane = target.reshape(-1, width), path.reshape(-1, width), 0
    for like in literal_unroll((zeros(8), zeros(4), zeros(2), zeros(1))):
        while lane + lanes_of(like) <= width:
            _follow(lane, like, goals, sides, made)
            lane += lanes_of(like)


@kernel
def _follow(lane: int, like: Any, target: Array, sides: Array, path: Array) -> None:
    """Smooth some clips.

    Every :data:`ROWS` samples a tiny state becomes zero: in that time the fastest attack does not
    go on to subnormal numbers of single precision.
    """
    upper, up = load(sides, 0, lane, like), load(sides, 1, lane, like)
    lower, down = load(sides, 2, lane, like), load(sides, 3, lane, like)
    sign = load(sides, 4, lane, like)
    state = sign * load(path, 0, lane, like)
    for t in range(len(target)):
        if t % ROWS == 0:
            state = audible(state, TINY)
        x = load(target, t, lane, like)
        state = larger(fused(upper, state, up * x), fused(lower, state, down * x))
        store(path, t + 1, lane, sign * state)


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
    shares, gaps, back, lane = left.reshape(-1, width), grads.reshape(-1, width), carry[None], 0
    for like in literal_unroll((zeros(8), zeros(4), zeros(2), zeros(1))):
        while lane + lanes_of(like) <= width:
            _back(lane, like, shares, gaps, back)
            lane += lanes_of(like)
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
def _back(lane: int, like: Any, left: Array, grads: Array, carry: Array) -> None:
    """Add to the gradient of each sample of some clips what is left of that of the next."""
    felt, share = load(carry, 0, lane, like), like + 1.0
    for back in range(len(grads)):
        t = len(grads) - 1 - back
        felt = fused(share, felt, load(grads, t, lane, like))
        store(grads, t, lane, felt)
        share = load(left, t, lane, like)
        if t % ROWS == 0:
            felt, share = audible(share * felt, TINY), like + 1.0
    store(carry, 0, lane, felt)
