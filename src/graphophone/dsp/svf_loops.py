"""The compiled loops of the state-variable filter, forward in time.

With ``e = 2 / (1 + g * (g + k)) - 1``, ``f = g * (e + 1)`` and ``h = g * f``, a sample ``x`` takes
the states from ``s`` to ``s'`` by ``s1' = e * s1 + f * (x - s2)`` and
``s2' = s2 + f * s1 + h * (x - s2)``; the band-pass and low-pass outputs are ``(s1 + s1') / 2`` and
``(s2 + s2') / 2``.

A filter that does not move is run four samples at a time by the powers of its matrix (block
filtering: P. P. Vaidyanathan, Multirate Systems and Filter Banks, 1993, section 10.1). So
what had to wait for the sample before waits for the fourth before, with hardly more arithmetic.
"""

from typing import Any

import numpy as np
from numba import literal_unroll

from graphophone.dsp.compile import Array, kernel
from graphophone.dsp.subnormals import flush
from graphophone.dsp.vectors import fetch, fused, load, store, width, zeros

BLOCK = 128
"""Samples between two looks at the state for subnormal numbers, and between two states kept."""

AHEAD = 4
"""Samples that a filter which does not move computes from one state."""

FEW, ROWS = 8, 16
"""Up to so many lanes stay in registers for a whole block; more are taken up again after so many
rows, so that memory is read and written nearly in its order."""

LINE = 16
"""Lanes of a signal that are fetched at once."""

STEP, COEFFICIENTS = 24, 27
"""Rows of coefficients: see :func:`_powers`."""


