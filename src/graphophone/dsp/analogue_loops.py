"""The compiled loops of :mod:`graphophone.dsp.analogue`: sections from prototypes, and gradients.

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

from graphophone.dsp.compile import Array, kernel
from graphophone.dsp.svf_loops import BLOCK, moving

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
            for i in range(OUTPUTS):
                _spread(y, i, row * times, times, size, wide)
        g, k, through, band, low = wide[0], wide[1], wide[2], wide[3], wide[4]
        stop = start + size
        moving(audio[start:stop], g, k, through, band, low, state, none, out[start:stop])


@kernel
def _spread(y: Array, i: int, lane: int, times: int, size: int, wide: Array) -> None:
    """Copy a row to neighbouring lanes."""
    if times == 2 and wide.shape[2] == 2:
        for t in range(size):
            wide[i, t, 0], wide[i, t, 1] = y[i, t], y[i, t]
    else:
        for t in range(size):
            for j in range(lane, lane + times):
                wide[i, t, j] = y[i, t]


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
    _fetch(controls, row, start, first, size, x)
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
    return still and _middle(through[row, 0], k[row, 0], band[row, 0]) == 0


@kernel
def _denominator(x: Array, t: int, sample_rate: int, y: Array) -> None:
    """Write a section whose numerator is plain; and u and a root behind the controls."""
    f, shift, tune, k, through, _, low = _column(x, t)
    corner, u, _, _ = _warp(f, shift, tune, sample_rate)
    r, _, middle = _mapped(1.0, k, 1.0, u)
    root = np.sqrt(1 / r)
    damping, share = middle * root, (through - (through + low) * u) * root * root
    y[0, t], y[1, t], y[2, t] = 0.5 * corner * root, damping, share
    y[3, t], y[4, t] = -share * damping, through + low - share
    x[INPUTS, t], x[INPUTS + 1, t] = u, root


@kernel
def _numerator(x: Array, t: int, y: Array) -> None:
    """Write the shares of a section whose numerator is any."""
    _, _, _, k, through, band, low = _column(x, t)
    u, root = x[INPUTS, t], x[INPUTS + 1, t]
    r, _, middle = _mapped(through, _middle(through, k, band), through + low, u)
    share = r * root * root
    y[2, t] = share
    y[3, t], y[4, t] = middle * root - share * y[1, t], through + low - share


@kernel
def gradient(controls: Any, sample_rate: int, grad: Array, into: Any) -> None:
    """Add the gradients of the controls.

    Args:
        controls: As for :func:`design`.
        sample_rate: Samples per second.
        grad: Gradients of the section, (5, rows, time).
        into: Where those of the controls go, each of the shape of its control.
    """
    _, rows, time = grad.shape
    x, to = np.empty((INPUTS, BLOCK)), np.empty((INPUTS, BLOCK))
    for row in range(rows):
        for start in range(0, time, BLOCK):
            size = min(BLOCK, time - start)
            _fetch(controls, row, start, start == 0, size, x)
            for t in range(size):
                _back(x, t, sample_rate, grad, row, start + t, to)
            _add(to, row, start, size, into)


@kernel
def _column(x: Array, t: int) -> Any:
    return x[0, t], x[1, t], x[2, t], x[3, t], x[4, t], x[5, t], x[6, t]


@kernel
def _fetch(controls: Any, row: int, start: int, first: bool, size: int, x: Array) -> None:
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
def _add(to: Array, row: int, start: int, size: int, into: Any) -> None:
    frequency, shift, tune, k, through, band, low = into
    _sum(to[0], row, start, size, frequency)
    _sum(to[1], row, start, size, shift)
    _sum(to[2], row, start, size, tune)
    _sum(to[3], row, start, size, k)
    _sum(to[4], row, start, size, through)
    _sum(to[5], row, start, size, band)
    _sum(to[6], row, start, size, low)


@kernel
def _sum(to: Array, row: int, start: int, size: int, into: Array) -> None:
    if into.shape[1] > 1:
        for t in range(size):
            into[row, start + t] = to[t]
    else:
        for t in range(size):
            into[row, 0] += to[t]


@kernel
def _warp(frequency: float, shift: float, tune: float, sample_rate: int) -> Any:
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
def _middle(through: float, k: float, band: float) -> float:
    """Return the numerator's middle coefficient; what a rounding leaves of a notch is nothing."""
    product = through * k
    total = product + band
    return total if abs(total) > 1e-14 * abs(product) else 0.0


