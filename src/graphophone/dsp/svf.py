"""Topology-preserving state-variable filter (trapezoidal integrators).

Method: V. Zavalishin, The Art of VA Filter Design, rev. 2.1.2 (2018), ch. 4. The state lives in
two integrators, so coefficients may change every sample without clicks or instability.
"""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from graphophone.dsp.compile import Array, as_array, detached, kernel
from graphophone.dsp.lanes import lanes, per_lane, signal
from graphophone.dsp.memory import recall
from graphophone.dsp.subnormals import flush
from graphophone.tensors import Audio, Control

NYQUIST_MARGIN = 0.49
"""Corners are held below this fraction of the sample rate, where tan() diverges."""

BUTTERWORTH = math.sqrt(2)
"""Damping of a maximally flat second-order filter."""

BUTTERWORTH_4 = (2 * math.cos(math.pi / 8), 2 * math.cos(3 * math.pi / 8))
"""Dampings of the two sections of a maximally flat fourth-order filter."""

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
    gain: Tensor = _Tangent.apply(frequency, sample_rate)  # type: ignore[no-untyped-call]
    return gain


def amplitude_root(gain_db: Control) -> Control:
    """Return the square root of the amplitude ratio that ``gain_db`` decibels stand for."""
    return torch.exp(gain_db.double() * (math.log(10.0) / 40))


