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


def matched(kind: str, knobs: Mapping[str, float], rate: int) -> Array:
    """Return a section (b0, b1, b2, 1, a1, a2) with the magnitudes of its analogue prototype."""
    a, k = 10 ** (knobs.get("gain", 0.0) / 40), 1 / knobs["q"]
    top, bottom, shift = {
        "lowpass": ((0, 0, 1), (1, k, 1), 1),
        "highpass": ((1, 0, 0), (1, k, 1), 1),
        "bandpass": ((0, k, 0), (1, k, 1), 1),
        "bandreject": ((1, 0, 1), (1, k, 1), 1),
        "bell": ((1, k * a, 1), (1, k / a, 1), 1),
        "lowshelf": ((1, k * a, a * a), (1, k, 1), a**-0.5),
        "highshelf": ((a * a, k * a, 1), (1, k, 1), a**0.5),
    }[kind]
    tuned = 2 * math.pi * knobs["frequency"] / rate
    return _digital(top, bottom, tuned * shift, tuned)


def lead(knobs: Mapping[str, float], rate: int) -> float:
    """Return the group delay that a band-pass lacks at its centre, in samples."""
    row, angle = matched("bandpass", knobs, rate), 2 * math.pi * knobs["frequency"] / rate
    _, delay = scipy.signal.group_delay((row[:3], row[3:]), w=[angle])
    return float(2 * knobs["q"] / angle - delay[0])


def notches(knobs: Mapping[str, float], rate: int) -> list[Array]:
    """Return the sections of six all-pass stages beside a signal, with feedback around them."""
    feedback, dry = knobs["feedback"], 1 - knobs["mix"]
    gain, sections = dry + (1 - dry) / (1 - feedback), []
    angle = 2 * math.pi * knobs["frequency"] / rate
    poles, zeros = pairs(feedback, 1.0), pairs(feedback * dry + dry - 1, dry + 1e-6)
    for (slope, corner), (zero_slope, zero_corner) in zip(poles, zeros, strict=True):
        top = [gain, gain * zero_slope / corner, gain * (zero_corner / corner) ** 2]
        tuned = angle * min(corner, zero_corner)
        sections.append(_digital(top, [1, slope / corner, 1], angle * corner, tuned))
        gain = 1.0
    return sections


def pairs(share: float, rest: float) -> list[tuple[float, float]]:
    """Return rest (1 + s)**6 - share (1 - s)**6 as quadratics s**2 + slope s + corner**2.

    Returns:
        Slope and corner of each, the lowest corner first. The share is held 1e-6 from nothing,
        where a sixth root has no slope.
    """
    turns = [n + 0.5 * (share < 0) for n in range(6)]
    x, y = (abs(share) + 1e-6) ** (1 / 6), rest ** (1 / 6)
    sums = [x * np.exp(1j * math.pi / 3 * n) for n in turns]
    roots = sorted(((u - y) / (u + y) for u in sums), key=abs)
    twos = [roots[0:2], roots[2:4], roots[4:6]]
    if share >= 0:  # the real ones, one over the other, make the pair in the middle
        twos = [roots[1:3], [roots[0], roots[5]], roots[3:5]]
    return [(float(-(one + two).real), math.sqrt(abs(one * two))) for one, two in twos]


def _digital(top: Sequence[float], bottom: Sequence[float], corner: float, tuned: float) -> Array:
    """Factor squared magnitudes over x = tan(angle / 2)**2, see :mod:`graphophone.dsp.analogue`."""
    tuned = min(tuned, 2.0)
    rho, scale = 4 / tuned**2 - 1 / math.tan(tuned / 2) ** 2, 4 / corner**2
    rows = []
    for a, b, c in (top, bottom):
        # (c (1 + rho x) - a F x)**2 + b**2 F x (1 + rho x), lowest power first
        middle = 2 * c * (c * rho - a * scale) + b * b * scale
        high = (a * scale - c * rho) ** 2 + b * b * scale * rho
        third = math.sqrt(high) if b else a * scale - c * rho
        second = math.sqrt(max(middle + 2 * third * c, 0.0)) if b else 0.0
        second = math.copysign(second, b)
        rows.append((third + second + c, 2 * (c - third), third - second + c))
    row = np.array(rows).reshape(-1)
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
