"""Compiled loops of echoes with a filter in their feedback, and their adjoints.

Lines that feed each other, or one alone, know nothing of the rest: they are worked on in pieces
that reach to a ring's end at most, so that none hears what it writes itself.
"""

from typing import Any

import numpy as np

from graphophone.dsp.compile import Array, kernel
from graphophone.dsp.lookahead import AHEAD, COEFFICIENTS, advance, recurrence
from graphophone.dsp.rows import PAD, to_lanes, to_rows
from graphophone.dsp.subnormals import TINY, flush

CHUNK = 512
"""Samples of a lane before the next lane has its turn: those of a hundred lanes fit a cache."""

X, U, V, ONE, TWO, ROWS = 0, 1, 2, 3, 4, 5
"""Scratch rows of a lane: a filter's input, two of :func:`advance`, and both states."""


@kernel
def run(audio: Array, controls: Any, crossing: bool, lines: Any, past: Any, out: Array) -> None:
    """Write lines on, and mix their filtered echoes in.

    Args:
        audio: Signal (time, lanes).
        controls: Feedback, mix, integrator gain and damping (1, lanes).
        crossing: Whether neighbouring lanes feed each other, the first being fed from outside.
        lines: Lengths (lanes,), rings (lanes, longest), filters' states (lanes, 2), clock (1,).
        past: What a gradient needs, if there is room for any: what came from the lines (lanes,
            time), and states at the start of each chunk (chunks, lanes, 2).
        out: Result (time, lanes); without rows, only the past is written.
    """
    feedback, mix, g, k = controls
    lengths, rings, filters, clock = lines
    trace, starts = past
    time, count = audio.shape
    size = min(CHUNK, time)
    x, echo = np.empty((count, size + PAD), audio.dtype), np.empty((2, size))
    work, tables = np.zeros((ROWS, AHEAD + size + PAD)), np.empty((count, COEFFICIENTS))
    for i in range(count):
        tables[i] = forwards(g[0, i], k[0, i])
    sides = 2 if crossing else 1
    for begin in range(0, time, CHUNK):
        end = min(time, begin + CHUNK)
        to_rows(audio[begin:end], x)
        if len(trace) > 0:
            starts[begin // CHUNK] = filters
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
                    band_pass(ring, g[0, i], k[0, i], tables[i], filters[i], work, echo[i - first])
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
def backwards(g: float, k: float) -> Array:
    """Return the recurrence of the gradients to its states, driven by that to its output."""
    f = 2 * g / (1 + g * (g + k))
    h, e = g * f, 2 / (1 + g * (g + k)) - 1
    return recurrence(e, f, -f, 1 - h, 0.5 * (e + 1) * k, -0.5 * f * k)


@kernel
def copy(source: Array, target: Array) -> None:
    """Copy a row."""
    for t in range(source.size):
        target[t] = source[t]


@kernel
def band_pass(
    x: Array, g: float, k: float, table: Array, states: Array, work: Array, out: Array
) -> None:
    """Filter a piece; the peak gain is 1, and ``states`` are taken along."""
    copy(x, work[X, AHEAD:])
    one, two = work[ONE], work[TWO]
    advance(work[X], x.size, table, states, work[U : V + 1], one, two)
    a1 = 1 / (1 + g * (g + k))
    c1, c2, before = k * a1, k * a1 * g, np.uint64(AHEAD - 1)
    for t in range(x.size):
        i = np.uint64(t)
        out[i] = c1 * one[i + before] + c2 * (x[i] - two[i + before])
    flush(states[:1], states[1:])


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
