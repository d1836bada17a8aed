"""Compiled loops of a delay line whose length may change every sample, and their adjoint.

A line is a row for each lane, oldest sample first, that is written on until its end is reached;
then what may still be read moves to its beginning. Nothing wraps, so what is read at a delay that
stays the same lies in a row too, and fills vector registers. As no sample is heard before the
shortest delay is over, as many samples as that are computed at once.
"""

from typing import Any

import numpy as np

from graphophone.dsp.compile import Array, kernel
from graphophone.dsp.interpolation import AFTER, TAPS, TILE, read, read_on, read_slope, spread
from graphophone.dsp.rows import PAD, SUMS, fold, to_lanes, to_rows
from graphophone.dsp.subnormals import TINY

SHORTEST = AFTER + 1
"""Shortest delay, in samples, that a line can be read at while its output feeds it."""

CHUNK = 512
"""Samples of a lane before the next lane has its turn: those of a hundred lanes fit a cache."""

MARGIN = 5.0
"""Samples that a line keeps beyond its longest delay: three to read from, two to spare."""

ROOM = 2 * CHUNK
"""Samples that a line is written on before its past moves to its beginning."""

VECTOR = 8
"""Samples that fill a vector register."""


@kernel
def run_modulated(
    audio: Array,
    controls: Any,
    sample_rate: float,
    lines: Array,
    past: int,
    start: int,
    out: Array,
) -> int:
    """Write lines on, and mix what is read from them in.

    Args:
        audio: Signal (time, lanes).
        controls: Delay in seconds (1 or time, lanes), of which one lane serves as many neighbouring
            ones as there are more of the others; share of the output that is written back, and its
            share in the result (1, lanes).
        sample_rate: Samples per second.
        lines: Rows (lanes, at least past + ROOM or past + time), written up to ``start``.
        past: Samples that a line must keep, ``MARGIN`` more than the longest delay.
        start: Where to go on in the lines.
        out: Result (time, lanes); with no rows, only the lines are written.

    Returns:
        Where the lines end.
    """
    delay, feedback, mix = controls
    time, count = audio.shape
    size = min(CHUNK, time)
    x, y = np.empty((count, size + PAD), audio.dtype), np.empty(size)
    d = np.empty((delay.shape[1], size + PAD), delay.dtype)
    at, f, taps = np.empty(size, np.int64), np.empty(size), np.empty(TAPS * TILE)
    share = count // len(d)
    for i in range(len(d)):
        d[i] = delay[0, i]
    now, steady, reach = start, False, 1
    for begin in range(0, time, CHUNK):
        length = min(CHUNK, time - begin)
        if now + length > lines.shape[1]:
            for i in range(count):
                lines[i, :past] = lines[i, now - past : now]
            now = past
        to_rows(audio[begin : begin + length], x)
        if len(delay) > 1:
            to_rows(delay[begin : begin + length], d)
        for i in range(count):
            if i % share == 0:
                moves = d[i // share, :length]
                steady, reach = places(moves, sample_rate, past, now, at, f)
            back, wet = feedback[0, i], mix[0, i]
            along(x[i, :length], at, f, steady, reach, back, wet, lines[i], now, taps, y)
        if len(out) > 0:
            to_lanes(x, out[begin : begin + length])
        now += length
    return now


@kernel
def places(delay: Array, sample_rate: float, past: int, now: int, at: Array, f: Array) -> Any:
    """Write where to read, see :mod:`graphophone.dsp.interpolation`.

    Returns:
        Whether all places follow one another, and how many samples can be read before one of them
        was written meanwhile.
    """
    longest = past - MARGIN
    least, most = np.int64(longest), np.int64(SHORTEST)
    for t in range(delay.size):
        samples = min(max(np.float64(delay[t]) * sample_rate, SHORTEST), longest)
        floor = np.floor(samples)
        whole = np.int64(floor)
        least, most = min(least, whole), max(most, whole)
        f[t] = samples - floor
        at[t] = now + t - whole - 3
    return least == most, least - 2


@kernel
def pieces(reach: int, back: float) -> int:
    """Return how many samples are computed at once; without feedback no sample waits for any."""
    size = min(reach, TILE) if back != 0 else TILE
    return size - size % VECTOR if size > VECTOR else size


@kernel
def along(
    audio: Array,
    at: Array,
    f: Array,
    steady: bool,
    reach: int,
    back: float,
    wet: float,
    line: Array,
    now: int,
    taps: Array,
    y: Array,
) -> None:
    """Write one line on, and replace the signal by the result."""
    if back == 0:
        write(audio, y, back, line, now, 0, audio.size)
    size = pieces(reach, back)
    for start in range(0, audio.size, size):
        end = min(audio.size, start + size)
        if steady:
            read_on(line, at, f, start, end, y)
        else:
            read(line, at, f, start, end, taps, y)
        if back != 0:
            write(audio, y, back, line, now, start, end)
        base = np.uint64(start)
        for t in range(end - start):
            i = base + np.uint64(t)
            audio[i] = (1 - wet) * np.float64(audio[i]) + wet * y[i]


@kernel
def write(audio: Array, y: Array, back: float, line: Array, now: int, start: int, end: int) -> None:
    """Write a line on, with a share of what was read from it if there is one."""
    base, place = np.uint64(start), np.uint64(now + start)
    for t in range(end - start):
        i = np.uint64(t)
        w = np.float64(audio[base + i])
        w = w + back * y[base + i] if back != 0 else w
        line[place + i] = w if abs(w) > TINY else 0.0


@kernel
def modulated_gradient(
    audio: Array,
    controls: Any,
    sample_rate: float,
    lines: Array,
    past: int,
    grad: Array,
    into: Any,
) -> None:
    """Go backwards in time through lines that hold all of it, ``past`` samples before the start.

    The gradients to what was written are rows too, in which everything moves the other way: once
    their beginning is reached, what later samples have read moves to their end.
    """
    delay, feedback, mix = controls
    to_audio, to_delay, to_feedback, to_mix = into
    time, count = audio.shape
    size, width = min(CHUNK, time), past + ROOM
    x, g = np.empty((count, size + PAD), audio.dtype), np.empty((count, size + PAD), audio.dtype)
    d = np.empty((delay.shape[1], size + PAD), delay.dtype)
    to_d, sums = np.zeros(d.shape), np.zeros((count, 2, SUMS))
    to_still = np.zeros((delay.shape[1], SUMS))
    at, f, taps = np.empty(size, np.int64), np.empty(size), np.empty(TAPS * TILE)
    work, pull = np.empty((5, size)), np.zeros((count, width + PAD))
    share = count // len(d)
    for i in range(len(d)):
        d[i] = delay[0, i]
    here, reach = width, 1
    for begin in range((time - 1) // CHUNK * CHUNK, -1, -CHUNK):
        length = min(CHUNK, time - begin)
        if here - length < past:
            for i in range(count):
                pull[i, width - past : width] = pull[i, here - past : here]
                pull[i, : width - past] = 0.0
            here = width
        here -= length
        end = begin + length
        to_rows(audio[begin:end], x)
        to_rows(grad[begin:end], g)
        if len(delay) > 1:
            to_rows(delay[begin:end], d)
        for i in range(count):
            moves, to_moves = d[i // share, :length], to_d[i // share]
            if i % share == 0:
                _, reach = places(moves, sample_rate, past, past + begin, at, f)
                to_moves[:] = 0.0
            back, wet, shift = feedback[0, i], mix[0, i], here - past - begin
            heard, dry = g[i, :length], x[i, :length]
            lane = lines[i], pull[i], here, shift
            reverse(dry, heard, at, f, reach, back, wet, lane, taps, work, sums[i])
            steer(moves, sample_rate, past, work[4], work[1], to_moves)
            if i % share == share - 1 and len(delay) == 1:
                fold(to_moves[:length], to_still[i // share])
        to_lanes(g, to_audio[begin:end])
        if len(delay) > 1:
            to_lanes(to_d, to_delay[begin:end])
    for i in range(count):
        to_feedback[0, i], to_mix[0, i] = sums[i, 0].sum(), sums[i, 1].sum()
    if len(delay) == 1:
        for i in range(len(d)):
            to_delay[0, i] = to_still[i].sum()


@kernel
def reverse(
    dry: Array,
    heard: Array,
    at: Array,
    f: Array,
    reach: int,
    back: float,
    wet: float,
    lane: Any,
    taps: Array,
    work: Array,
    sums: Array,
) -> None:
    """Follow one lane back, and replace ``heard`` by the gradient to the signal."""
    line, pull, here, shift = lane
    y, rise, written, product, amount = work[0], work[1], work[2], work[3], work[4]
    size, time = pieces(reach, back), heard.size
    for start in range((time - 1) // size * size, -1, -size):
        end = min(time, start + size)
        read_slope(line, at, f, start, end, taps, y, rise)
        base, place = np.uint64(start), np.uint64(here + start)
        for t in range(end - start):
            i = base + np.uint64(t)
            w = pull[place + np.uint64(t)] if back != 0 else 0.0
            amount[i] = wet * np.float64(heard[i]) + back * (w if abs(w) > TINY else 0.0)
        spread(pull, at, shift, f, start, end, amount)
        for t in range(end - start):  # without feedback some of it has come only now
            i = base + np.uint64(t)
            w = pull[place + np.uint64(t)]
            w = w if abs(w) > TINY else 0.0
            g = np.float64(heard[i])
            written[i], product[i] = w * y[i], g * (y[i] - np.float64(dry[i]))
            heard[i] = (1 - wet) * g + w
    fold(written[:time], sums[0])
    fold(product[:time], sums[1])


@kernel
def steer(
    delay: Array, sample_rate: float, past: int, amount: Array, rise: Array, to_delay: Array
) -> None:
    """Add the gradients to the delay, where it is not held at an end of the line."""
    longest = past - MARGIN
    for t in range(delay.size):
        samples = np.float64(delay[t]) * sample_rate
        inside = sample_rate if SHORTEST <= samples <= longest else 0.0
        to_delay[t] += amount[t] * rise[t] * inside
