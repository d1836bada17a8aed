"""Delay lines that are read between samples, by third-order Lagrange interpolation.

Sources: U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd ed. (2011), ch. 2.6 (modulated delay
lines) and 6.4.3 (pitch shift by delay-line modulation); T. Laakso et al., Splitting the Unit
Delay, IEEE Signal Processing Magazine 13(1), 1996 (interpolation; never louder than its input).
"""

import math

import numpy as np
import torch

from graphophone.dsp.compile import Array, as_array, kernel
from graphophone.tensors import Audio, Control

SHORTEST = 2.0
"""Shortest delay, in samples, that a line can be read at while its output feeds it."""

TINY = 1e-30
"""What is smaller is written as zero: subnormal numbers are slow and inaudible."""


def modulated(
    audio: Audio,
    *,
    delay: Control,
    feedback: Control,
    mix: Control,
    longest: float,
    sample_rate: int,
) -> Audio:
    """Mix a signal with its copy from a delay line whose length may change every sample.

    Args:
        audio: Signal, any number of channels.
        delay: Length of the line in seconds, static or per sample.
        feedback: Share of the line's output that is written back, static, below 1.
        mix: Share of the line's output in the result, static.
        longest: Largest ``delay``, in seconds.
        sample_rate: Samples per second.

    Returns:
        Signal of the same shape and dtype as ``audio``.
    """
    out = torch.empty(audio.shape, dtype=audio.dtype)
    delays, back, wet = (as_array(c.double().contiguous()) for c in (delay, feedback, mix))
    line = np.empty(_power_of_two(longest * sample_rate + 4))
    _modulated(as_array(audio.contiguous()), delays, back, wet, sample_rate, line, as_array(out))
    return out


def transposed(audio: Audio, *, semitones: Control, window: float, sample_rate: int) -> Audio:
    """Change the pitch by reading a delay line through two taps that move and cross-fade.

    A tap whose delay shrinks by ``ratio - 1`` samples a sample plays faster by ``ratio``. When it
    has come to the end of the window it jumps back, faded out, while the other is at its loudest.

    Args:
        audio: Signal, any number of channels.
        semitones: Interval, static. At 0 nothing moves and the signal passes as it is.
        window: Distance that each tap travels, in seconds.
        sample_rate: Samples per second.

    Returns:
        Signal of the same shape and dtype as ``audio``.
    """
    out = torch.empty(audio.shape, dtype=audio.dtype)
    line = np.empty(_power_of_two(window * sample_rate + 6))
    control = as_array(semitones.double().contiguous())
    _transposed(as_array(audio.contiguous()), control, window * sample_rate, line, as_array(out))
    return out


def _power_of_two(samples: float) -> int:
    return int(2 ** math.ceil(math.log2(samples)))


@kernel
def _read(line: Array, now: int, delay: float) -> float:
    """Read ``line``, a ring of a power of two, ``delay`` samples (at least 1) before ``now``."""
    whole = int(delay)
    f = delay - whole
    mask = line.size - 1
    at = now - whole
    newer, near = line[(at + 1) & mask], line[at & mask]
    far, older = line[(at - 1) & mask], line[(at - 2) & mask]
    up, down, further = f + 1, f - 1, f - 2
    return float(
        0.5 * up * further * (down * near - f * far)
        + f * down * (up * older - further * newer) * (1 / 6)
    )


@kernel
def _modulated(
    audio: Array,
    delay: Array,
    feedback: Array,
    mix: Array,
    sample_rate: int,
    line: Array,
    out: Array,
) -> None:
    longest = line.size - 4.0
    for b in range(audio.shape[0]):
        for c in range(audio.shape[1]):
            line[:] = 0.0
            source, target, delays = audio[b, c], out[b, c], delay[b, c % delay.shape[1]]
            step = int(delays.size > 1)
            back = feedback[b, c % feedback.shape[1], 0]
            wet = mix[b, c % mix.shape[1], 0]
            dry = 1 - wet
            for t in range(source.size):
                x = float(source[t])
                samples = min(max(delays[t * step] * sample_rate, SHORTEST), longest)
                y = _read(line, t, samples)
                w = x + back * y
                line[t & (line.size - 1)] = w if abs(w) > TINY else 0.0
                target[t] = dry * x + wet * y


@kernel
def _transposed(audio: Array, semitones: Array, window: float, line: Array, out: Array) -> None:
    mask = line.size - 1
    for b in range(audio.shape[0]):
        for c in range(audio.shape[1]):
            source, target = audio[b, c], out[b, c]
            interval = semitones[b, c % semitones.shape[1], 0]
            if interval == 0:
                target[:] = source
                continue
            line[:] = 0.0
            step = (1 - 2.0 ** (interval / 12)) / window  # travel of a tap a sample, in windows
            turn, lean = math.cos(math.pi * step), math.sin(math.pi * step)
            cosine, sine, first = 1.0, 0.0, 0.0
            for t in range(source.size):
                x = float(source[t])
                line[t & mask] = x if abs(x) > TINY else 0.0
                second = first + 0.5 if first < 0.5 else first - 0.5
                one = _read(line, t, 1 + first * window)
                two = _read(line, t, 1 + second * window)
                target[t] = sine * sine * one + cosine * cosine * two
                cosine, sine = cosine * turn - sine * lean, sine * turn + cosine * lean
                first += step
                first -= math.floor(first)
