"""Compiled loops of compression and expansion: all steps of a tile, then the next tile."""

from typing import Any

import numpy as np

from graphophone.dsp.ballistics_loops import begin, follow, follow_back, part, total
from graphophone.dsp.compile import Array, kernel
from graphophone.dsp.gain_loops import (
    FALL,
    FLOOR,
    LN2,
    RISE,
    aim,
    aim_back,
    amplify,
    make_knobs,
    write_out,
)
from graphophone.dsp.hold_loops import hand_back, hold, lead
from graphophone.dsp.tiles import ROWS, loudest, multiply, read, rows_of, width_of, write
from graphophone.dsp.vectors import fused


@kernel
def run(
    audio: Array,
    key: Array,
    controls: Array,
    law: Any,
    window: int,
    past: Array,
    state: Array,
    peaks: Array,
    starts: Array,
    out: Array,
) -> None:
    """Turn a signal down as the level of another, or its own, says.

    Args:
        audio: Signal (time, lanes).
        key: The other one, with any number of channels, or the same.
        controls: See :data:`graphophone.dsp.gain_loops.THRESHOLD`.
        law: As in :func:`graphophone.dsp.gain_loops.silence`.
        window: Samples that a peak is held for.
        past: What :func:`graphophone.dsp.hold_loops.hold` remembers; changed.
        state: Gain before the first sample (clips); then the last one.
        peaks: Where held peaks are kept for the way back (time, clips), or of no row.
        starts: Where the state before each tile is, (tiles, clips), or of no row.
        out: Where the result goes.
    """
    time, clips = len(audio), state.size
    channels, heard = audio.shape[1] // clips, key.shape[1] // clips
    wide = width_of(clips)
    rows = rows_of(time, clips)
    line = np.empty((lead(window) + rows) * wide, key.dtype)
    spare, factors = np.empty_like(line), np.empty(rows * wide, audio.dtype)
    tile, path = np.empty(rows * wide), np.empty((rows + 1) * wide)
    knobs = make_knobs()
    for start in range(0, time, rows):
        end = min(time, start + rows)
        for first in range(0, clips, wide):
            last = min(first + wide, clips)
            width = last - first
            size = (end - start) * width
            x, y = tile[:size], path[: size + width]
            begin(state[first:last], starts, start // rows, first, y)
            loudest(key[start:end], heard, first, width, line[lead(window) * width :])
            kept = past[first * (window - 1) : last * (window - 1)]
            levels = hold(line, spare, kept, window, width, size)
            if len(peaks):
                write(levels, first, width, peaks[start:end])
            if start == 0 or clips > wide:
                write_out(controls[:, first:last], law, knobs)
            aim(levels, knobs, width, law, x)
            follow(x, controls[RISE, first:last], controls[FALL, first:last], y)
            state[first:last] = y[size:]
            amplify(y[width:], factors[:size])
            multiply(audio[start:end], channels, factors, first, width, out[start:end])


@kernel
def run_back(
    audio: Array,
    key: Array,
    controls: Array,
    law: Any,
    window: int,
    peaks: Array,
    starts: Array,
    began: bool,
    grad: Array,
    into: Any,
) -> None:
    """Run the adjoint of :func:`run` from the last tile to the first.

    Args:
        audio: As in :func:`run`.
        key: The same.
        controls: The same.
        law: The same.
        window: The same.
        peaks: What was kept.
        starts: What was kept.
        began: Whether the first state is what silence leads to, and not that of a block before.
        grad: Gradient of the result.
        into: Where gradients go: of ``audio``; of ``key``, which is added to; of ``controls``.
    """
    to_audio, to_key, to_controls = into
    time, clips = peaks.shape
    channels, heard = audio.shape[1] // clips, key.shape[1] // clips
    wide = width_of(clips)
    rows = rows_of(time, clips)
    tile, path, grads = np.empty(rows * wide), np.empty((rows + 1) * wide), np.empty(rows * wide)
    levels, factors = np.empty(rows * wide, key.dtype), np.empty(rows * wide)
    spare = np.empty_like(levels)
    room, knobs = np.empty((2, rows * wide)), make_knobs()
    at, amounts = np.full(clips, time), np.zeros(clips)
    carry, sums = np.zeros(clips), np.zeros((5, clips * ROWS))
    for start in range((time - 1) // rows * rows, -1, -rows):
        end = min(time, start + rows)
        for first in range(0, clips, wide):
            last = min(first + wide, clips)
            width = last - first
            size = (end - start) * width
            x, y, g, found = tile[:size], path[: size + width], grads[:size], levels[:size]
            static = controls[:, first:last]
            parts = _parts(sums, first, last)
            y[:width] = starts[start // rows, first:last]
            read(peaks[start:end], first, width, found)
            write_out(static, law, knobs)
            aim(found, knobs, width, law, x)
            follow(x, static[RISE], static[FALL], y)
            amplify(y[width:], factors[:size])
            signals = audio[start:end], grad[start:end], to_audio[start:end]
            _multiply_back(signals, channels, factors[:size], first, g)
            follow_back(x, y, static[RISE], static[FALL], g, carry[first:last], room[0], parts[3:])
            aim_back(found, x, knobs, width, law, g, room, parts[:3])
            last_maxima = at[first:last], amounts[first:last]
            hand_back(key, heard, window, found, g, start, first, *last_maxima, spare, to_key)
            if start == 0 and began:
                silent, gains = np.full(width, FLOOR), y[:width]
                aim_back(silent, gains, knobs, width, law, carry[first:last], room, parts[:3])
    for first in range(0, clips, wide):
        last = min(first + wide, clips)
        for row, gathered in enumerate(_parts(sums, first, last)):
            total(gathered, to_controls[row, first:last])


@kernel
def _parts(sums: Any, first: int, last: int) -> Any:
    """Return the sums of some clips for each control; a tuple, since each is contiguous."""
    return (
        part(sums[0], first, last),
        part(sums[1], first, last),
        part(sums[2], first, last),
        part(sums[3], first, last),
        part(sums[4], first, last),
    )


@kernel
def _multiply_back(signals: Any, channels: int, factors: Array, first: int, out: Array) -> None:
    """Write the gradients of a tile's gains in doublings, and those of the signal.

    Args:
        signals: The signal, the gradient of the result, and where that of the signal goes; all
            lanes at the times of the tile.
        channels: Lanes of a clip.
        factors: Amplitude factors of the gains, a tile.
        first: First clip of the tile.
        out: Where the gradients of the gains go, a tile.
    """
    audio, grad, to_audio = signals
    rows, count = audio.shape
    width = factors.size // rows
    if channels == 2 and 2 * width == count:
        x, g, into = audio.reshape(-1), grad.reshape(-1), to_audio.reshape(-1)
        for i in range(factors.size):
            left = np.float64(g[2 * i]) * x[2 * i]
            out[i] = LN2 * factors[i] * fused(g[2 * i + 1], x[2 * i + 1], left)
            into[2 * i] = g[2 * i] * factors[i]
            into[2 * i + 1] = g[2 * i + 1] * factors[i]
    else:
        for t in range(rows):
            for c in range(width):
                share, factor = 0.0, factors[t * width + c]
                for i in range((first + c) * channels, (first + c + 1) * channels):
                    share = fused(grad[t, i], audio[t, i], share)
                    to_audio[t, i] = grad[t, i] * factor
                out[t * width + c] = LN2 * factor * share
