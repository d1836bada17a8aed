"""The compiled loops of :mod:`graphophone.dsp.analogue`: sections from prototypes.

A polynomial ``a s**2 + b s + c`` has the squared magnitude ``(c - a v)**2 + b**2 v`` at
``s = j sqrt(v)``. With ``v = x / (z + u x)``, where x is tan(angle / 2)**2, z a quarter of the
corner's angle squared and u = rho z, and times ``(z + u x)**2``, it is the squared magnitude of a
polynomial in a variable whose square is -x again. Its coefficients are
r = sqrt((a - c u)**2 + b**2 u), the root of ``(b**2 + 2 c (r - (a - c u))) z``, and ``c z``.
Without ``b`` it stays real on the frequency axis, with r = a - c u, so that what added up still
does.
"""

from typing import Any

import numpy as np
import scipy.special
from numba import literal_unroll

from graphophone.dsp.compile import Array, kernel
from graphophone.dsp.subnormals import flush
from graphophone.dsp.svf_loops import BLOCK, moving, turned
from graphophone.dsp.vectors import load, store, width, zeros

INPUTS, OUTPUTS = 7, 5
"""Frequency, shift, tuning, damping and three shares; gain, damping and three shares."""

TUNED_TO = 2.0
"""Radians a sample up to which a corner is exact. Beyond, exactness there would spoil what lies
below, where all sample rates are to sound alike."""

# With y = w / 2, rho = 1 / y**2 - 1 / tan(y)**2 = 1 - sum of (2 n - 1) c[n] y**(2 n - 2), where
# c[n] = 2 zeta(2 n) / pi**(2 n) are the coefficients of 1 / y - cot(y) (DLMF 4.19.6 and 25.6.2).
ZETA = scipy.special.zeta(2.0 * np.arange(1, 15))
SERIES = np.array([(4 * n - 2) * z / np.pi ** (2 * n) for n, z in enumerate(ZETA, 1)])


@kernel
def design(controls: Any, sample_rate: int, out: Array) -> None:
    """Write sections that have the magnitudes of prototypes.

    Args:
        controls: Frequency in Hz, shift, tuning, damping, shares of the input, the band-pass and
            the low-pass output, each of shape (rows, 1) or (rows, time).
        sample_rate: Samples per second.
        out: Where integrator gain, damping and shares of the sections go, (5, rows, time).
    """
    _, rows, time = out.shape
    x, y = np.empty((INPUTS + 2, BLOCK)), np.empty((OUTPUTS, BLOCK))
    for row in range(rows):
        for start in range(0, time, BLOCK):
            size = min(BLOCK, time - start)
            _block(controls, row, start, start == 0, size, sample_rate, x, y)
            for i in range(OUTPUTS):
                for t in range(size):
                    out[i, row, start + t] = y[i, t]


@kernel
def run(controls: Any, sample_rate: int, audio: Array, state: Array, out: Array) -> None:
    """Filter a signal by prototypes that move, without a section for every sample in memory.

    Args:
        controls: As for :func:`design`; as many rows as the signal has lanes, or one for so many
            neighbours as there are more lanes.
        sample_rate: Samples per second.
        audio: Signal (time, lanes).
        state: States (2, lanes) before the first sample; then those after the last.
        out: Where the result goes.
    """
    time, count = audio.shape
    rows = len(controls[0])
    times = count // rows
    x, y = np.empty((rows, INPUTS + 2, BLOCK)), np.empty((OUTPUTS, BLOCK))
    wide, none = np.empty((OUTPUTS, BLOCK, count)), np.empty((0, 2, count))
    for start in range(0, time, BLOCK):
        size = min(BLOCK, time - start)
        for row in range(rows):
            _block(controls, row, start, start == 0, size, sample_rate, x[row], y)
            if rows > 1:
                _spread(y, row * times, times, size, wide)
        if rows == 1:
            _together(audio, start, size, y, state, out)
        else:
            g, k, through, band, low = wide[0], wide[1], wide[2], wide[3], wide[4]
            stop = start + size
            moving(audio[start:stop], g, k, through, band, low, state, none, out[start:stop])


@kernel
def _spread(y: Array, lane: int, times: int, size: int, wide: Array) -> None:
    """Copy a row to neighbouring lanes."""
    for i in range(OUTPUTS):
        for t in range(size):
            for j in range(lane, lane + times):
                wide[i, t, j] = y[i, t]


@kernel
def _together(audio: Array, start: int, size: int, y: Array, state: Array, out: Array) -> None:
    """Filter lanes that share all coefficients."""
    lane = 0
    for like in literal_unroll((zeros(8), zeros(4), zeros(2), zeros(1))):
        lane = _groups(lane, like, audio, start, size, y, state, out)
    flush(state[0], state[1])


