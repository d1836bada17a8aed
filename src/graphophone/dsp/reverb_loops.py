"""Compiled loops of a whole reverb: lanes to rows, both tanks, and back."""

from typing import Any

import numpy as np

from graphophone.dsp.compile import Array, kernel
from graphophone.dsp.tank_loops import mix, run_bent_tank, run_tank

CHUNK = 4096
"""Samples of a clip before the next clip has its turn: some ten times round its rings."""

SPAN = 512
"""Samples of a tank before the next filter has its turn."""

TILE = 64
"""Samples of all lanes that are transposed together."""

LINE = 16
"""Lanes that fill a line of a cache, in single precision."""

PAD = 16
"""What keeps the rows of a chunk from falling on the same lines of a cache."""


@kernel
def run(audio: Array, room: Any, state: Any, backwards: bool, out: Array) -> None:
    """Send a signal through all rooms, from its last sample to its first if ``backwards``."""
    time, count = audio.shape
    rows = np.empty((count, min(CHUNK, time) + PAD), audio.dtype)
    fed, tails = np.empty(SPAN), np.empty((2, SPAN))
    for chunk in range(0, time, CHUNK):
        size = min(CHUNK, time - chunk)
        start = time - chunk - size if backwards else chunk
        read(audio[start : start + size], backwards, rows)
        for clip in range(count // 2):
            for begin in range(0, size, SPAN):
                end = min(size, begin + SPAN)
                left, right = rows[2 * clip, begin:end], rows[2 * clip + 1, begin:end]
                one, two = tails[0, : end - begin], tails[1, : end - begin]
                run_tank(left, right, 2 * clip, room, state, fed, one)
                run_tank(right, left, 2 * clip + 1, room, state, fed, two)
                mix(left, right, one, two, clip, room)
        write(rows, backwards, out[start : start + size])


@kernel
def run_bent(
    audio: Array, change: Array, room: Any, bent: Any, state: Any, moves: Any, sums: Array
) -> None:
    """Run forwards and add up what :func:`graphophone.dsp.reverb._slopes` returns.

    ``moves`` is the state's derivative; ``sums`` are partial ones, (clips, 4, SPAN).
    """
    time, count = audio.shape
    heard = np.empty((count, min(CHUNK, time) + PAD), audio.dtype)
    weights = np.empty((count, min(CHUNK, time) + PAD), change.dtype)
    fed, tails, slopes = np.empty(SPAN), np.empty((2, SPAN)), np.empty((2, SPAN))
    for start in range(0, time, CHUNK):
        size = min(CHUNK, time - start)
        read(audio[start : start + size], False, heard)
        read(change[start : start + size], False, weights)
        for left in range(0, count, 2):
            for begin in range(0, size, SPAN):
                end = min(size, begin + SPAN)
                x0, x1 = heard[left, begin:end], heard[left + 1, begin:end]
                g0, g1 = weights[left, begin:end], weights[left + 1, begin:end]
                y0, y1 = tails[0, : end - begin], tails[1, : end - begin]
                d0, d1 = slopes[0, : end - begin], slopes[1, : end - begin]
                run_bent_tank(x0, x1, left, room, bent, state, moves, fed, y0, d0)
                run_bent_tank(x1, x0, left + 1, room, bent, state, moves, fed, y1, d1)
                weigh(x0, x1, g0, g1, y0, y1, d0, d1, left, room, sums[left // 2])


@kernel
def weigh(
    x0: Array,
    x1: Array,
    g0: Array,
    g1: Array,
    y0: Array,
    y1: Array,
    d0: Array,
    d1: Array,
    left: int,
    room: Any,
    sums: Array,
) -> None:
    """Add up what each setting changes, weighed by the gradient."""
    back = room[1]
    (a, b), (c, d) = back[left], back[left + 1]
    dry, own, other, turn = sums
    for i in range(x0.size):
        dry[i] += g0[i] * x0[i] + g1[i] * x1[i]
        own[i] += g0[i] * y0[i] + g1[i] * y1[i]
        other[i] += g0[i] * y1[i] + g1[i] * y0[i]
        turn[i] += (a * g0[i] + d * g1[i]) * d0[i] + (b * g0[i] + c * g1[i]) * d1[i]


@kernel
def read(audio: Array, backwards: bool, rows: Array) -> None:
    """Write lanes as rows, a tile of time at once."""
    time, count = audio.shape
    for start in range(0, time, TILE):
        end = min(time, start + TILE)
        for i in range(count):
            column = audio[time - end : time - start, i] if backwards else audio[start:end, i]
            copy(column[::-1] if backwards else column, rows[i, start:end])


@kernel
def write(rows: Array, backwards: bool, out: Array) -> None:
    """Write rows as lanes: whole cache lines if there are enough of them."""
    time, count = out.shape
    for start in range(0, time, TILE):
        end = min(time, start + TILE)
        if count < LINE:
            for i in range(count):
                column = out[time - end : time - start, i] if backwards else out[start:end, i]
                copy(rows[i, start:end], column[::-1] if backwards else column)
        else:
            for t in range(start, end):
                frame = out[time - 1 - t if backwards else t]
                for i in range(count):
                    frame[i] = rows[i, t]


@kernel
def copy(source: Array, out: Array) -> None:
    """Copy samples."""
    for i in range(out.size):
        out[i] = source[i]