def filtered(
    audio: Audio,
    *,
    g: Control,
    k: Control | float,
    through: Control | float = 0.0,
    band: Control | float = 0.0,
    low: Control | float = 0.0,
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

    Returns:
        Filtered signal, same shape and dtype as ``audio``.
    """
    flat = lanes(audio)
    controls = [per_lane(c, audio) for c in (g, k, through, band, low)]
    out: Tensor = _Filter.apply(flat, *controls)  # type: ignore[no-untyped-call]
    return signal(out, audio.shape[1])


class _Tangent(torch.autograd.Function):
    """tan(pi f / rate) of a frequency held within its bounds."""

    @staticmethod
    def forward(ctx: Any, frequency: Control, sample_rate: int) -> Control:
        out = torch.empty(frequency.numel(), dtype=torch.float64)
        _tan(detached(frequency).reshape(-1), sample_rate, as_array(out))
        out = out.view(frequency.shape)
        ctx.save_for_backward(frequency, out)
        ctx.sample_rate = sample_rate
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        frequency, gain = ctx.saved_tensors
        inside = (frequency >= 0) & (frequency <= NYQUIST_MARGIN * ctx.sample_rate)
        slope = (1 + gain * gain) * (math.pi / ctx.sample_rate)
        return (grad * slope * inside).to(frequency.dtype), None


class _Filter(torch.autograd.Function):
    """The filter on lanes: signal (time, lanes), controls (1 or time, lanes)."""

    @staticmethod
    def forward(ctx: Any, audio: Tensor, *controls: Tensor) -> Tensor:
        state = recall(lambda: np.zeros((2, audio.shape[1])))
        ctx.save_for_backward(audio, *controls)
        ctx.start = state.copy()
        out = torch.empty_like(audio)
        run = _static if all(len(c) == 1 for c in controls) else _moving
        g, k, through, band, low = map(detached, controls)
        run(detached(audio), g, k, through, band, low, state, as_array(out))
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, ...]:
        x, g, k, through, band, low = map(detached, ctx.saved_tensors)
        states = np.empty((2, *x.shape))
        _states(x, g, k, ctx.start, states)
        grads = tuple(torch.zeros_like(t) for t in ctx.saved_tensors)
        into = tuple(map(as_array, grads))
        _gradient(x, g, k, through, band, low, states, detached(grad.contiguous()), into)
        return grads


@kernel
def _tan(frequency: Array, sample_rate: int, out: Array) -> None:
    """Continued fraction of the half angle, then the double angle: right to 1e-11."""
    half = 0.5 * math.pi / sample_rate
    highest = NYQUIST_MARGIN * sample_rate
    for t in range(out.size):
        x = half * min(max(float(frequency[t]), 0.0), highest)
        s = x * x
        over = x * (135135 + s * (-17325 + s * (378 - s)))
        under = 135135 + s * (-62370 + s * (3150 - 28 * s))
        out[t] = 2 * over * under / ((under - over) * (under + over))


@kernel
def _static(
    audio: Array,
    g: Array,
    k: Array,
    through: Array,
    band: Array,
    low: Array,
    state: Array,
    out: Array,
) -> None:
    time, count = audio.shape
    a1 = 1 / (1 + g[0] * (g[0] + k[0]))  # closes the delay-free loop
    a2 = g[0] * a1
    a3 = g[0] * a2
    m0, m1, m2 = through[0].copy(), band[0].copy(), low[0].copy()
    s1, s2 = state[0].copy(), state[1].copy()
    for start in range(0, time, BLOCK):
        for t in range(start, min(start + BLOCK, time)):
            for i in range(count):
                x = np.float64(audio[t, i])
                v1, v2, s1[i], s2[i] = step(x, s1[i], s2[i], a1[i], a2[i], a3[i])
                out[t, i] = m0[i] * x + m1[i] * v1 + m2[i] * v2
        flush(s1, s2)
    state[0], state[1] = s1, s2


@kernel
def _moving(
    audio: Array,
    g: Array,
    k: Array,
    through: Array,
    band: Array,
    low: Array,
    state: Array,
    out: Array,
) -> None:
    time, count = audio.shape
    by_g, by_k = int(len(g) > 1), int(len(k) > 1)
    by_0, by_1, by_2 = int(len(through) > 1), int(len(band) > 1), int(len(low) > 1)
    s1, s2 = state[0].copy(), state[1].copy()
    for start in range(0, time, BLOCK):
        for t in range(start, min(start + BLOCK, time)):
            for i in range(count):
                gain = g[t * by_g, i]
                a1 = 1 / (1 + gain * (gain + k[t * by_k, i]))
                a2 = gain * a1
                a3 = gain * a2
                x = np.float64(audio[t, i])
                v1, v2, s1[i], s2[i] = step(x, s1[i], s2[i], a1, a2, a3)
                m0, m1, m2 = through[t * by_0, i], band[t * by_1, i], low[t * by_2, i]
                out[t, i] = m0 * x + m1 * v1 + m2 * v2
        flush(s1, s2)
    state[0], state[1] = s1, s2


@kernel
def step(x: float, s1: float, s2: float, a1: float, a2: float, a3: float) -> Any:
    """Filter one sample, with ``a1 = 1 / (1 + g * (g + k))``, ``a2 = g * a1``, ``a3 = g * a2``.

    Returns:
        Band-pass and low-pass outputs and both new states.
    """
    drive = x - s2
    v1 = a1 * s1 + a2 * drive
    v2 = s2 + a2 * s1 + a3 * drive
    return v1, v2, 2 * v1 - s1, 2 * v2 - s2


@kernel
def _states(audio: Array, g: Array, k: Array, start: Array, states: Array) -> None:
    """Write both states as they are before each sample."""
    time, count = audio.shape
    by_g, by_k = int(len(g) > 1), int(len(k) > 1)
    s1, s2 = start[0].copy(), start[1].copy()
    for t in range(time):
        for i in range(count):
            states[0, t, i], states[1, t, i] = s1[i], s2[i]
            gain = g[t * by_g, i]
            a1 = 1 / (1 + gain * (gain + k[t * by_k, i]))
            a2 = gain * a1
            a3 = gain * a2
            x = np.float64(audio[t, i])
            _, _, s1[i], s2[i] = step(x, s1[i], s2[i], a1, a2, a3)
        if t % BLOCK == BLOCK - 1:
            flush(s1, s2)


@kernel
def _gradient(
    audio: Array,
    g: Array,
    k: Array,
    through: Array,
    band: Array,
    low: Array,
    states: Array,
    grad: Array,
    into: Any,
) -> None:
    """Run the adjoint recurrence backwards in time; ``p`` and ``q`` are those of the states."""
    to_audio, to_g, to_k, to_through, to_band, to_low = into
    time, count = audio.shape
    by_g, by_k = int(len(g) > 1), int(len(k) > 1)
    by_0, by_1, by_2 = int(len(through) > 1), int(len(band) > 1), int(len(low) > 1)
    p, q = np.zeros(count), np.zeros(count)
    for back in range(time):
        t = time - 1 - back
        tg, tk, t0, t1, t2 = t * by_g, t * by_k, t * by_0, t * by_1, t * by_2
        for i in range(count):
            gain, damping = g[tg, i], k[tk, i]
            a1 = 1 / (1 + gain * (gain + damping))
            a2 = gain * a1
            a3 = gain * a2
            x, s1, s2 = np.float64(audio[t, i]), states[0, t, i], states[1, t, i]
            drive = x - s2
            v1 = a1 * s1 + a2 * drive
            v2 = s2 + a2 * s1 + a3 * drive
            y = np.float64(grad[t, i])
            d1 = band[t1, i] * y + 2 * p[i]
            d2 = low[t2, i] * y + 2 * q[i]
            down = a2 * d1 + a3 * d2
            to_audio[t, i] = through[t0, i] * y + down
            p[i] = a1 * d1 + a2 * d2 - p[i]
            q[i] = d2 - down - q[i]
            to_through[t0, i] += y * x
            to_band[t1, i] += y * v1
            to_low[t2, i] += y * v2
            to_a3 = d2 * drive
            to_a2 = d1 * drive + d2 * s1 + gain * to_a3
            to_a1 = d1 * s1 + gain * to_a2
            to_g[tg, i] += a2 * to_a3 + a1 * to_a2 - to_a1 * (2 * gain + damping) * a1 * a1
            to_k[tk, i] -= to_a1 * gain * a1 * a1