@kernel
def _groups(
    lane: int, like: Any, audio: Array, start: int, size: int, y: Array, state: Array, out: Array
) -> int:
    """Filter as many groups of lanes as there are from a lane on; return the next lane."""
    end: int = audio.shape[1] - (audio.shape[1] - lane) % width(like)
    for first in range(lane, end, width(like)):
        p, q = load(state, 0, first, like), load(state, 1, first, like)
        for t in range(size):
            g, k, through = like + y[0, t], like + y[1, t], like + y[2, t]
            x = load(audio, start + t, first, like)
            p, q, made = turned(x, p, q, g, k, through, like + y[3, t], like + y[4, t])
            store(out, start + t, first, made)
        store(state, 0, first, p)
        store(state, 1, first, q)
    return end


@kernel
def _block(
    controls: Any,
    row: int,
    start: int,
    first: bool,
    size: int,
    sample_rate: int,
    x: Array,
    y: Array,
) -> None:
    """Write the sections of some samples of a row to ``y``; ``x`` is room for its controls."""
    fetch(controls, row, start, first, size, x)
    for t in range(size):
        _denominator(x, t, sample_rate, y)
    if not _are_plain(controls, row):
        for t in range(size):
            _numerator(x, t, y)


@kernel
def _are_plain(controls: Any, row: int) -> bool:
    """Say whether the numerator never has a middle coefficient, which saves two roots."""
    _, _, _, k, through, band, _ = controls
    still = k.shape[1] == 1 and through.shape[1] == 1 and band.shape[1] == 1
    return still and middle(through[row, 0], k[row, 0], band[row, 0]) == 0


@kernel
def _denominator(x: Array, t: int, sample_rate: int, y: Array) -> None:
    """Write a section whose numerator is plain; and u and a root behind the controls."""
    f, shift, tune, k, through, _, low = column(x, t)
    corner, u, _, _ = warp(f, shift, tune, sample_rate)
    r, _, damped = mapped(1.0, k, 1.0, u)
    root = np.sqrt(1 / r)
    damping, share = damped * root, (through - (through + low) * u) * root * root
    y[0, t], y[1, t], y[2, t] = 0.5 * corner * root, damping, share
    y[3, t], y[4, t] = -share * damping, through + low - share
    x[INPUTS, t], x[INPUTS + 1, t] = u, root


@kernel
def _numerator(x: Array, t: int, y: Array) -> None:
    """Write the shares of a section whose numerator is any."""
    _, _, _, k, through, band, low = column(x, t)
    u, root = x[INPUTS, t], x[INPUTS + 1, t]
    r, _, mixed = mapped(through, middle(through, k, band), through + low, u)
    share = r * root * root
    y[2, t] = share
    y[3, t], y[4, t] = mixed * root - share * y[1, t], through + low - share


@kernel
def column(x: Array, t: int) -> Any:
    """Return all controls at one sample of a block."""
    return x[0, t], x[1, t], x[2, t], x[3, t], x[4, t], x[5, t], x[6, t]


@kernel
def fetch(controls: Any, row: int, start: int, first: bool, size: int, x: Array) -> None:
    """Copy a block of all controls to where each has one value a sample."""
    frequency, shift, tune, k, through, band, low = controls
    _fill(frequency, row, start, first, size, x, 0)
    _fill(shift, row, start, first, size, x, 1)
    _fill(tune, row, start, first, size, x, 2)
    _fill(k, row, start, first, size, x, 3)
    _fill(through, row, start, first, size, x, 4)
    _fill(band, row, start, first, size, x, 5)
    _fill(low, row, start, first, size, x, 6)


@kernel
def _fill(control: Array, row: int, start: int, first: bool, size: int, x: Array, i: int) -> None:
    """Write what moves in every block, and what does not in the first."""
    if control.shape[1] > 1:
        for t in range(size):
            x[i, t] = control[row, start + t]
    elif first:
        for t in range(BLOCK):
            x[i, t] = control[row, 0]


@kernel
def warp(frequency: float, shift: float, tune: float, sample_rate: int) -> Any:
    """Return the corner's angle, u, rho and the slope of rho over the tuned angle."""
    angle = max(frequency, 0.0) * (2 * np.pi / sample_rate)
    tuned, corner = min(angle * tune, TUNED_TO), angle * shift
    y = 0.25 * tuned * tuned
    total, slope = 0.0, 0.0
    for n in range(len(SERIES) - 1, -1, -1):
        slope = slope * y + total
        total = total * y + SERIES[n]
    # d y / d tuned = tuned / 2; nothing moves where the tuned angle is held.
    slope = -slope * 0.5 * tuned if angle * tune < TUNED_TO else 0.0
    rho = 1 - total
    return corner, rho * 0.25 * corner * corner, rho, slope


@kernel
def middle(through: float, k: float, band: float) -> float:
    """Return the numerator's middle coefficient; what a rounding leaves of a notch is nothing."""
    product = through * k
    total = product + band
    return total if abs(total) > 1e-14 * abs(product) else 0.0


@kernel
def mapped(a: float, b: float, c: float, u: float) -> Any:
    """Return r, a - c u and the middle coefficient of a polynomial, over z and its root."""
    q = a - c * u
    r = np.sqrt(q * q + b * b * u)
    root = np.sqrt(b * b + 2 * c * (r - q))
    root = -root if b < 0 else root
    return q if b == 0 else r, q, 0.0 if b == 0 else root  # no branch: loops stay vectors
