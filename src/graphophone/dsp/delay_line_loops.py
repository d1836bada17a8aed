"""Compiled loops of delay lines that are read between samples, and their adjoints."""

import math
from typing import Any

import numpy as np

from graphophone.dsp.compile import Array, kernel
from graphophone.dsp.subnormals import TINY

SHORTEST = 2.0
"""Shortest delay, in samples, that a line can be read at while its output feeds it."""

GUARD = 3
"""Rows after a ring's end that repeat its first ones, so that four rows always lie in a row."""


@kernel
def between(line: Array, at: Any, lane: Any, f: float) -> float:
    """Read a flat line between four rows; ``at`` is in the oldest, the next ``lane`` further on.

    The place is ``f`` before the third of them, towards the second.
    """
    second = at + lane
    third = second + lane
    older, far, near, newer = line[at], line[second], line[third], line[third + lane]
    up, down, further = f + 1, f - 1, f - 2
    return float(
        0.5 * up * further * (down * near - f * far)
        + f * down * (up * older - further * newer) * (1 / 6)
    )


@kernel
def slope(line: Array, at: Any, lane: Any, f: float) -> float:
    """Differentiate :func:`between` by ``f``."""
    second = at + lane
    third = second + lane
    older, far, near, newer = line[at], line[second], line[third], line[third + lane]
    return float(
        0.5 * (((3 * f - 4) * f - 1) * near - ((3 * f - 2) * f - 2) * far)
        + ((3 * f * f - 1) * older - ((3 * f - 6) * f + 2) * newer) * (1 / 6)
    )


@kernel
def spread(line: Array, at: Any, lane: Any, f: float, amount: float) -> None:
    """Add to four rows what :func:`between` reads from them, times ``amount``."""
    second = at + lane
    third = second + lane
    up, down, further = f + 1, f - 1, f - 2
    inner, outer = 0.5 * up * further * amount, f * down * (1 / 6) * amount
    line[at] += outer * up
    line[second] -= inner * f
    line[third] += inner * down
    line[third + lane] -= outer * further


@kernel
def run_modulated(
    audio: Array,
    delay: Array,
    feedback: Array,
    mix: Array,
    sample_rate: float,
    longest: float,
    line: Array,
    start: int,
    mask: int,
    out: Array,
) -> None:
    """Three short loops over the lanes: places and arithmetic fill vectors, reading does not."""
    time, count = audio.shape
    flat = line.reshape(-1)
    lane = np.uint64(count)  # unsigned, so that no index is checked for counting from the end
    by = int(len(delay) > 1)
    back, wet = feedback[0].copy(), mix[0].copy()
    at, f, read = np.empty(count, np.uint64), np.empty(count), np.empty(count)
    for t in range(time):
        now = start + t
        for i in range(count):
            samples = min(max(delay[t * by, i] * sample_rate, SHORTEST), longest)
            whole = np.floor(samples)
            f[i] = samples - whole
            at[i] = ((now - np.int64(whole) - 2) & mask) * count + i
        for i in range(count):
            read[i] = between(flat, at[i], lane, f[i])
        row = now & mask
        for i in range(count):
            x, y = np.float64(audio[t, i]), read[i]
            w = x + back[i] * y
            line[row, i] = w if abs(w) > TINY else 0.0
            out[t, i] = (1 - wet[i]) * x + wet[i] * y
        if row < GUARD:
            line[row + mask + 1] = line[row]


@kernel
def modulated_gradient(
    audio: Array,
    delay: Array,
    feedback: Array,
    mix: Array,
    sample_rate: float,
    longest: float,
    line: Array,
    pull: Array,
    grad: Array,
    into: Any,
) -> None:
    """Go backwards in time; ``pull`` is the gradient to what was written to ``line``."""
    to_audio, to_delay, to_feedback, to_mix = into
    time, count = audio.shape
    start = len(line) - time
    flat, pulled = line.reshape(-1), pull.reshape(-1)
    lane = np.uint64(count)
    by = int(len(delay) > 1)
    for earlier in range(time):
        t = time - 1 - earlier
        now = start + t
        for i in range(count):
            samples = delay[t * by, i] * sample_rate
            inside = SHORTEST <= samples <= longest
            samples = min(max(samples, SHORTEST), longest)
            whole = np.floor(samples)
            f = samples - whole
            at = np.uint64((now - np.int64(whole) - 2) * count + i)
            x, y = np.float64(audio[t, i]), between(flat, at, lane, f)
            heard, written = np.float64(grad[t, i]), pull[now, i]
            written = written if abs(written) > TINY else 0.0
            amount = mix[0, i] * heard + feedback[0, i] * written
            spread(pulled, at, lane, f, amount)
            to_audio[t, i] = (1 - mix[0, i]) * heard + written
            to_feedback[0, i] += written * y
            to_mix[0, i] += heard * (y - x)
            if inside:
                to_delay[t * by, i] += amount * slope(flat, at, lane, f) * sample_rate