@kernel
def static(
    audio: Array,
    g: Array,
    k: Array,
    through: Array,
    band: Array,
    low: Array,
    state: Array,
    starts: Array,
    out: Array,
) -> None:
    """Filter a signal (time, lanes) by controls (1, lanes).

    Args:
        audio: Signal.
        g: Integrator gain.
        k: Damping.
        through: Share of the input.
        band: Share of the band-pass output.
        low: Share of the low-pass output.
        state: States (2, lanes) before the first sample; then those after the last.
        starts: Where to keep the states (blocks, 2, lanes) before each block; none are kept where
            there is no room.
        out: Where the result goes.
    """
    time, count = audio.shape
    c = np.empty((COEFFICIENTS, count))
    for lane in range(count):
        _powers(lane, g, k, through, band, low, c)
    whole = time - time % AHEAD
    for start in range(0, time, BLOCK):
        keep(state, starts, start // BLOCK)
        stop, lane = min(start + BLOCK, whole), 0
        for like in literal_unroll((zeros(8), zeros(4), zeros(2), zeros(1))):
            if lane + width(like) <= count:
                lane = _ahead(lane, like, audio, start, stop, c, state, out)
        if start + BLOCK > whole:
            _rest(audio, whole, c, state, out)
        flush(state[0], state[1])


@kernel
def moving(
    audio: Array,
    g: Array,
    k: Array,
    through: Array,
    band: Array,
    low: Array,
    state: Array,
    starts: Array,
    out: Array,
) -> None:
    """Do the same by controls of which some are (time, lanes)."""
    time = len(audio)
    for start in range(0, time, BLOCK):
        keep(state, starts, start // BLOCK)
        stop, lane = min(start + BLOCK, time), 0
        for like in literal_unroll((zeros(8), zeros(4), zeros(2), zeros(1))):
            if lane + width(like) <= audio.shape[1]:
                controls = g, k, through, band, low
                lane = _moving(lane, like, audio, controls, start, stop, state, out)
        flush(state[0], state[1])


@kernel
def keep(state: Array, starts: Array, block: int) -> None:
    """Write the states down as they are before a block."""
    if block < len(starts):
        for i in range(state.shape[1]):
            starts[block, 0, i], starts[block, 1, i] = state[0, i], state[1, i]


@kernel
def _moving(
    lane: Any,
    like: Any,
    audio: Array,
    controls: Any,
    start: int,
    stop: int,
    state: Array,
    out: Array,
) -> Any:
    """Filter rows of as many groups of lanes as there are from a lane on; return the next lane."""
    g, k, through, band, low = controls
    by = (len(g) > 1, len(k) > 1, len(through) > 1, len(band) > 1, len(low) > 1)
    count = state.shape[1]
    end = count - (count - lane) % width(like)
    if end - lane <= FEW:
        for i in range(lane, end, width(like)):
            p, q = load(state, 0, i, like), load(state, 1, i, like)
            for t in range(start, stop):
                p, q = _turn(t, i, p, q, audio, controls, by, out)
            store(state, 0, i, p)
            store(state, 1, i, q)
        return end
    for t in range(start, stop):
        for i in range(lane, end, width(like)):
            p, q = load(state, 0, i, like), load(state, 1, i, like)
            p, q = _turn(t, i, p, q, audio, controls, by, out)
            store(state, 0, i, p)
            store(state, 1, i, q)
    return end


@kernel
def _turn(t: int, i: int, p: Any, q: Any, audio: Array, controls: Any, by: Any, out: Array) -> Any:
    """Filter one row of some lanes; return their states after it."""
    g, k, through, band, low = controls
    gain, damping = load(g, t * by[0], i, p), load(k, t * by[1], i, p)
    m0, m1 = load(through, t * by[2], i, p), load(band, t * by[3], i, p)
    m2 = load(low, t * by[4], i, p)
    p, q, y = turned(load(audio, t, i, p), p, q, gain, damping, m0, m1, m2)
    store(out, t, i, y)
    return p, q


@kernel
def turned(x: Any, p: Any, q: Any, g: Any, k: Any, through: Any, band: Any, low: Any) -> Any:
    """Return the states of some lanes after a sample, and the output."""
    twice = 2 / (1 + g * (g + k))
    f = g * twice
    drive = x - q
    after_p = fused(f, drive, (twice - 1) * p)
    after_q = fused(g * f, drive, fused(f, p, q))
    mixed = fused(band, p + after_p, low * (q + after_q))
    return after_p, after_q, fused(through, x, 0.5 * mixed)


@kernel
def _powers(
    lane: int, g: Array, k: Array, through: Array, band: Array, low: Array, c: Array
) -> None:
    """Write the coefficients of one lane.

    Rows 0 to 3 and 4 to 7 are the shares of either state in outputs 0 to 3, rows 8 to 11 the
    impulse response; rows 12 to 15 the matrix of the states after four samples, rows 16 to 19 and
    20 to 23 the shares of inputs 0 to 3 in either of them; rows 24 to 26 ``e``, ``f``, ``h``.
    """
    one = zeros(1)  # as a vector it is computed alike whatever stands beside it
    gain, m0 = load(g, 0, lane, one), load(through, 0, lane, one)
    m1, m2 = load(band, 0, lane, one), load(low, 0, lane, one)
    twice = 2 / (1 + gain * (gain + load(k, 0, lane, one)))
    e, f = twice - 1, gain * twice
    h = gain * f
    store(c, STEP, lane, e)
    store(c, STEP + 1, lane, f)
    store(c, STEP + 2, lane, h)
    from_1, from_2 = 0.5 * (m1 * twice + m2 * f), m2 - 0.5 * (m1 * f + m2 * h)
    store(c, 8, lane, m0 + 0.5 * (m1 * f + m2 * h))
    # What the states have become, and an input, after j samples; of an input only its state.
    a11, a12, a21, a22, b1, b2 = one + 1, one, one, one + 1, f, h
    for j in range(AHEAD):
        store(c, j, lane, from_1 * a11 + from_2 * a21)
        store(c, 4 + j, lane, from_1 * a12 + from_2 * a22)
        if j + 1 < AHEAD:
            store(c, 9 + j, lane, from_1 * b1 + from_2 * b2)
        store(c, 19 - j, lane, b1)
        store(c, 23 - j, lane, b2)
        b1, b2 = e * b1 - f * b2, f * b1 + (b2 - h * b2)
        a11, a21 = e * a11 - f * a21, f * a11 + (a21 - h * a21)
        a12, a22 = e * a12 - f * a22, f * a12 + (a22 - h * a22)
    store(c, 12, lane, a11)
    store(c, 13, lane, a12)
    store(c, 14, lane, a21)
    store(c, 15, lane, a22)


@kernel
def _run(audio: Array, start: int, stop: int, c: Array, state: Array, out: Array) -> None:
    """Filter rows, as many as a multiple of :data:`AHEAD`."""
    lane = 0
    for like in literal_unroll((zeros(8), zeros(4), zeros(2), zeros(1))):
        lane = _ahead(lane, like, audio, start, stop, c, state, out)


@kernel
def _ahead(
    lane: Any,
    like: Any,
    audio: Array,
    start: int,
    stop: int,
    c: Array,
    state: Array,
    out: Array,
) -> Any:
    """Filter rows of as many groups of lanes as there are from a lane on; return the next lane.

    Each sum ends with the states, which are known last.
    """
    count = state.shape[1]
    end = count - (count - lane) % width(like)
    rows = BLOCK if end - lane <= FEW else ROWS
    for first in range(start, stop, rows):
        for i in range(lane, end, width(like)):
            p0, q0, d0 = load(c, 0, i, like), load(c, 4, i, like), load(c, 8, i, like)
            p1, q1, d1 = load(c, 1, i, like), load(c, 5, i, like), load(c, 9, i, like)
            p2, q2, d2 = load(c, 2, i, like), load(c, 6, i, like), load(c, 10, i, like)
            p3, q3, d3 = load(c, 3, i, like), load(c, 7, i, like), load(c, 11, i, like)
            a11, u0, v0 = load(c, 12, i, like), load(c, 16, i, like), load(c, 20, i, like)
            a12, u1, v1 = load(c, 13, i, like), load(c, 17, i, like), load(c, 21, i, like)
            a21, u2, v2 = load(c, 14, i, like), load(c, 18, i, like), load(c, 22, i, like)
            a22, u3, v3 = load(c, 15, i, like), load(c, 19, i, like), load(c, 23, i, like)
            p, q = load(state, 0, i, like), load(state, 1, i, like)
            for t in range(first, min(first + rows, stop), AHEAD):
                if rows == ROWS and i % LINE == 0:
                    for j in range(t + ROWS, t + ROWS + AHEAD):
                        fetch(audio, j, i)
                        fetch(out, j, i)
                x0, x1 = load(audio, t, i, like), load(audio, t + 1, i, like)
                x2, x3 = load(audio, t + 2, i, like), load(audio, t + 3, i, like)
                y0 = d0 * x0
                y1 = fused(d1, x0, d0 * x1)
                y2 = fused(d2, x0, fused(d1, x1, d0 * x2))
                y3 = fused(d3, x0, fused(d2, x1, fused(d1, x2, d0 * x3)))
                store(out, t, i, fused(p0, p, fused(q0, q, y0)))
                store(out, t + 1, i, fused(p1, p, fused(q1, q, y1)))
                store(out, t + 2, i, fused(p2, p, fused(q2, q, y2)))
                store(out, t + 3, i, fused(p3, p, fused(q3, q, y3)))
                u = fused(u3, x3, fused(u2, x2, fused(u1, x1, u0 * x0)))
                v = fused(v3, x3, fused(v2, x2, fused(v1, x1, v0 * x0)))
                p, q = fused(a11, p, fused(a12, q, u)), fused(a21, p, fused(a22, q, v))
            store(state, 0, i, p)
            store(state, 1, i, q)
    return end


@kernel
def _rest(audio: Array, first: int, c: Array, state: Array, out: Array) -> None:
    """Filter fewer than :data:`AHEAD` rows, as if more came after them: to the same bits."""
    time, count = audio.shape
    padded = np.zeros((AHEAD, count), audio.dtype)
    made = np.empty_like(padded)
    for t in range(first, time):
        for i in range(count):
            padded[t - first, i] = audio[t, i]
    _run(padded, 0, AHEAD, c, state.copy(), made)
    for t in range(first, time):
        for i in range(count):
            out[t, i] = made[t - first, i]
            _step(padded, t - first, i, c, state)


@kernel
def _step(audio: Array, t: int, lane: int, c: Array, state: Array) -> None:
    """Take the states of one lane through one sample."""
    one = zeros(1)
    e, f, h = load(c, STEP, lane, one), load(c, STEP + 1, lane, one), load(c, STEP + 2, lane, one)
    p, q = load(state, 0, lane, one), load(state, 1, lane, one)
    drive = load(audio, t, lane, one) - q
    store(state, 0, lane, fused(f, drive, e * p))
    store(state, 1, lane, fused(h, drive, fused(f, p, q)))
