"""Compiled loops of two taps that move along a delay line and cross-fade, and their adjoint."""

import math
from typing import Any

import numpy as np

from graphophone.dsp.compile import Array, kernel
from graphophone.dsp.delay_line_loops import CHUNK, write
from graphophone.dsp.interpolation import TAPS, TILE, read, read_slope, spread
from graphophone.dsp.rows import PAD, SUMS, fold, to_lanes, to_rows

BLOCK = 16
"""Samples for which two taps' places are counted from the same one."""


@kernel
def run_transposed(
    audio: Array,
    travel: Array,
    span: Any,
    lines: Array,
    past: int,
    start: int,
    taps: Array,
    out: Array,
) -> int:
    """Write lines on, and read two taps.

    Args:
        audio: Signal (time, lanes).
        travel: Of a tap in a sample, in windows, and cosine and sine of half its turn (3, lanes).
        span: How far a tap travels, and its shortest delay, in samples.
        lines: Rows (lanes, at least past + ROOM), written up to ``start``.
        past: Samples that a line must keep.
        start: Where to go on in the lines.
        taps: Where the first tap is, in windows, and cosine and sine (3, lanes); taken along.
        out: Result (time, lanes).

    Returns:
        Where the lines end.
    """
    time, count = audio.shape
    size = min(CHUNK, -(-time // BLOCK) * BLOCK)
    x, y = np.empty((count, size + PAD), audio.dtype), np.empty((2, size))
    near, turns = np.empty(TAPS * TILE), np.empty((2, BLOCK + 1))
    at, f, fade = np.empty((2, size), np.int64), np.empty((2, size)), np.empty((3, size))
    now = start
    for begin in range(0, time, CHUNK):
        length = min(CHUNK, time - begin)
        if now + length > lines.shape[1]:
            for i in range(count):
                lines[i, :past] = lines[i, now - past : now]
            now = past
        to_rows(audio[begin : begin + length], x)
        for i in range(count):
            line, z = lines[i], x[i, :length]
            write(z, y[0], 0.0, line, now, 0, length)
            if travel[0, i] == 0:
                continue
            move(travel[:, i], span, now, length, turns, taps[:, i], at, f, fade)
            for first in range(0, length, TILE):
                end = min(length, first + TILE)
                read(line, at[0], f[0], first, end, near, y[0])
                read(line, at[1], f[1], first, end, near, y[1])
            for t in range(length):
                z[t] = fade[0, t] * y[0, t] + fade[1, t] * y[1, t]
        to_lanes(x, out[begin : begin + length])
        now += length
    return now


@kernel
def move(
    travel: Array,
    span: Any,
    now: int,
    length: int,
    turns: Array,
    tap: Array,
    at: Array,
    f: Array,
    fade: Array,
) -> None:
    """Write where two taps read and how loud they are, and take ``tap`` along.

    What moves is counted from the beginning of a block, so that no sample waits for the last. The
    third row of ``fade`` is what its other two rows change by, and opposite, with the turn.
    """
    window, least = span
    step, turn, lean = travel
    turns[0, 0], turns[1, 0] = 1.0, 0.0
    for t in range(BLOCK):
        c, s = turns[0, t], turns[1, t]
        turns[0, t + 1], turns[1, t + 1] = c * turn - s * lean, s * turn + c * lean
    begin, cosine, sine = tap
    for start in range(0, length, BLOCK):
        base = np.uint64(start)
        for t in range(BLOCK):
            i = base + np.uint64(t)
            place = begin + t * step
            place -= np.floor(place)
            one = least + place * window
            two = least + (place + 0.5 if place < 0.5 else place - 0.5) * window
            whole, whole_two = np.floor(one), np.floor(two)
            f[0, i], f[1, i] = one - whole, two - whole_two
            at[0, i] = now + start + t - np.int64(whole) - 3
            at[1, i] = now + start + t - np.int64(whole_two) - 3
            c = cosine * turns[0, t] - sine * turns[1, t]
            s = sine * turns[0, t] + cosine * turns[1, t]
            fade[0, i], fade[1, i], fade[2, i] = s * s, c * c, 2 * s * c
        size = min(BLOCK, length - start)
        begin += size * step
        begin -= np.floor(begin)
        c, s = turns[0, size], turns[1, size]
        cosine, sine = cosine * c - sine * s, sine * c + cosine * s
    tap[0], tap[1], tap[2] = begin, cosine, sine


@kernel
def transposed_gradient(
    travel: Array,
    span: Any,
    lines: Array,
    past: int,
    taps: Array,
    grad: Array,
    pull: Array,
    to_travel: Array,
) -> None:
    """Follow the taps forwards in time, as nothing that they read comes back to the line.

    ``pull`` is the gradient to what was written to ``lines``, which hold all of it; the gradient
    to the travel is left out where they are empty.
    """
    time, count = grad.shape
    size = min(CHUNK, -(-time // BLOCK) * BLOCK)
    g, y, rise = np.empty((count, size + PAD), grad.dtype), np.empty((2, size)), np.empty((2, size))
    near, turns, amount = np.empty(TAPS * TILE), np.empty((2, BLOCK + 1)), np.empty((2, size))
    at, f, fade = np.empty((2, size), np.int64), np.empty((2, size)), np.empty((3, size))
    sums = np.zeros((count, SUMS))
    for begin in range(0, time, CHUNK):
        length, now = min(CHUNK, time - begin), past + begin
        to_rows(grad[begin : begin + length], g)
        for i in range(count):
            heard, into = g[i, :length], pull[i]
            if travel[0, i] == 0:
                for t in range(length):
                    into[now + t] = heard[t]
                continue
            move(travel[:, i], span, now, length, turns, taps[:, i], at, f, fade)
            for tap in range(2):
                for t in range(length):
                    amount[tap, t] = fade[tap, t] * heard[t]
                spread(into, at[tap], 0, f[tap], 0, length, amount[tap])
            if lines.shape[1] == 0:
                continue
            for first in range(0, length, TILE):
                end = min(length, first + TILE)
                for tap in range(2):
                    read_slope(lines[i], at[tap], f[tap], first, end, near, y[tap], rise[tap])
            for t in range(length):  # each sample's step has moved the taps t times
                turned = math.pi * fade[2, t] * (y[0, t] - y[1, t]) * heard[t]
                slid = amount[0, t] * rise[0, t] + amount[1, t] * rise[1, t]
                y[0, t] = (begin + t) * (turned + span[0] * slid)
            fold(y[0, :length], sums[i])
    for i in range(count):
        to_travel[i] = sums[i].sum()
