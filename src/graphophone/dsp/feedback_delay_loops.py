"""Compiled loops of echoes with a filter in their feedback, and their adjoints.

Lines that feed each other, or one alone, know nothing of the rest: they are worked on in pieces
that reach to a ring's end at most, so that none hears what it writes itself. A ring is a whole
number of samples long; an all-pass behind it adds what is missing.
"""

from typing import Any

import numpy as np

from graphophone.dsp.compile import Array, kernel
from graphophone.dsp.lookahead import AHEAD, COEFFICIENTS, advance, follow, recurrence
from graphophone.dsp.rows import PAD, to_lanes, to_rows
from graphophone.dsp.subnormals import TINY, flush

CHUNK = 512
"""Samples of a lane before the next lane has its turn: those of a hundred lanes fit a cache."""

STATES = 3
"""Of a lane: two of its filter, and one of the all-pass before it."""

X, U, V, ONE, TWO, PASS, ROWS = 0, 1, 2, 3, 4, 5, 6
"""Scratch rows of a lane: a filter's input, two of :func:`advance`, and all states."""


@kernel
def run(audio: Array, controls: Any, crossing: bool, lines: Any, past: Any, out: Array) -> None:
    """Write lines on, and mix their filtered echoes in.

    Args:
        audio: Signal (time, lanes).
        controls: Feedback, mix, and the filter's integrator gain, damping and shares of its input,
            band-pass and low-pass (1, lanes).
        crossing: Whether neighbouring lanes feed each other, the first being fed from outside.
        lines: Lengths and all-pass coefficients (lanes,), rings (lanes, longest), states (lanes,
            STATES), clock (1,).
        past: What a gradient needs, if there is room for any: what came from the rings (lanes,
            time), and states at the start of each chunk (chunks, lanes, STATES).
        out: Result (time, lanes); without rows, only the past is written.
    """
    feedback, mix, g, k, through, band, low = controls
    lengths, bends, rings, states, clock = lines
    trace, starts = past
    time, count = audio.shape
    size = min(CHUNK, time)
    x, echo = np.empty((count, size + PAD), audio.dtype), np.empty((2, size))
    work, tables = np.zeros((ROWS, AHEAD + size + PAD)), np.empty((count, COEFFICIENTS))
    shares = np.empty((count, 3))
    for i in range(count):
        tables[i] = forwards(g[0, i], k[0, i])
        mixed(g[0, i], k[0, i], through[0, i], band[0, i], low[0, i], shares[i])
    sides = 2 if crossing else 1
    for begin in range(0, time, CHUNK):
        end = min(time, begin + CHUNK)
        to_rows(audio[begin:end], x)
        if len(trace) > 0:
            starts[begin // CHUNK] = states
        for first in range(0, count, sides):
            start = begin
            while start < end:
                stop, now = end, clock[0] + start
                for i in range(first, first + sides):
                    stop = min(stop, start + lengths[i] - now % lengths[i])
                for i in range(first, first + sides):
                    at = now % lengths[i]
                    ring = rings[i, at : at + stop - start]
                    if len(trace) > 0:
                        copy(ring, trace[i, start:stop])
                    settle(ring, bends[i], tables[i], states[i], work)
                    heard(work, shares[i], echo[i - first, : stop - start])
                piece, at = slice(start - begin, stop - begin), now % lengths[first]
                into = rings[first, at : at + stop - start]
                if crossing:
                    at = now % lengths[first + 1]
                    right = rings[first + 1, at : at + stop - start]
                    left = x[first, piece], x[first + 1, piece]
                    cross(*left, echo, feedback[0], mix[0], first, into, right)
                else:
                    repeat(x[first, piece], echo[0], feedback[0, first], mix[0, first], into)
                start = stop
        if len(out) > 0:
            to_lanes(x, out[begin:end])
    clock[0] += time


@kernel
def forwards(g: float, k: float) -> Array:
    """Return the recurrence of a filter's states."""
    f = 2 * g / (1 + g * (g + k))
    h, e = g * f, 2 / (1 + g * (g + k)) - 1
    return recurrence(e, -f, f, 1 - h, f, h)


@kernel
def backwards(g: float, k: float, band: float, low: float) -> Array:
    """Return the recurrence of the gradients to its states, driven by that to its output."""
    a1 = 1 / (1 + g * (g + k))
    a2 = g * a1
    f, h, e = 2 * a2, 2 * g * a2, 2 * a1 - 1
    return recurrence(e, f, -f, 1 - h, a1 * band + a2 * low, low - a2 * (band + g * low))


@kernel
def mixed(g: float, k: float, through: float, band: float, low: float, out: Array) -> None:
    """Write the shares of a filter's input and of its states in its output."""
    a1 = 1 / (1 + g * (g + k))
    fresh = g * a1 * (band + g * low)
    out[0], out[1], out[2] = through + fresh, a1 * (band + g * low), low - fresh


@kernel
def copy(source: Array, target: Array) -> None:
    """Copy a row."""
    for t in range(source.size):
        target[t] = source[t]


@kernel
def settle(x: Array, bend: float, table: Array, states: Array, work: Array) -> None:
    """Follow a piece of a line through its all-pass to its filter, and write all states.

    The all-pass has the output ``y = bend * x + s``, and its state becomes ``x - bend * y``.
    """
    size, into, late = x.size, work[X], work[PASS]
    copy(x, into[AHEAD:])
    follow(into, size, -bend, 1 - bend * bend, states[2:], work[U], late)
    for t in range(size):
        i = np.uint64(t + AHEAD)
        into[i] = bend * into[i] + late[i - np.uint64(1)]
    advance(into, size, table, states, work[U : V + 1], work[ONE], work[TWO])
    flush(states[:1], states[1:2])
    states[2] = states[2] if abs(states[2]) > TINY else 0.0


@kernel
def heard(work: Array, shares: Array, out: Array) -> None:
    """Write what a filter gives, from its input and the states before."""
    fresh, first, second = shares
    x, one, two, before = work[X], work[ONE], work[TWO], np.uint64(1)
    for t in range(out.size):
        i = np.uint64(t + AHEAD)
        out[t] = fresh * x[i] + (first * one[i - before] + second * two[i - before])


@kernel
def repeat(audio: Array, echo: Array, back: float, wet: float, into: Array) -> None:
    """Write what enters a line that feeds itself, and replace a signal by what is heard."""
    for t in range(audio.size):
        x, y = np.float64(audio[t]), echo[t]
        w = x + back * y
        into[t] = w if abs(w) > TINY else 0.0
        audio[t] = (1 - wet) * x + wet * y


@kernel
def cross(
    left: Array,
    right: Array,
    echo: Array,
    feedback: Array,
    mix: Array,
    first: int,
    into: Array,
    into_right: Array,
) -> None:
    """Do so for two lines that feed each other, of which the first is fed from outside."""
    back, other = feedback[first], feedback[first + 1]
    wet, wet_right = mix[first], mix[first + 1]
    echo_left, echo_right = echo[0], echo[1]
    for t in range(left.size):
        x, x_right = np.float64(left[t]), np.float64(right[t])
        y, y_right = echo_left[t], echo_right[t]
        w, w_right = 0.5 * (x + x_right) + back * y_right, other * y
        into[t] = w if abs(w) > TINY else 0.0
        into_right[t] = w_right if abs(w_right) > TINY else 0.0
        left[t] = (1 - wet) * x + wet * y
        right[t] = (1 - wet_right) * x_right + wet_right * y_right
