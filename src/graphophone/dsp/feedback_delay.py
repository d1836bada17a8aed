"""Echoes: long delay lines with a band-pass filter and feedback behind them.

Sources: U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd ed. (2011), ch. 2.6; the filter is the
state-variable one of V. Zavalishin, The Art of VA Filter Design, rev. 2.1.2 (2018), ch. 4.
"""

import numpy as np
import torch

from graphophone.dsp.compile import Array, as_array, kernel
from graphophone.tensors import Audio, Control

TINY = 1e-30
"""What is smaller is written as zero: subnormal numbers are slow and inaudible."""


def separate(
    audio: Audio, *, delay: Control, feedback: Control, mix: Control, g: Control, k: Control
) -> Audio:
    """Give each channel its own line, which repeats it.

    Args:
        audio: Signal, any number of channels.
        delay: Length of the lines in samples; rounded to whole ones, at least one.
        feedback: Share of the filtered echo that is written back, below 1.
        mix: Share of the filtered echo in the result.
        g: Integrator gain of the band-pass filter, whose peak gain is 1.
        k: Damping of the filter, the inverse of its quality factor.

    Returns:
        Signal of the same shape and dtype as ``audio``. All controls are static.
    """
    out = torch.empty(audio.shape, dtype=audio.dtype)
    back, wet, gain, damping = (_column(c) for c in (feedback, mix, g, k))
    lengths = _whole(delay)
    line = np.empty(lengths.max())
    _separate(as_array(audio.contiguous()), lengths, line, back, wet, gain, damping, as_array(out))
    return out


def crossed(
    audio: Audio,
    *,
    left: Control,
    right: Control,
    feedback: Control,
    mix: Control,
    g: Control,
    k: Control,
) -> Audio:
    """Send the mean of two channels down the left line; then the two lines feed each other.

    Args:
        audio: Signal of two channels.
        left: Length of the left line in samples; rounded to whole ones, at least one.
        right: Length of the right line, likewise.
        feedback: Gain of every bounce from one side to the other, below 1.
        mix: Share of the filtered echoes in the result.
        g: Integrator gain of the band-pass filters, whose peak gain is 1.
        k: Damping of the filters, the inverse of their quality factor.

    Returns:
        Signal of the same shape and dtype as ``audio``. All controls are static.
    """
    out = torch.empty(audio.shape, dtype=audio.dtype)
    back, wet, gain, damping = (_column(c) for c in (feedback, mix, g, k))
    lefts, rights = _whole(left), _whole(right)
    lines = np.empty((2, max(lefts.max(), rights.max())))
    _crossed(
        as_array(audio.contiguous()), lefts, rights, lines, back, wet, gain, damping, as_array(out)
    )
    return out


def _column(control: Control) -> Array:
    return as_array(control.double()[:, 0, 0].contiguous())


def _whole(samples: Control) -> Array:
    return np.maximum(np.rint(_column(samples)), 1).astype(np.int64)


@kernel
def _separate(
    audio: Array,
    delay: Array,
    memory: Array,
    feedback: Array,
    mix: Array,
    g: Array,
    k: Array,
    out: Array,
) -> None:
    for b in range(audio.shape[0]):
        back, wet, dry = feedback[b], mix[b], 1 - mix[b]
        a1 = 1 / (1 + g[b] * (g[b] + k[b]))
        a2 = g[b] * a1
        a3 = g[b] * a2
        line = memory[: delay[b]]
        for c in range(audio.shape[1]):
            source, target = audio[b, c], out[b, c]
            line[:] = 0.0
            s1 = s2 = 0.0
            for start in range(0, source.size, line.size):  # once around the ring
                for i in range(min(line.size, source.size - start)):
                    x = float(source[start + i])
                    drive = line[i] - s2
                    v1 = a1 * s1 + a2 * drive
                    v2 = s2 + a2 * s1 + a3 * drive
                    s1 = 2 * v1 - s1
                    s2 = 2 * v2 - s2
                    y = k[b] * v1
                    w = x + back * y
                    line[i] = w if abs(w) > TINY else 0.0
                    target[start + i] = dry * x + wet * y
                if abs(s1) + abs(s2) < TINY:
                    s1 = s2 = 0.0


@kernel
def _crossed(
    audio: Array,
    left: Array,
    right: Array,
    memory: Array,
    feedback: Array,
    mix: Array,
    g: Array,
    k: Array,
    out: Array,
) -> None:
    for b in range(audio.shape[0]):
        back, wet, dry = feedback[b], mix[b], 1 - mix[b]
        a1 = 1 / (1 + g[b] * (g[b] + k[b]))
        a2 = g[b] * a1
        a3 = g[b] * a2
        memory[:] = 0.0
        one, two = memory[0, : left[b]], memory[1, : right[b]]
        i = j = 0
        p1 = p2 = q1 = q2 = 0.0  # filter states of the left and of the right line
        for t in range(audio.shape[2]):
            x1, x2 = float(audio[b, 0, t]), float(audio[b, 1, t])
            drive = one[i] - p2
            v1 = a1 * p1 + a2 * drive
            v2 = p2 + a2 * p1 + a3 * drive
            p1 = 2 * v1 - p1
            p2 = 2 * v2 - p2
            y1 = k[b] * v1
            drive = two[j] - q2
            v1 = a1 * q1 + a2 * drive
            v2 = q2 + a2 * q1 + a3 * drive
            q1 = 2 * v1 - q1
            q2 = 2 * v2 - q2
            y2 = k[b] * v1
            w1, w2 = 0.5 * (x1 + x2) + back * y2, back * y1
            one[i] = w1 if abs(w1) > TINY else 0.0
            two[j] = w2 if abs(w2) > TINY else 0.0
            out[b, 0, t] = dry * x1 + wet * y1
            out[b, 1, t] = dry * x2 + wet * y2
            i = i + 1 if i + 1 < one.size else 0
            j = j + 1 if j + 1 < two.size else 0
            if i == 0:
                if abs(p1) + abs(p2) < TINY:
                    p1 = p2 = 0.0
                if abs(q1) + abs(q2) < TINY:
                    q1 = q2 = 0.0
