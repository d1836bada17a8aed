"""Compiled adjoint of echoes with a filter in their feedback.

Everything goes backwards in time, through rings that carry gradients from each reading to its
writing; what was heard then, and the states of the filters, are computed anew chunk by chunk.
"""

from typing import Any

import numpy as np

from graphophone.dsp.compile import Array, kernel
from graphophone.dsp.feedback_delay_loops import (
    CHUNK,
    ONE,
    PASS,
    ROWS,
    STATES,
    TWO,
    U,
    V,
    X,
    backwards,
    copy,
    forwards,
    settle,
)
from graphophone.dsp.lookahead import AHEAD, COEFFICIENTS, advance, follow
from graphophone.dsp.rows import PAD, SUMS, fold, to_lanes, to_rows
from graphophone.dsp.subnormals import TINY, flush

PARTS = 9
"""Sums of a lane: gradients to feedback and mix, to shares of the filter's input, band-pass and
low-pass, three to the filter's products, and that to the all-pass coefficient."""


@kernel
def gradient(
    audio: Array, controls: Any, crossing: bool, sizes: Any, past: Any, grad: Array, into: Any
) -> None:
    """Return gradients by writing them.

    Args:
        audio: Signal (time, lanes).
        controls: As :func:`graphophone.dsp.feedback_delay_loops.run` has them, and so on.
        crossing: Whether neighbouring lanes feed each other.
        sizes: Lengths of the lines and all-pass coefficients (lanes,).
        past: What came from the rings (lanes, time), and the states at the start of each chunk.
        grad: Gradient to the result (time, lanes).
        into: Where those to the signal, to the all-pass coefficient and to each control go.
    """
    feedback, mix, g, k, through, band, low = controls
    lengths, bends = sizes
    trace, starts = past
    time, count = audio.shape
    size, sides = min(CHUNK, time), 2 if crossing else 1
    x, heard = np.empty((count, size + PAD), audio.dtype), np.empty((count, size + PAD), grad.dtype)
    there, here = np.zeros((sides, ROWS, AHEAD + size + PAD)), np.zeros((ROWS, AHEAD + size + PAD))
    tables, products = np.empty((count, 2, COEFFICIENTS)), np.empty((PARTS, size))
    rings, pulls = np.zeros((count, lengths.max())), np.zeros((count, STATES))
    passed, sums = np.empty((2, size)), np.zeros((count, PARTS, SUMS))
    for i in range(count):
        tables[i, 0] = forwards(g[0, i], k[0, i])
        tables[i, 1] = backwards(g[0, i], k[0, i], band[0, i], low[0, i])
    for begin in range((time - 1) // CHUNK * CHUNK, -1, -CHUNK):
        end = min(time, begin + CHUNK)
        to_rows(audio[begin:end], x)
        to_rows(grad[begin:end], heard)
        for first in range(0, count, sides):
            for i in range(first, first + sides):
                work, state = there[i - first], starts[begin // CHUNK, i]
                settle(trace[i, begin:end], bends[i], tables[i, 0], state, work)
            stop = end
            while stop > begin:
                start = begin
                for i in range(first, first + sides):
                    start = max(start, stop - 1 - (stop - 1) % lengths[i])
                piece, length = slice(start - begin, stop - begin), stop - start
                states = slice(AHEAD + start - begin, AHEAD + stop - begin)
                before = slice(AHEAD - 1 + start - begin, AHEAD - 1 + stop - begin)
                for i in range(first, first + sides):
                    side = i - first
                    other = first + sides - 1 - side  # the line that this one's echo is written to
                    at = start % lengths[other]
                    written = rings[other, at : at + length]
                    work = there[side]
                    was = work[X, states], work[ONE, before], work[TWO, before]
                    passing = trace[i, start:stop], work[PASS, before], bends[i]
                    how = feedback[0, other], mix[0, i], g[0, i], k[0, i]
                    shares = through[0, i], band[0, i], low[0, i]
                    reverse(
                        x[i, piece],
                        heard[i, piece],
                        written,
                        was,
                        passing,
                        how,
                        shares,
                        tables[i, 1],
                        pulls[i],
                        here,
                        products,
                        passed[side],
                    )
                    fold(products[0, :length], sums[other, 0])
                    for part in range(1, PARTS):
                        fold(products[part, :length], sums[i, part])
                at = start % lengths[first]
                entered, share = rings[first, at : at + length], 0.5 if crossing else 1.0
                for i in range(first, first + sides):
                    send(entered, share, mix[0, i], heard[i, piece])
                for i in range(first, first + sides):
                    at = start % lengths[i]
                    copy(passed[i - first, :length], rings[i, at : at + length])
                stop = start
        to_lanes(heard, into[0][begin:end])
    total(sums, g, k, into)


@kernel
def reverse(
    x: Array,
    heard: Array,
    written: Array,
    was: Any,
    passing: Any,
    how: Any,
    shares: Any,
    table: Array,
    pull: Array,
    work: Array,
    products: Array,
    passed: Array,
) -> None:
    """Follow a piece of one line back to what came from its ring.

    ``was`` is what came to the filter, and its states before it; ``passing`` likewise for the
    all-pass, with its coefficient; ``pull`` the gradient to the states after the piece.
    """
    trace, one, two = was
    entered, late, bend = passing
    back, wet, g, k = how
    through, band, low = shares
    size = x.size
    a1 = 1 / (1 + g * (g + k))
    a2 = g * a1
    a3 = g * a2
    into, last = work[X], np.uint64(AHEAD + size - 1)
    for t in range(size):
        drive = trace[t] - two[t]
        v1, v2 = a1 * one[t] + a2 * drive, two[t] + (a2 * one[t] + a3 * drive)
        echo, to_echo = through * trace[t] + (band * v1 + low * v2), np.float64(heard[t])
        y = wet * to_echo + back * written[t]
        products[0, t] = written[t] * echo
        products[1, t] = to_echo * (echo - np.float64(x[t]))
        products[2, t], products[3, t], products[4, t] = y * trace[t], y * v1, y * v2
        into[last - np.uint64(t)] = y
    advance(into, size, table, pull, work[U : V + 1], work[ONE], work[TWO])
    p, q = work[ONE], work[TWO]
    for t in range(size):
        i = last - np.uint64(t)
        j = i - np.uint64(1)
        y = into[i]
        d1, d2, drive = band * y + 2 * p[j], low * y + 2 * q[j], trace[t] - two[t]
        into[i] = through * y + (a2 * d1 + a3 * d2)
        products[5, t] = d1 * one[t]
        products[6, t] = d1 * drive + d2 * one[t]
        products[7, t] = d2 * drive
    follow(into, size, -bend, 1.0, pull[2:], work[U], work[PASS])
    p, rest = work[PASS], 1 - bend * bend
    for t in range(size):
        i = last - np.uint64(t)
        y, felt = into[i], p[i - np.uint64(1)]
        down = bend * y + rest * felt
        passed[t] = down if abs(down) > TINY else 0.0
        products[8, t] = y * entered[t] - felt * (2 * bend * entered[t] + late[t])
    flush(pull[:1], pull[1:2])
    pull[2] = pull[2] if abs(pull[2]) > TINY else 0.0


@kernel
def send(entered: Array, share: float, wet: float, heard: Array) -> None:
    """Replace the gradient to what was heard by that to the signal."""
    for t in range(heard.size):
        heard[t] = (1 - wet) * np.float64(heard[t]) + share * entered[t]


@kernel
def total(sums: Array, g: Array, k: Array, into: Any) -> None:
    """Write the gradients to the controls."""
    _, to_bend, to_feedback, to_mix, to_g, to_k, to_through, to_band, to_low = into
    for i in range(len(sums)):
        gain, damping = g[0, i], k[0, i]
        r1, r2, r3 = sums[i, 5].sum(), sums[i, 6].sum(), sums[i, 7].sum()
        a1 = 1 / (1 + gain * (gain + damping))
        to_a2 = r2 + gain * r3
        to_a1 = (r1 + gain * to_a2) * a1 * a1
        to_feedback[0, i], to_mix[0, i] = sums[i, 0].sum(), sums[i, 1].sum()
        to_g[0, i] = gain * a1 * r3 + a1 * to_a2 - to_a1 * (2 * gain + damping)
        to_k[0, i] = -to_a1 * gain
        to_through[0, i], to_band[0, i] = sums[i, 2].sum(), sums[i, 3].sum()
        to_low[0, i], to_bend[0, i] = sums[i, 4].sum(), sums[i, 8].sum()
