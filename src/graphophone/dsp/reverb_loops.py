"""Compiled loops of a whole reverb: lanes to rows, both tanks, and back."""

from typing import Any

import numpy as np

from graphophone.dsp.compile import Array, kernel
from graphophone.dsp.diffusion_loops import rises
from graphophone.dsp.rows import to_lanes, to_rows
from graphophone.dsp.tank_loops import mix, run_bent_tank, run_tank

CHUNK = 8192
"""Samples of a clip before the next clip has its turn: some ten times round its rings."""

SPAN = 2048
"""Samples of a tank before the next filter has its turn."""

LANES = 8
"""Samples of a comb that are computed together at most."""

PAD = 16
"""What keeps the rows of a chunk from falling on the same lines of a cache, and lets their last
samples fill a register."""


@kernel
def run(audio: Array, room: Any, state: Any, out: Array) -> None:
    """Send a signal (time, lanes) through all rooms."""
    time, count = audio.shape
    rows = np.empty((count, min(CHUNK, time) + PAD), audio.dtype)
    fed, tails = np.empty((1, SPAN + PAD), audio.dtype), np.empty((2, SPAN + PAD), audio.dtype)
    powers, spare = np.empty((1, LANES), audio.dtype), np.empty((1, LANES), audio.dtype)
    for start in range(0, time, CHUNK):
        end = min(time, start + CHUNK)
        to_rows(audio[start:end], rows)
        for clip in range(count // 2):
            tools = fed, rises(room[4][clip], powers), spare
            for begin in range(0, end - start, SPAN):
                size = min(end - start - begin, SPAN)
                run_tank(rows, begin, size, 2 * clip, room, state, tools, tails)
                run_tank(rows, begin, size, 2 * clip + 1, room, state, tools, tails)
                mix(rows, begin, size, clip, room, tails)
        to_lanes(rows, out[start:end])


@kernel
def run_bent(
    audio: Array, change: Array, room: Any, bent: Any, state: Any, moves: Any, sums: Array
) -> None:
    """Run forward and add up what :func:`graphophone.dsp.reverb._slopes` returns.

    ``moves`` is the state's derivative; ``sums`` are partial ones, (clips, 4, SPAN).
    """
    time, count = audio.shape
    heard = np.empty((count, min(CHUNK, time) + PAD), audio.dtype)
    weights = np.empty((count, min(CHUNK, time) + PAD), change.dtype)
    fed, tails = np.empty((1, SPAN + PAD), audio.dtype), np.empty((2, SPAN + PAD), audio.dtype)
    slopes = np.empty_like(tails)
    powers, spare = np.empty((1, LANES), audio.dtype), np.empty((1, LANES), audio.dtype)
    for start in range(0, time, CHUNK):
        end = min(time, start + CHUNK)
        to_rows(audio[start:end], heard)
        to_rows(change[start:end], weights)
        for clip in range(count // 2):
            tools = fed, rises(room[4][clip], powers), spare
            for begin in range(0, end - start, SPAN):
                size = min(end - start - begin, SPAN)
                for tank in (2 * clip, 2 * clip + 1):
                    run_bent_tank(
                        heard, begin, size, tank, room, bent, state, moves, tools, tails, slopes
                    )
                span = slice(begin, begin + size)
                x0, x1 = heard[2 * clip, span], heard[2 * clip + 1, span]
                g0, g1 = weights[2 * clip, span], weights[2 * clip + 1, span]
                weigh(x0, x1, g0, g1, tails, slopes, 2 * clip, room, sums[clip])


@kernel
def weigh(
    x0: Array,
    x1: Array,
    g0: Array,
    g1: Array,
    tails: Array,
    slopes: Array,
    left: int,
    room: Any,
    sums: Array,
) -> None:
    """Add up what each setting changes, weighed by the gradient."""
    back = room[1]
    (a, b), (c, d) = back[left], back[left + 1]
    y0, y1, d0, d1 = tails[0], tails[1], slopes[0], slopes[1]
    dry, own, other, turn = sums
    for i in range(x0.size):
        dry[i] += g0[i] * x0[i] + g1[i] * x1[i]
        own[i] += g0[i] * y0[i] + g1[i] * y1[i]
        other[i] += g0[i] * y1[i] + g1[i] * y0[i]
        turn[i] += (a * g0[i] + d * g1[i]) * d0[i] + (b * g0[i] + c * g1[i]) * d1[i]
