"""Filters as difference equations in extended precision.

Sources: R. Bristow-Johnson, Cookbook formulae for audio EQ biquad filters (W3C Note, 2021);
U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd ed. (2011), ch. 2.4.2 (phaser).
"""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import scipy.signal

from graphophone.benchmark.contender import Array

KINDS = ("lowpass", "highpass", "bandpass", "bandreject", "lowshelf", "highshelf", "bell")


def section(kind: str, knobs: Mapping[str, float], rate: int) -> Array:
    """Return a second-order section (b0, b1, b2, 1, a1, a2) of the cookbook."""
    w = 2 * math.pi * knobs["frequency"] / rate
    c, alpha = math.cos(w), math.sin(w) / (2 * knobs["q"])
    a = 10 ** (knobs.get("gain", 0.0) / 40)
    s = 2 * math.sqrt(a) * alpha
    up, down = a + 1, a - 1
    table = {
        "lowpass": ((1 - c) / 2, 1 - c, (1 - c) / 2, 1 + alpha, -2 * c, 1 - alpha),
        "highpass": ((1 + c) / 2, -1 - c, (1 + c) / 2, 1 + alpha, -2 * c, 1 - alpha),
        "bandpass": (alpha, 0, -alpha, 1 + alpha, -2 * c, 1 - alpha),
        "bandreject": (1, -2 * c, 1, 1 + alpha, -2 * c, 1 - alpha),
        "bell": (1 + alpha * a, -2 * c, 1 - alpha * a, 1 + alpha / a, -2 * c, 1 - alpha / a),
        "lowshelf": (
            a * (up - down * c + s),
            2 * a * (down - up * c),
            a * (up - down * c - s),
            up + down * c + s,
            -2 * (down + up * c),
            up + down * c - s,
        ),
        "highshelf": (
            a * (up + down * c + s),
            -2 * a * (down + up * c),
            a * (up + down * c - s),
            up - down * c + s,
            2 * (down - up * c),
            up - down * c - s,
        ),
    }
    row: Array = np.array(table[kind])
    return np.asarray(row / row[3])


def filtered(sections: Sequence[Array]) -> Callable[[Array], Array]:
    """Return sections in a row, run in the longest floating-point numbers there are."""

    def run(x: Array) -> Array:
        y = x.astype(np.longdouble)
        for row in sections:
            long = row.astype(np.longdouble)
            y = scipy.signal.lfilter(long[:3], long[3:], y)
        return y.astype(np.float64)

    return run


def first_order(kind: str, hertz: float, rate: int) -> Callable[[Array], Array]:
    """Return a low-pass or high-pass of 6 dB per octave."""
    g = math.tan(math.pi * hertz / rate)
    top = (g, g) if kind == "lowpass" else (1, -1)
    row = np.array([*top, 0, 1 + g, g - 1, 0]) / (1 + g)
    return filtered([row])


def phaser(hertz: float, feedback: float, mix: float, rate: int) -> Callable[[Array], Array]:
    """Return six first-order all-pass stages at rest, with feedback around them without delay."""
    g = math.tan(math.pi * hertz / rate)
    p = (g - 1) / (g + 1)
    top, bottom = np.array([1.0]), np.array([1.0])
    for _ in range(6):
        top, bottom = np.convolve(top, [p, 1]), np.convolve(bottom, [1, p])
    looped = bottom - feedback * top

    def run(x: Array) -> Array:
        wet = scipy.signal.lfilter(top / looped[0], looped / looped[0], x)
        return np.asarray((1 - mix) * x + mix * wet)

    return run