@kernel
def _mapped(a: float, b: float, c: float, u: float) -> Any:
    """Return r, a - c u and the middle coefficient of a polynomial, over z and its root."""
    q = a - c * u
    r = np.sqrt(q * q + b * b * u)
    middle = np.sqrt(b * b + 2 * c * (r - q))
    middle = -middle if b < 0 else middle
    return q if b == 0 else r, q, 0.0 if b == 0 else middle  # no branch: loops stay vectors


@kernel
def _unmapped(a: float, b: float, c: float, u: float, to_r: float, to_middle: float) -> Any:
    """Return the gradients of a, b, c and u from those of two mapped coefficients."""
    r, q, middle = _mapped(a, b, c, u)
    if b == 0:
        # The middle coefficient is b times a root that stays finite as b vanishes.
        to_b = to_middle * np.sqrt(1 + c * u / q) if q > 0 else 0.0
        return to_r, to_b, -to_r * u, -to_r * c
    to_square = to_middle / (2 * middle)  # of b**2 + 2 c (r - q)
    to_rest = 2 * c * to_square
    to_q = (to_r * q - to_rest * (r - q)) / r
    to_m = (to_r + to_rest) / (2 * r)  # of b**2 u
    to_b = 2 * b * (to_m * u + to_square)
    return to_q, to_b, 2 * (r - q) * to_square - to_q * u, to_m * b * b - to_q * c


@kernel
def _back(x: Array, t: int, sample_rate: int, grad: Array, row: int, at: int, to: Array) -> None:
    """Write the gradients of all controls at one sample."""
    f, shift, tune, k, through, band, low = _column(x, t)
    corner, u, rho, slope = _warp(f, shift, tune, sample_rate)
    b, c = _middle(through, k, band), through + low
    r, _, middle = _mapped(1.0, k, 1.0, u)
    share, _, mixed = _mapped(through, b, c, u)
    over = 1 / r
    root = np.sqrt(over)
    damping, share = middle * root, share * over
    to_mixed = grad[3, row, at]
    to_share = grad[2, row, at] - damping * to_mixed - grad[4, row, at]
    to_damping = grad[1, row, at] - share * to_mixed
    to_g = grad[0, row, at]
    to_root = 0.5 * corner * to_g + to_damping * middle + to_mixed * mixed
    to_r = -(to_share * share + 0.5 * to_root * root) * over
    _, to_k, _, to_u = _unmapped(1.0, k, 1.0, u, to_r, to_damping * root)
    to_a, to_b, to_c, more = _unmapped(through, b, c, u, to_share * over, to_mixed * root)
    to_u += more
    to_c += grad[4, row, at]
    # u = rho corner**2 / 4, rho of the tuned angle
    to_corner = 0.5 * (to_g * root + to_u * rho * corner)
    to_tuned = to_u * slope * 0.25 * corner * corner
    scale = 2 * np.pi / sample_rate
    to[0, t] = (to_corner * shift + to_tuned * tune) * scale if f > 0 else 0.0
    to[1, t] = to_corner * max(f, 0.0) * scale
    to[2, t] = to_tuned * max(f, 0.0) * scale
    to[3, t] = to_k + to_b * through
    to[4, t] = to_a + to_b * k + to_c
    to[5, t] = to_b
    to[6, t] = to_c