@kernel
def run_transposed(
    audio: Array,
    travel: Array,
    window: float,
    line: Array,
    start: int,
    mask: int,
    taps: Array,
    out: Array,
) -> None:
    """Read two taps that move and cross-fade."""
    time, count = audio.shape
    flat = line.reshape(-1)
    lane = np.uint64(count)
    step, turn, lean = travel[0].copy(), travel[1].copy(), travel[2].copy()
    first, cosine, sine = taps[0].copy(), taps[1].copy(), taps[2].copy()
    at, f, read = np.empty((2, count), np.uint64), np.empty((2, count)), np.empty((2, count))
    for t in range(time):
        now = start + t
        row = now & mask
        for i in range(count):
            x = np.float64(audio[t, i])
            line[row, i] = x if abs(x) > TINY else 0.0
        if row < GUARD:
            line[row + mask + 1] = line[row]
        for i in range(count):
            one = 1 + first[i] * window
            two = 1 + (first[i] + 0.5 if first[i] < 0.5 else first[i] - 0.5) * window
            whole, whole_two = np.floor(one), np.floor(two)
            f[0, i], f[1, i] = one - whole, two - whole_two
            at[0, i] = ((now - np.int64(whole) - 2) & mask) * count + i
            at[1, i] = ((now - np.int64(whole_two) - 2) & mask) * count + i
        for i in range(count):
            read[0, i] = between(flat, at[0, i], lane, f[0, i])
            read[1, i] = between(flat, at[1, i], lane, f[1, i])
        for i in range(count):
            c, s = cosine[i], sine[i]
            moved = s * s * read[0, i] + c * c * read[1, i]
            out[t, i] = moved if step[i] != 0 else np.float64(audio[t, i])
            cosine[i], sine[i] = c * turn[i] - s * lean[i], s * turn[i] + c * lean[i]
            place = first[i] + step[i]
            first[i] = place - np.floor(place)
    taps[0], taps[1], taps[2] = first, cosine, sine


@kernel
def transposed_gradient(
    travel: Array,
    window: float,
    line: Array,
    taps: Array,
    grad: Array,
    pull: Array,
    to_travel: Array,
) -> None:
    """Follow the taps forwards in time, as nothing that they read comes back to the line.

    ``pull`` is the gradient to what was written to ``line``; the one to the travel is left out
    where ``line`` is empty.
    """
    time, count = grad.shape
    start = len(pull) - time
    flat, pulled = line.reshape(-1), pull.reshape(-1)
    lane = np.uint64(count)
    moves = len(line) > 0
    step, turn, lean = travel
    first, cosine, sine = taps
    for t in range(time):
        now = start + t
        for i in range(count):
            g = np.float64(grad[t, i])
            if step[i] == 0:
                pull[now, i] = g
                continue
            one = 1 + first[i] * window
            two = 1 + (first[i] + 0.5 if first[i] < 0.5 else first[i] - 0.5) * window
            whole, whole_two = np.floor(one), np.floor(two)
            f, f_two = one - whole, two - whole_two
            at = np.uint64((now - np.int64(whole) - 2) * count + i)
            at_two = np.uint64((now - np.int64(whole_two) - 2) * count + i)
            c, s = cosine[i], sine[i]
            spread(pulled, at, lane, f, s * s * g)
            spread(pulled, at_two, lane, f_two, c * c * g)
            if moves:  # each sample's step has moved the taps t times
                fade = between(flat, at, lane, f) - between(flat, at_two, lane, f_two)
                slide = s * s * slope(flat, at, lane, f) + c * c * slope(flat, at_two, lane, f_two)
                to_travel[i] += g * t * (2 * math.pi * s * c * fade + window * slide)
            cosine[i], sine[i] = c * turn[i] - s * lean[i], s * turn[i] + c * lean[i]
            place = first[i] + step[i]
            first[i] = place - np.floor(place)
