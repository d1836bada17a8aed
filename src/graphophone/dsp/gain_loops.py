"""Gain computers, and the way back through them, on tiles (:mod:`graphophone.dsp.tiles`).

The target of a gain is a slope times how far a level is beyond the threshold, rounded off within
the knee: zero below it, the distance itself above it and a parabola between. This is eq. 4 of
Giannoulis, Massberg and Reiss (2012), solved for the part that a ratio multiplies.

Levels and gains are in doublings of amplitude (6.02 dB), the logarithm to the base of two.
"""

import math
from typing import Any

import numpy as np

from graphophone.dsp.compile import Array, kernel
from graphophone.dsp.exponentials import exp2, log2
from graphophone.dsp.tiles import ROWS, WIDTH, gather, period, repeat

FLOOR = 1e-6
"""Amplitude of silence, -120 dB."""

THRESHOLD, KNEE, SLOPE, RISE, FALL = 0, 1, 2, 3, 4
"""Rows of controls (5, clips): the threshold; the full width of the knee, above zero; how the
gain changes with the excess; the shares of the gap that a rising and a falling gain close in
one sample."""

LN2 = math.log(2)
"""Nepers in a doubling: the derivative of a power of two is so many times the power."""


@kernel
def silence(controls: Array, law: Any) -> Array:
    """Return the gains (clips) that silence leads to.

    Args:
        controls: See :data:`THRESHOLD`.
        law: 1 if what is above the threshold counts or -1 if what is below; and the lowest gain.
    """
    side, lowest = law
    base, bend = _corner(controls, side)
    out = np.empty(base.size)
    for c in range(out.size):
        out[c] = _gain(FLOOR, side, lowest, base[c], controls[KNEE, c], bend[c])
    return out


@kernel
def _corner(controls: Array, side: float) -> Any:
    """Return where the knees begin, and how much they bend."""
    knee = controls[KNEE]
    return 0.5 * knee - side * controls[THRESHOLD], controls[SLOPE] / knee


@kernel
def make_knobs() -> Any:
    """Make room for what :func:`write_out` writes."""
    size = ROWS * WIDTH
    return np.empty(size), np.empty(size), np.empty(size)


@kernel
def write_out(controls: Array, law: Any, knobs: Any) -> None:
    """Write out, for all samples, where the knee begins, its width, and how much it bends."""
    base, bend = _corner(controls, law[0])
    size = period(base.size)
    repeat(base, knobs[0][:size])
    repeat(controls[KNEE], knobs[1][:size])
    repeat(bend, knobs[2][:size])


@kernel
def _beyond(level: float, side: float, base: float) -> float:
    """Return how far a level is beyond the beginning of the knee, below zero if it is not."""
    return float(side * log2(np.float64(FLOOR if level < FLOOR else level)) + base)


@kernel
def _within(beyond: float, knee: float) -> float:
    """Return how much of that is within the knee."""
    most = beyond if beyond < knee else knee
    return most if most > 0 else 0.0


@kernel
def _gain(level: float, side: float, lowest: float, base: float, knee: float, bend: float) -> float:
    """Return the gain that a level leads to."""
    beyond = _beyond(level, side, base)
    within = _within(beyond, knee)
    gain = (beyond - 0.5 * within) * within * bend
    return lowest if gain < lowest else gain


@kernel
def aim(levels: Array, knobs: Any, width: int, law: Any, out: Array) -> None:
    """Write the gain that each level leads to.

    Args:
        levels: Amplitudes, a tile.
        knobs: From :func:`write_out`.
        width: Clips.
        law: As in :func:`silence`.
        out: A tile.
    """
    (side, lowest), (base, knee, bend) = law, knobs
    size = period(width)
    for start in range(0, out.size, size):
        x, y = levels[start : start + size], out[start : start + size]
        for i in range(y.size):
            y[i] = _gain(x[i], side, lowest, base[i], knee[i], bend[i])


@kernel
def aim_back(
    levels: Array,
    gains: Array,
    knobs: Any,
    width: int,
    law: Any,
    grads: Array,
    room: Any,
    sums: Any,
) -> None:
    """Turn the gradients of gains into those of levels.

    A loop that writes to more than two arrays would not be vectorized, so there are several.

    Args:
        levels: As in :func:`aim`.
        gains: What it wrote.
        knobs: As in :func:`aim`.
        width: The same.
        law: The same.
        grads: Gradients of the gains; then those of the levels.
        room: Two arrays as large as a tile.
        sums: Gradients of threshold, knee and slope, which are added to, :data:`ROWS` rows each.
    """
    (side, lowest), (base, knee, bend) = law, knobs
    to_threshold, to_knee, to_slope = sums
    size = period(width)
    for start in range((grads.size - 1) // size * size, -1, -size):  # as gather does
        x, y = levels[start : start + size], gains[start : start + size]
        g = grads[start : start + size]
        share, change = room[0][: g.size], room[1][: g.size]
        for i in range(g.size):
            beyond = _beyond(x[i], side, base[i])
            within = _within(beyond, knee[i])
            share[i] = within / knee[i]
            change[i] = (beyond - 0.5 * within) * share[i]
        for i in range(g.size):
            grad = g[i]
            grad = grad if y[i] > lowest else 0.0
            g[i] = grad * bend[i] * knee[i]
            change[i] *= grad
        gather(change, to_slope)
        for i in range(g.size):
            change[i] = 0.5 * g[i] * share[i] * (1 - share[i])
        gather(change, to_knee)
        for i in range(g.size):
            grad, level = g[i] * side * share[i], x[i]
            change[i] = -grad
            grad /= LN2 * level
            g[i] = grad if level > FLOOR else 0.0
        gather(change, to_threshold)


@kernel
def amplify(gains: Array, out: Array) -> None:
    """Write the factors that gains stand for."""
    for i in range(out.size):
        out[i] = exp2(gains[i])
