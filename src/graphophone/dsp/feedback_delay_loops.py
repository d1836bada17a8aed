"""Compiled loops of echoes with a filter in their feedback, and their adjoints."""

from typing import Any

import numpy as np

from graphophone.dsp.compile import Array, kernel
from graphophone.dsp.subnormals import TINY, flush
from graphophone.dsp.svf import step

TILE = 64
"""Samples that are fetched from each ring at a time, and between two looks at the filters."""


@kernel
def fetch(rings: Array, lengths: Array, now: int, tile: Array) -> None:
    """Copy from each ring as many samples as ``tile`` has rows, from time ``now`` on."""
    time, count = tile.shape
    for i in range(count):
        at = now % lengths[i]
        whole = min(time, lengths[i] - at)
        for t in range(whole):
            tile[t, i] = rings[i, at + t]
        for t in range(whole, time):
            tile[t, i] = rings[i, t - whole]


@kernel
def store(rings: Array, lengths: Array, now: int, tile: Array) -> None:
    """Copy ``tile`` to where it was fetched from."""
    time, count = tile.shape
    for i in range(count):
        at = now % lengths[i]
        whole = min(time, lengths[i] - at)
        for t in range(whole):
            rings[i, at + t] = tile[t, i]
        for t in range(whole, time):
            rings[i, t - whole] = tile[t, i]


@kernel
def run(audio: Array, controls: Any, crossing: bool, lines: Any, trace: Array, out: Array) -> None:
    """Work in tiles no longer than the shortest line, so that none hears what it writes itself.

    What comes from the lines is also written to ``trace``, if that has room.
    """
    feedback, mix, g, k = controls
    lengths, rings, filters, clock = lines
    time, count = audio.shape
    back, wet, damping = feedback[0].copy(), mix[0].copy(), k[0].copy()
    a1 = 1 / (1 + g[0] * (g[0] + k[0]))
    a2 = g[0] * a1
    a3 = g[0] * a2
    s1, s2 = filters[0].copy(), filters[1].copy()
    reach = min(TILE, lengths.min())
    tiles = np.empty((reach, count))
    start = 0
    while start < time:
        stop = min(start + reach, start - start % TILE + TILE, time)
        tile, source, target = tiles[: stop - start], audio[start:stop], out[start:stop]
        fetch(rings, lengths, clock[0] + start, tile)
        if len(trace) > 0:
            trace[start:stop] = tile
        for t in range(stop - start):
            if crossing:
                for i in range(count):
                    v1, v2, _, _ = step(tile[t, i], s1[i], s2[i], a1[i], a2[i], a3[i])
                    s1[i] = 2 * v1 - s1[i]  # storing what step returns costs a tenth here
                    s2[i] = 2 * v2 - s2[i]
                    y = damping[i] * v1
                    tile[t, i] = y
                    target[t, i] = (1 - wet[i]) * np.float64(source[t, i]) + wet[i] * y
                for pair in range(count // 2):
                    i, j = 2 * pair, 2 * pair + 1
                    both = np.float64(source[t, i]) + np.float64(source[t, j])
                    w1, w2 = 0.5 * both + back[i] * tile[t, j], back[j] * tile[t, i]
                    tile[t, i] = w1 if abs(w1) > TINY else 0.0
                    tile[t, j] = w2 if abs(w2) > TINY else 0.0
            else:
                for i in range(count):
                    v1, _, s1[i], s2[i] = step(tile[t, i], s1[i], s2[i], a1[i], a2[i], a3[i])
                    x, y = np.float64(source[t, i]), damping[i] * v1
                    w = x + back[i] * y
                    tile[t, i] = w if abs(w) > TINY else 0.0
                    target[t, i] = (1 - wet[i]) * x + wet[i] * y
        store(rings, lengths, clock[0] + start, tile)
        if stop % TILE == 0:  # at fixed times, whatever the lengths of the other lanes
            flush(s1, s2)
        start = stop
    filters[0], filters[1] = s1, s2
    clock[0] += time


@kernel
def gradient(
    audio: Array,
    controls: Any,
    crossing: bool,
    lengths: Array,
    filters: Array,
    trace: Array,
    grad: Array,
    into: Any,
) -> None:
    """Go backwards in time, through rings that carry gradients from each reading to its writing.

    ``trace`` is what came from the lines, ``filters`` the states at the start. ``p`` and ``q`` are
    the gradients to the states, ``r1`` to ``r3`` those to the coefficients of the filter.
    """
    to_audio, to_feedback, to_mix, to_g, to_k = into
    feedback, mix, g, k = controls
    time, count = audio.shape
    a1 = 1 / (1 + g[0] * (g[0] + k[0]))
    a2 = g[0] * a1
    a3 = g[0] * a2
    states = np.empty((2, time, count))
    p, q = filters[0].copy(), filters[1].copy()
    for t in range(time):
        for i in range(count):
            states[0, t, i], states[1, t, i] = p[i], q[i]
            _, _, p[i], q[i] = step(trace[t, i], p[i], q[i], a1[i], a2[i], a3[i])
        if t % TILE == TILE - 1:
            flush(p, q)
    p[:] = 0.0
    q[:] = 0.0
    r1, r2, r3 = np.zeros(count), np.zeros(count), np.zeros(count)
    cross = int(crossing)
    reach = min(TILE, lengths.min())
    rings, tiles = np.zeros((count, lengths.max())), np.empty((reach, count))
    passed = np.empty(count)
    stop = time
    while stop > 0:
        start = max(stop - reach, 0)
        tile = tiles[: stop - start]
        fetch(rings, lengths, start, tile)
        for earlier in range(stop - start):
            t = stop - 1 - earlier
            row = t - start
            for i in range(count):
                other = i ^ cross  # the line that this one's echo is written to
                s1, s2 = states[0, t, i], states[1, t, i]
                drive = trace[t, i] - s2
                v1 = a1[i] * s1 + a2[i] * drive
                x, echo = np.float64(audio[t, i]), k[0, i] * v1
                heard, written = np.float64(grad[t, i]), tile[row, other]
                sent = 0.5 * tile[row, i - i % 2] if crossing else written
                to_audio[t, i] = (1 - mix[0, i]) * heard + sent
                to_feedback[0, other] += written * echo
                to_mix[0, i] += heard * (echo - x)
                y = mix[0, i] * heard + feedback[0, other] * written
                to_k[0, i] += y * v1
                d1, d2 = k[0, i] * y + 2 * p[i], 2 * q[i]
                down = a2[i] * d1 + a3[i] * d2
                p[i] = a1[i] * d1 + a2[i] * d2 - p[i]
                q[i] = d2 - down - q[i]
                passed[i] = down if abs(down) > TINY else 0.0
                r1[i] += d1 * s1
                r2[i] += d1 * drive + d2 * s1
                r3[i] += d2 * drive
            tile[row] = passed
        store(rings, lengths, start, tile)
        flush(p, q)
        stop = start
    for i in range(count):
        gain = g[0, i]
        to_a2 = r2[i] + gain * r3[i]
        to_a1 = (r1[i] + gain * to_a2) * a1[i] * a1[i]
        to_g[0, i] = a2[i] * r3[i] + a1[i] * to_a2 - to_a1 * (2 * gain + k[0, i])
        to_k[0, i] -= to_a1 * gain
