"""Compiled loops of one tank: combs side by side, all-passes in a row, and their slopes."""

from typing import Any

import numpy as np

from graphophone.dsp.compile import Array, kernel
from graphophone.dsp.diffusion_loops import QUIET, allpasses, clean, put, scan
from graphophone.dsp.subnormals import TINY
from graphophone.dsp.vectors import first, fused, last, later, load, register, store, width

COMBS = np.array([0.0287, 0.0307, 0.0331, 0.0359, 0.0373, 0.0409, 0.0433, 0.0461])
"""Comb delays in seconds, at scale 1; without a common divisor, so that echoes spread."""


@kernel
def run_tank(
    rows: Array, begin: int, size: int, tank: int, room: Any, state: Any, tools: Any, out: Array
) -> None:
    """Write what a tank makes of its own and the other channel into its side's row of ``out``."""
    fed, _, spare = tools
    feed(rows, begin, size, tank, room[0], fed)
    out[tank % 2, :] = 0.0
    combs(tools, tank, room, state, out, tank % 2, size)
    lengths, starts, heads = state.lengths[tank], state.starts[tank], state.heads[tank]
    lates, rings = state.lows[tank, 8:], (lengths, starts, heads, state.bends[tank])
    allpasses(rings, lates, state.lines, tank, spare, out, tank % 2, size)


@kernel
def run_bent_tank(
    rows: Array,
    begin: int,
    size: int,
    tank: int,
    room: Any,
    bent: Any,
    state: Any,
    moves: Any,
    tools: Any,
    out: Array,
    slope: Array,
) -> None:
    """Write what a tank makes of both channels, and its derivative, into its side's rows."""
    fed, powers, spare = tools
    row = tank % 2
    feed(rows, begin, size, tank, room[0], fed)
    out[row, :] = slope[row, :] = 0.0
    combs_bent(fed, tank, room, bent, state, moves, powers, out, slope, row, size)
    lengths, starts, heads = state.lengths[tank], state.starts[tank], state.heads[tank]
    rings = lengths, starts, heads.copy(), state.bends[tank]
    allpasses(rings, moves.lows[tank, 8:], moves.lines, tank, spare, slope, row, size)
    rings = lengths, starts, heads, state.bends[tank]
    allpasses(rings, state.lows[tank, 8:], state.lines, tank, spare, out, row, size)


@kernel
def feed(rows: Array, begin: int, size: int, tank: int, into: Array, fed: Array) -> None:
    """Mix what a tank is fed of its own and the other channel."""
    like, here, there = register(rows), tank, tank ^ 1
    own, other = into[tank]
    step = width(like)
    for i in range(0, size, step):  # rows are padded
        x, y = load(rows, here, begin + i, like), load(rows, there, begin + i, like)
        store(fed, 0, i, own * x + other * y)


@kernel
def mix(rows: Array, begin: int, size: int, clip: int, room: Any, tails: Array) -> None:
    """Replace both channels of a clip by their mix with the outputs of both tanks."""
    _, back, through, _, _ = room
    dry, (a, b), (c, d) = through[clip], back[2 * clip], back[2 * clip + 1]
    like, left, right = register(rows), 2 * clip, 2 * clip + 1
    step = width(like)
    for i in range(0, size, step):  # rows are padded
        x, y = load(rows, left, begin + i, like), load(rows, right, begin + i, like)
        one, two = load(tails, 0, i, like), load(tails, 1, i, like)
        store(rows, left, begin + i, dry * x + (a * one + b * two))
        store(rows, right, begin + i, dry * y + (c * two + d * one))


