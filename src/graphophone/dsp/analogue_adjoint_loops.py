"""The compiled loops of the gradients of :mod:`graphophone.dsp.analogue_loops`."""

from typing import Any

import numpy as np

from graphophone.dsp.analogue_loops import INPUTS, column, fetch, mapped, middle, warp
from graphophone.dsp.compile import Array, kernel
from graphophone.dsp.svf_loops import BLOCK


@kernel
def gradient(controls: Any, sample_rate: int, grad: Array, into: Any) -> None:
    """Add the gradients of the controls.

    Args:
        controls: As for :func:`graphophone.dsp.analogue_loops.design`.
        sample_rate: Samples per second.
        grad: Gradients of the section, (5, rows, time).
        into: Where those of the controls go, each of the shape of its control.
    """
    _, rows, time = grad.shape
    x, to = np.empty((INPUTS, BLOCK)), np.empty((INPUTS, BLOCK))
    for row in range(rows):
        for start in range(0, time, BLOCK):
            size = min(BLOCK, time - start)
            fetch(controls, row, start, start == 0, size, x)
            for t in range(size):
                _back(x, t, sample_rate, grad, row, start + t, to)
            _add(to, row, start, size, into)


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
def _unmapped(a: float, b: float, c: float, u: float, to_r: float, to_middle: float) -> Any:
    """Return the gradients of a, b, c and u from those of two mapped coefficients."""
    r, q, root = mapped(a, b, c, u)
    if b == 0:
        # The middle coefficient is b times a root that stays finite as b vanishes.
        to_b = to_middle * np.sqrt(1 + c * u / q) if q > 0 else 0.0
        return to_r, to_b, -to_r * u, -to_r * c
    to_square = to_middle / (2 * root)  # of b**2 + 2 c (r - q)
    to_rest = 2 * c * to_square
    to_q = (to_r * q - to_rest * (r - q)) / r
    to_m = (to_r + to_rest) / (2 * r)  # of b**2 u
    to_b = 2 * b * (to_m * u + to_square)
    return to_q, to_b, 2 * (r - q) * to_square - to_q * u, to_m * b * b - to_q * c


@kernel
def _back(x: Array, t: int, sample_rate: int, grad: Array, row: int, at: int, to: Array) -> None:
    """Write the gradients of all controls at one sample."""
    f, shift, tune, k, through, band, low = column(x, t)
    corner, u, rho, slope = warp(f, shift, tune, sample_rate)
    b, c = middle(through, k, band), through + low
    r, _, damped = mapped(1.0, k, 1.0, u)
    share, _, mixed = mapped(through, b, c, u)
    over = 1 / r
    root = np.sqrt(over)
    damping, share = damped * root, share * over
    to_mixed = grad[3, row, at]
    to_share = grad[2, row, at] - damping * to_mixed - grad[4, row, at]
    to_damping = grad[1, row, at] - share * to_mixed
    to_g = grad[0, row, at]
    to_root = 0.5 * corner * to_g + to_damping * damped + to_mixed * mixed
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
