"""Compiled loops of one tank: combs side by side, all-passes in a row, and their slopes."""

from typing import Any

import numpy as np

from graphophone.dsp.compile import Array, kernel
from graphophone.dsp.subnormals import TINY

COMBS = np.array([0.0287, 0.0307, 0.0331, 0.0359, 0.0373, 0.0409, 0.0433, 0.0461])
"""Comb delays in seconds, at scale 1; without a common divisor, so that echoes spread."""

DIFFUSION = 0.5
"""Coefficient of the all-pass filters: they die away well before the shortest decay."""

QUIET = 1e-20
"""A comb this soft is searched for tiny values; a louder one has none that live long."""


@kernel
def run_tank(
    here: Array, there: Array, tank: int, room: Any, state: Any, fed: Array, out: Array
) -> None:
    """Write what a tank makes of its own and the other channel."""
    into, _, _, gains, poles = room
    own, other = into[tank]
    for i in range(out.size):
        fed[i] = own * here[i] + other * there[i]
    lengths, starts, heads = state.lengths[tank], state.starts[tank], state.heads[tank]
    line = state.lines[tank]
    combs(fed, gains[tank], poles[tank // 2], lengths, starts, heads, state.lows[tank], line, out)
    allpasses(lengths, starts, heads, line, out)


@kernel
def run_bent_tank(
    here: Array,
    there: Array,
    tank: int,
    room: Any,
    bent: Any,
    state: Any,
    moves: Any,
    fed: Array,
    out: Array,
    slope: Array,
) -> None:
    """Write what a tank makes of both channels, and its derivative."""
    into = room[0]
    own, other = into[tank]
    for i in range(out.size):
        fed[i] = own * here[i] + other * there[i]
        out[i] = slope[i] = 0.0
    lengths, starts, heads = state.lengths[tank], state.starts[tank], state.heads[tank]
    for k in (0, 4):
        combs_bent(fed, k, tank, room, bent, state, moves, out, slope)
    allpasses(lengths, starts, heads.copy(), moves.lines[tank], slope)
    allpasses(lengths, starts, heads, state.lines[tank], out)


@kernel
def mix(left: Array, right: Array, one: Array, two: Array, clip: int, room: Any) -> None:
    """Replace two channels by their mix with the outputs of both tanks."""
    _, back, through, _, _ = room
    dry, (a, b), (c, d) = through[clip], back[2 * clip], back[2 * clip + 1]
    for i in range(left.size):
        left[i], right[i] = (
            dry * left[i] + a * one[i] + b * two[i],
            dry * right[i] + c * two[i] + d * one[i],
        )


@kernel
def combs(
    fed: Array,
    gains: Array,
    pole: float,
    lengths: Array,
    starts: Array,
    heads: Array,
    lows: Array,
    line: Array,
    out: Array,
) -> None:
    """Write the sum of eight combs.

    The low-pass in the loop, ``low = (1 - pole) * y + pole * low``, runs without its first
    factor, which the gain of the loop takes over.
    """
    fresh = 1 - pole
    over = 1 / fresh if fresh > 0 else 0.0
    start = 0
    while start < out.size:
        size = out.size - start
        for k in range(8):
            size = min(size, lengths[k] - heads[k])
        r0 = line[starts[0] + heads[0] :][:size]
        r1 = line[starts[1] + heads[1] :][:size]
        r2 = line[starts[2] + heads[2] :][:size]
        r3 = line[starts[3] + heads[3] :][:size]
        r4 = line[starts[4] + heads[4] :][:size]
        r5 = line[starts[5] + heads[5] :][:size]
        r6 = line[starts[6] + heads[6] :][:size]
        r7 = line[starts[7] + heads[7] :][:size]
        l0, l1, l2, l3 = lows[0] * over, lows[1] * over, lows[2] * over, lows[3] * over
        l4, l5, l6, l7 = lows[4] * over, lows[5] * over, lows[6] * over, lows[7] * over
        g0, g1, g2, g3 = gains[0] * fresh, gains[1] * fresh, gains[2] * fresh, gains[3] * fresh
        g4, g5, g6, g7 = gains[4] * fresh, gains[5] * fresh, gains[6] * fresh, gains[7] * fresh
        x, y = fed[start : start + size], out[start : start + size]
        for i in range(size):
            s = x[i]
            y0, y1, y2, y3 = r0[i], r1[i], r2[i], r3[i]
            y4, y5, y6, y7 = r4[i], r5[i], r6[i], r7[i]
            l0, l1, l2, l3 = y0 + pole * l0, y1 + pole * l1, y2 + pole * l2, y3 + pole * l3
            l4, l5, l6, l7 = y4 + pole * l4, y5 + pole * l5, y6 + pole * l6, y7 + pole * l7
            r0[i], r1[i], r2[i], r3[i] = s + g0 * l0, s + g1 * l1, s + g2 * l2, s + g3 * l3
            r4[i], r5[i], r6[i], r7[i] = s + g4 * l4, s + g5 * l5, s + g6 * l6, s + g7 * l7
            y[i] = ((y0 + y1) + (y2 + y3)) + ((y4 + y5) + (y6 + y7))
        lows[0], lows[1], lows[2], lows[3] = l0 * fresh, l1 * fresh, l2 * fresh, l3 * fresh
        lows[4], lows[5], lows[6], lows[7] = l4 * fresh, l5 * fresh, l6 * fresh, l7 * fresh
        for k in range(8):
            if abs(lows[k]) < QUIET:
                clean(line[starts[k] + heads[k] :][:size])
                lows[k] = lows[k] if abs(lows[k]) > TINY else 0.0
            heads[k] += size
            if heads[k] == lengths[k]:
                heads[k] = 0
        start += size


@kernel
def combs_bent(
    fed: Array,
    first: int,
    tank: int,
    room: Any,
    bent: Any,
    state: Any,
    moves: Any,
    out: Array,
    slope: Array,
) -> None:
    """Add four combs to ``out`` and their derivatives to ``slope``."""
    four = slice(first, first + 4)
    gains, pole = room[3][tank, four], room[4][tank // 2]
    bends, bend, level = bent[0][tank, four], bent[1][tank // 2], bent[2][tank]
    lengths, starts = state.lengths[tank, four], state.starts[tank, four]
    heads, lows, drifts = state.heads[tank, four], state.lows[tank, four], moves.lows[tank, four]
    line, moved = state.lines[tank], moves.lines[tank]
    fresh = 1 - pole
    over = 1 / fresh if fresh > 0 else 0.0
    start = 0
    while start < out.size:
        size = out.size - start
        for k in range(4):
            size = min(size, lengths[k] - heads[k])
        r0 = line[starts[0] + heads[0] :][:size]
        r1 = line[starts[1] + heads[1] :][:size]
        r2 = line[starts[2] + heads[2] :][:size]
        r3 = line[starts[3] + heads[3] :][:size]
        q0 = moved[starts[0] + heads[0] :][:size]
        q1 = moved[starts[1] + heads[1] :][:size]
        q2 = moved[starts[2] + heads[2] :][:size]
        q3 = moved[starts[3] + heads[3] :][:size]
        l0, l1, l2, l3 = lows[0] * over, lows[1] * over, lows[2] * over, lows[3] * over
        d0, d1 = (drifts[0] + bend * l0) * over, (drifts[1] + bend * l1) * over
        d2, d3 = (drifts[2] + bend * l2) * over, (drifts[3] + bend * l3) * over
        g0, g1, g2, g3 = gains[0] * fresh, gains[1] * fresh, gains[2] * fresh, gains[3] * fresh
        h0, h1 = bends[0] * fresh - gains[0] * bend, bends[1] * fresh - gains[1] * bend
        h2, h3 = bends[2] * fresh - gains[2] * bend, bends[3] * fresh - gains[3] * bend
        x, y, z = fed[start : start + size], out[start : start + size], slope[start : start + size]
        for i in range(size):
            s = x[i]
            p = level * s
            y0, y1, y2, y3 = r0[i], r1[i], r2[i], r3[i]
            z0, z1, z2, z3 = q0[i], q1[i], q2[i], q3[i]
            d0, d1 = (z0 + bend * l0) + pole * d0, (z1 + bend * l1) + pole * d1
            d2, d3 = (z2 + bend * l2) + pole * d2, (z3 + bend * l3) + pole * d3
            l0, l1, l2, l3 = y0 + pole * l0, y1 + pole * l1, y2 + pole * l2, y3 + pole * l3
            r0[i], r1[i], r2[i], r3[i] = s + g0 * l0, s + g1 * l1, s + g2 * l2, s + g3 * l3
            q0[i], q1[i] = (p + h0 * l0) + g0 * d0, (p + h1 * l1) + g1 * d1
            q2[i], q3[i] = (p + h2 * l2) + g2 * d2, (p + h3 * l3) + g3 * d3
            y[i] += (y0 + y1) + (y2 + y3)
            z[i] += (z0 + z1) + (z2 + z3)
        lows[0], lows[1], lows[2], lows[3] = l0 * fresh, l1 * fresh, l2 * fresh, l3 * fresh
        drifts[0], drifts[1] = d0 * fresh - bend * l0, d1 * fresh - bend * l1
        drifts[2], drifts[3] = d2 * fresh - bend * l2, d3 * fresh - bend * l3
        for k in range(4):
            if abs(lows[k]) < QUIET:
                clean(line[starts[k] + heads[k] :][:size])
                lows[k] = lows[k] if abs(lows[k]) > TINY else 0.0
            if abs(drifts[k]) < QUIET:
                clean(moved[starts[k] + heads[k] :][:size])
                drifts[k] = drifts[k] if abs(drifts[k]) > TINY else 0.0
            heads[k] += size
            if heads[k] == lengths[k]:
                heads[k] = 0
        start += size


@kernel
def clean(ring: Array) -> None:
    """Set what is too small to hear in a ring to zero."""
    for i in range(ring.size):
        ring[i] = ring[i] if abs(ring[i]) > TINY else 0.0


@kernel
def allpasses(lengths: Array, starts: Array, heads: Array, line: Array, audio: Array) -> None:
    """Replace a signal by what Schroeder's all-pass filters in a row make of it."""
    for k in range(COMBS.size, lengths.size):
        start = 0
        while start < audio.size:
            size = min(audio.size - start, lengths[k] - heads[k])
            allpass(line[starts[k] + heads[k] :][:size], audio[start : start + size])
            heads[k] += size
            if heads[k] == lengths[k]:
                heads[k] = 0
            start += size


@kernel
def allpass(ring: Array, audio: Array) -> None:
    """Replace samples by what an all-pass filter makes of them; the ring is as long as they."""
    for i in range(ring.size):
        y = ring[i]
        w = audio[i] + DIFFUSION * y
        ring[i] = w if abs(w) > TINY else 0.0
        audio[i] = y - DIFFUSION * w