@kernel
def combs(tools: Any, tank: int, room: Any, state: Any, out: Array, row: int, size: int) -> None:
    """Add eight combs to a row of ``out``.

    The low-pass in the loop, ``low = (1 - pole) * y + pole * low``, runs without its first
    factor, which the gain of the loop takes over.
    """
    fed, powers, spare = tools
    gains, pole, lows = room[3][tank], room[4][tank // 2], state.lows[tank]
    lengths, starts, heads = state.lengths[tank], state.starts[tank], state.heads[tank]
    line = state.lines
    like = register(line)
    step, pole = width(like), np.float64(first(like + pole))
    poles = like + pole, like + pole**2, like + pole**4
    fresh = 1 - pole
    over = 1 / fresh if fresh > 0 else 0.0
    rise, once, again = load(powers, 0, 0, like), like + pole**step, like + pole ** (2 * step)
    for k in range(8):
        gain, begin = like + gains[k] * fresh, 0
        while begin < size:
            end, at = begin + min(size - begin, lengths[k] - heads[k]), starts[k] + heads[k] - begin
            whole = end - (end - begin) % step
            carry = like + lows[k] * over
            twice = end - (end - begin) % (2 * step)
            for i in range(begin, twice, 2 * step):  # the second need not wait for the first
                one, two = i, i + step
                y, z = load(line, tank, at + one, like), load(line, tank, at + two, like)
                alone, later_alone = scan(y, poles), scan(z, poles)
                half = fused(once, carry, last(alone))
                x = load(fed, 0, one, like)
                store(line, tank, at + one, fused(gain, fused(rise, carry, alone), x))
                x = load(fed, 0, two, like)
                store(line, tank, at + two, fused(gain, fused(rise, half, later_alone), x))
                store(out, row, one, load(out, row, one, like) + y)
                store(out, row, two, load(out, row, two, like) + z)
                carry = fused(again, carry, fused(once, last(alone), last(later_alone)))
            for i in range(twice, whole, step):
                y = load(line, tank, at + i, like)
                alone = scan(y, poles)
                fresh_in = load(fed, 0, i, like)
                store(line, tank, at + i, fused(gain, fused(rise, carry, alone), fresh_in))
                store(out, row, i, load(out, row, i, like) + y)
                carry = fused(once, carry, last(alone))
            low = np.float64(first(carry))
            if whole < end:  # as if more came, so that what comes changes no bit of what was
                y = load(line, tank, at + whole, like)
                full = fused(rise, carry, scan(y, poles))
                store(spare, 0, 0, full)
                low = np.float64(spare[0, end - whole - 1])
                store(spare, 0, 0, fused(gain, full, load(fed, 0, whole, like)))
                put(spare, end - whole, line[tank], at + whole)
                store(spare, 0, 0, load(out, row, whole, like) + y)
                put(spare, end - whole, out[row], whole)
            lows[k] = low * fresh
            if abs(lows[k]) < QUIET:
                clean(line[tank, at + begin : at + end])
                lows[k] = lows[k] if abs(lows[k]) > TINY else 0.0
            heads[k] += end - begin
            if heads[k] == lengths[k]:
                heads[k] = 0
            begin = end


@kernel
def combs_bent(
    fed: Array,
    tank: int,
    room: Any,
    bent: Any,
    state: Any,
    moves: Any,
    powers: Array,
    out: Array,
    slope: Array,
    row: int,
    size: int,
) -> None:
    """Add eight combs to a row of ``out`` and their derivatives to one of ``slope``."""
    gains, pole, lows = room[3][tank], room[4][tank // 2], state.lows[tank]
    bends, bend, level = bent[0][tank], bent[1][tank // 2], bent[2][tank]
    lengths, starts, heads = state.lengths[tank], state.starts[tank], state.heads[tank]
    line, moved, drifts = state.lines, moves.lines, moves.lows[tank]
    like = register(line)
    step, pole = width(like), np.float64(first(like + pole))
    poles = like + pole, like + pole**2, like + pole**4
    fresh = 1 - pole
    over = 1 / fresh if fresh > 0 else 0.0
    rise, once = load(powers, 0, 0, like), like + pole**step
    turn, rate = like + bend, like + level
    for k in range(8):
        loop, lean = gains[k] * fresh, bends[k] * fresh - gains[k] * bend
        gain, tilt, begin = like + loop, like + lean, 0
        while begin < size:
            end, at = begin + min(size - begin, lengths[k] - heads[k]), starts[k] + heads[k] - begin
            whole = end - (end - begin) % step
            low = lows[k] * over
            drift = (drifts[k] + bend * low) * over
            carry, drag = like + low, like + drift
            for i in range(begin, whole, step):
                y, z = load(line, tank, at + i, like), load(moved, tank, at + i, like)
                alone = scan(y, poles)
                full = fused(rise, carry, alone)
                before = later(full, 1) + (carry - later(carry, 1))
                felt = scan(fused(turn, before, z), poles)
                drifted = fused(rise, drag, felt)
                fresh_in = load(fed, 0, i, like)
                store(line, tank, at + i, fused(gain, full, fresh_in))
                into = fused(rate, fresh_in, fused(tilt, full, gain * drifted))
                store(moved, tank, at + i, into)
                store(out, row, i, load(out, row, i, like) + y)
                store(slope, row, i, load(slope, row, i, like) + z)
                carry, drag = fused(once, carry, last(alone)), fused(once, drag, last(felt))
            low, drift = first(carry), first(drag)
            for i in range(whole, end):
                y, z = line[tank, at + i], moved[tank, at + i]
                drift = (z + bend * low) + pole * drift
                low = y + pole * low
                line[tank, at + i] = fed[0, i] + loop * low
                moved[tank, at + i] = (level * fed[0, i] + lean * low) + loop * drift
                out[row, i] += y
                slope[row, i] += z
            lows[k], drifts[k] = low * fresh, drift * fresh - bend * low
            if abs(lows[k]) < QUIET:
                clean(line[tank, at + begin : at + end])
                lows[k] = lows[k] if abs(lows[k]) > TINY else 0.0
            if abs(drifts[k]) < QUIET:
                clean(moved[tank, at + begin : at + end])
                drifts[k] = drifts[k] if abs(drifts[k]) > TINY else 0.0
            heads[k] += end - begin
            if heads[k] == lengths[k]:
                heads[k] = 0
            begin = end
