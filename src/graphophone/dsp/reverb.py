"""Reverberation by parallel damped combs and serial all-pass filters.

Sources: M. R. Schroeder, Natural Sounding Artificial Reverberation, J. Audio Eng. Soc. 10(3), 1962
(combs, all-passes); J. A. Moorer, About This Reverberation Business, Computer Music Journal 3(2),
1979 (a low-pass in each comb's loop). The constants are our own, in seconds, so that the
room is the same at every sample rate.
"""

import math

import numpy as np
import torch

from graphophone.dsp.compile import Array, as_array, kernel
from graphophone.tensors import Audio, Control

COMBS = np.array([0.0287, 0.0307, 0.0331, 0.0359, 0.0373, 0.0409, 0.0433, 0.0461])
"""Comb delays in seconds, at scale 1; without a common divisor, so that echoes spread."""

ALLPASSES = np.array([0.0113, 0.0079, 0.0047, 0.0023])
"""All-pass delays in seconds, at scale 1."""

DIFFUSION = 0.5
"""Coefficient of the all-pass filters: they die away well before the shortest decay."""

SPREAD = 0.00061
"""How much longer every delay of the right tank is, in seconds, so that the tanks differ."""

TINY = 1e-30
"""What is smaller is written as zero: subnormal numbers are slow and inaudible."""


def mixed(
    audio: Audio,
    *,
    decay: Control,
    scale: Control,
    smoothing: Control,
    width: Control,
    mix: Control,
    crossfeed: float,
    sample_rate: int,
) -> Audio:
    """Mix a signal with the reverberation of a left and a right tank.

    Each tank gives noise back about as loud as it gets it, whatever the decay, as long as nothing
    smooths.

    Args:
        audio: Signal of two channels.
        decay: Time in which the sound falls by 60 dB, in seconds, static.
        scale: Factor on all delays, static.
        smoothing: Time constant of the low-pass in each comb's loop, in seconds, static.
        width: 1 keeps the tanks on their sides, 0 puts their mean on both, static.
        mix: Share of the reverberation in the result, static.
        crossfeed: Share of the other channel in what a tank is fed; 0.5 feeds both the mean.
        sample_rate: Samples per second.

    Returns:
        Signal of the same shape and dtype as ``audio``.
    """
    out = torch.empty(audio.shape, dtype=audio.dtype)
    _tanks(
        as_array(audio.contiguous()),
        _column(decay),
        _column(scale),
        _column(smoothing),
        _column(width),
        _column(mix),
        crossfeed,
        sample_rate,
        COMBS,
        ALLPASSES,
        np.empty(int((COMBS.max() + SPREAD) * float(scale.max()) * sample_rate) + 2),
        np.empty((3, audio.shape[2])),
        as_array(out),
    )
    return out


def _column(control: Control) -> Array:
    return as_array(control.double()[:, 0, 0].contiguous())


@kernel
def _comb(source: Array, line: Array, gain: float, pole: float, out: Array) -> None:
    """Add to ``out`` what a comb with a one-pole low-pass in its loop makes of ``source``."""
    line[:] = 0.0
    low = 0.0
    fresh = 1 - pole
    for start in range(0, source.size, line.size):  # once around the ring
        for i in range(min(line.size, source.size - start)):
            y = line[i]
            low = fresh * y + pole * low
            w = source[start + i] + gain * low
            line[i] = w if abs(w) > TINY else 0.0
            out[start + i] += y
        if abs(low) < TINY:
            low = 0.0


@kernel
def _allpass(audio: Array, line: Array) -> None:
    """Replace ``audio`` by what Schroeder's all-pass filter makes of it."""
    line[:] = 0.0
    for start in range(0, audio.size, line.size):  # once around the ring
        for i in range(min(line.size, audio.size - start)):
            y = line[i]
            w = audio[start + i] + DIFFUSION * y
            line[i] = w if abs(w) > TINY else 0.0
            audio[start + i] = y - DIFFUSION * w


@kernel
def _tanks(
    audio: Array,
    decay: Array,
    scale: Array,
    smoothing: Array,
    width: Array,
    mix: Array,
    crossfeed: float,
    sample_rate: int,
    combs: Array,
    allpasses: Array,
    memory: Array,
    work: Array,
    out: Array,
) -> None:
    fed = work[2]
    for b in range(audio.shape[0]):
        pole = math.exp(-1 / (smoothing[b] * sample_rate)) if smoothing[b] > 0 else 0.0
        for side in range(2):
            spread = SPREAD * side
            energy = 0.0
            for seconds in combs:
                gain = 10.0 ** (-3 * (seconds + spread) * scale[b] / decay[b])
                energy += 1 / (1 - gain * gain)
            level = 1 / math.sqrt(energy)
            for t in range(fed.size):
                here, there = float(audio[b, side, t]), float(audio[b, 1 - side, t])
                fed[t] = level * ((1 - crossfeed) * here + crossfeed * there)
            tail = work[side]
            tail[:] = 0.0
            for seconds in combs:
                length = max(1, round((seconds + spread) * scale[b] * sample_rate))
                gain = 10.0 ** (-3 * length / (decay[b] * sample_rate))
                _comb(fed, memory[:length], gain, pole, tail)
            for seconds in allpasses:
                length = max(1, round((seconds + spread) * scale[b] * sample_rate))
                _allpass(tail, memory[:length])
        near, far = 0.5 * mix[b] * (1 + width[b]), 0.5 * mix[b] * (1 - width[b])
        for t in range(fed.size):
            one, two = work[0, t], work[1, t]
            out[b, 0, t] = (1 - mix[b]) * audio[b, 0, t] + near * one + far * two
            out[b, 1, t] = (1 - mix[b]) * audio[b, 1, t] + near * two + far * one
