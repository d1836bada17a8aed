"""Topology-preserving state-variable filter (trapezoidal integrators).

Method: V. Zavalishin, The Art of VA Filter Design, rev. 2.1.2 (2018), ch. 4. The state lives in
two integrators, so coefficients may change every sample without clicks or instability.
"""

import math

import numpy as np
import torch

from graphophone.dsp.compile import Array, as_array, kernel
from graphophone.tensors import Audio, Control

NYQUIST_MARGIN = 0.49
"""Corners are held below this fraction of the sample rate, where tan() diverges."""

BUTTERWORTH = math.sqrt(2)
"""Damping of a maximally flat second-order filter."""

BUTTERWORTH_4 = (2 * math.cos(math.pi / 8), 2 * math.cos(3 * math.pi / 8))
"""Dampings of the two sections of a maximally flat fourth-order filter."""

TINY = 1e-30
"""State below this is set to zero now and then: subnormal numbers are slow and inaudible."""

BLOCK = 128
"""Samples between two looks at the state for subnormal numbers."""


def integrator_gain(frequency: Control, *, sample_rate: int) -> Control:
    """Return ``tan(pi * frequency / rate)``, the gain of an integrator prewarped to ``frequency``.

    Args:
        frequency: Corner in Hz, held between 0 and 0.49 of the rate.
        sample_rate: Samples per second.

    Returns:
        Gain in float64, same shape as ``frequency``.
    """
    out = torch.empty(frequency.shape, dtype=torch.float64)
    _tan(as_array(frequency.contiguous()), sample_rate, as_array(out))
    return out


def amplitude_root(gain_db: Control) -> Control:
    """Return the square root of the amplitude ratio that ``gain_db`` decibels stand for."""
    out = torch.empty(gain_db.shape, dtype=torch.float64)
    _ten_to_the_fortieth(as_array(gain_db.contiguous()), as_array(out))
    return out


def filtered(
    audio: Audio,
    *,
    g: Control,
    k: Control | float,
    through: Control | float = 0.0,
    band: Control | float = 0.0,
    low: Control | float = 0.0,
    into: Audio | None = None,
) -> Audio:
    """Run a second-order filter and mix its input, band-pass and low-pass outputs.

    The analogue prototype is ``through + (band * s + low) / (s**2 + k * s + 1)``.

    Args:
        audio: Signal, any number of channels.
        g: Integrator gain, see :func:`integrator_gain`; static or per sample.
        k: Damping, the inverse of the quality factor; static or per sample.
        through: Share of the input in the output.
        band: Share of the band-pass output, whose peak gain is ``1 / k``.
        low: Share of the low-pass output.
        into: Where to write; may be ``audio`` itself. A new tensor if not given.

    Returns:
        Filtered signal, same shape and dtype as ``audio``.
    """
    out = torch.empty(audio.shape, dtype=audio.dtype) if into is None else into
    gains, dampings = _control(g), _control(k)
    m0, m1, m2 = _control(through), _control(band), _control(low)
    still = all(c.shape[-1] == 1 for c in (gains, dampings, m0, m1, m2))
    run = _static if still else _moving
    run(as_array(audio.contiguous()), gains, dampings, m0, m1, m2, as_array(out))
    return out


def _control(value: Control | float) -> Array:
    """Return a contiguous float64 array with three axes, each of length one where constant."""
    if isinstance(value, float):
        return np.full((1, 1, 1), value)
    return as_array(value.double().contiguous())


@kernel
def _tan(frequency: Array, sample_rate: int, out: Array) -> None:
    """Continued fraction of the half angle, then the double angle: right to 1e-11."""
    half = 0.5 * math.pi / sample_rate
    highest = NYQUIST_MARGIN * sample_rate
    for b in range(out.shape[0]):
        for c in range(out.shape[1]):
            source, target = frequency[b, c], out[b, c]
            for t in range(target.size):
                x = half * min(max(float(source[t]), 0.0), highest)
                s = x * x
                over = x * (135135 + s * (-17325 + s * (378 - s)))
                under = 135135 + s * (-62370 + s * (3150 - 28 * s))
                target[t] = 2 * over * under / ((under - over) * (under + over))


@kernel
def _ten_to_the_fortieth(gain_db: Array, out: Array) -> None:
    for b in range(out.shape[0]):
        for c in range(out.shape[1]):
            for t in range(out.shape[2]):
                out[b, c, t] = math.exp(gain_db[b, c, t] * (math.log(10.0) / 40))


@kernel
def _static(
    audio: Array, g: Array, k: Array, through: Array, band: Array, low: Array, out: Array
) -> None:
    for b in range(audio.shape[0]):
        for c in range(audio.shape[1]):
            source, target = audio[b, c], out[b, c]
            gain = g[b % g.shape[0], c % g.shape[1], 0]
            damping = k[b % k.shape[0], c % k.shape[1], 0]
            m0 = through[b % through.shape[0], c % through.shape[1], 0]
            m1 = band[b % band.shape[0], c % band.shape[1], 0]
            m2 = low[b % low.shape[0], c % low.shape[1], 0]
            a1 = 1 / (1 + gain * (gain + damping))  # closes the delay-free loop
            a2 = gain * a1
            a3 = gain * a2
            s1 = s2 = 0.0
            for start in range(0, source.size, BLOCK):
                for t in range(start, min(start + BLOCK, source.size)):
                    x = float(source[t])
                    drive = x - s2
                    v1 = a1 * s1 + a2 * drive
                    v2 = s2 + a2 * s1 + a3 * drive
                    s1 = 2 * v1 - s1
                    s2 = 2 * v2 - s2
                    target[t] = m0 * x + m1 * v1 + m2 * v2
                if abs(s1) + abs(s2) < TINY:
                    s1 = s2 = 0.0


@kernel
def _moving(
    audio: Array, g: Array, k: Array, through: Array, band: Array, low: Array, out: Array
) -> None:
    for b in range(audio.shape[0]):
        for c in range(audio.shape[1]):
            source, target = audio[b, c], out[b, c]
            gains = g[b % g.shape[0], c % g.shape[1]]
            dampings = k[b % k.shape[0], c % k.shape[1]]
            m0 = through[b % through.shape[0], c % through.shape[1]]
            m1 = band[b % band.shape[0], c % band.shape[1]]
            m2 = low[b % low.shape[0], c % low.shape[1]]
            by_g, by_k = int(gains.size > 1), int(dampings.size > 1)
            by_0, by_1, by_2 = int(m0.size > 1), int(m1.size > 1), int(m2.size > 1)
            s1 = s2 = 0.0
            for start in range(0, source.size, BLOCK):
                for t in range(start, min(start + BLOCK, source.size)):
                    gain = gains[t * by_g]
                    a1 = 1 / (1 + gain * (gain + dampings[t * by_k]))
                    a2 = gain * a1
                    a3 = gain * a2
                    x = float(source[t])
                    drive = x - s2
                    v1 = a1 * s1 + a2 * drive
                    v2 = s2 + a2 * s1 + a3 * drive
                    s1 = 2 * v1 - s1
                    s2 = 2 * v2 - s2
                    target[t] = m0[t * by_0] * x + m1[t * by_1] * v1 + m2[t * by_2] * v2
                if abs(s1) + abs(s2) < TINY:
                    s1 = s2 = 0.0
