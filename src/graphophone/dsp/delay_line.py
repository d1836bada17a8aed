"""Delay lines that are read between samples, by third-order Lagrange interpolation.

Sources: U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd ed. (2011), ch. 2.6 (modulated delay
lines) and 6.4.3 (pitch shift by delay-line modulation); T. Laakso et al., Splitting the Unit
Delay, IEEE Signal Processing Magazine 13(1), 1996 (interpolation; never louder than its input).
"""

import math
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from graphophone.dsp.compile import Array, as_array, detached
from graphophone.dsp.delay_line_loops import (
    GUARD,
    modulated_gradient,
    run_modulated,
    run_transposed,
    transposed_gradient,
)
from graphophone.dsp.lanes import lanes, per_lane, signal
from graphophone.dsp.memory import recall
from graphophone.tensors import Audio, Control

ENDLESS = -1
"""Mask of a line that is as long as the clip: all bits are kept, nothing comes round again."""


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

    Gradients reach the signal and all three controls. The delay's is that of the interpolating
    polynomial, and zero where the delay is held at an end of the line.

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
    controls = [per_lane(c, audio) for c in (delay, feedback, mix)]
    out: Tensor = _Modulated.apply(  # type: ignore[no-untyped-call]
        lanes(audio), *controls, _power_of_two(longest * sample_rate + 4), float(sample_rate)
    )
    return signal(out, audio.shape[1])


def transposed(audio: Audio, *, semitones: Control, window: float, sample_rate: int) -> Audio:
    """Change the pitch by reading a delay line through two taps that move and cross-fade.

    A tap whose delay shrinks by ``ratio - 1`` samples a sample plays faster by ``ratio``. When it
    has come to the end of the window it jumps back, faded out, while the other is at its loudest.

    Gradients reach the signal and the interval, which moves both taps and their cross-fade; the
    taps' places at the start of a block are taken as given, and at 0 semitones the gradient is 0.

    Args:
        audio: Signal, any number of channels.
        semitones: Interval, static. At 0 nothing moves and the signal passes as it is.
        window: Distance that each tap travels, in seconds.
        sample_rate: Samples per second.

    Returns:
        Signal of the same shape and dtype as ``audio``.
    """
    out: Tensor = _Transposed.apply(  # type: ignore[no-untyped-call]
        lanes(audio), per_lane(semitones, audio), window * sample_rate
    )
    return signal(out, audio.shape[1])


class _Line(NamedTuple):
    """A ring of rows, one sample of each lane in a row: it is short, and written row by row."""

    rows: Array
    """(size + GUARD, lanes), the size being a power of two."""
    now: Array
    """(1,), the row that is written next."""

    @classmethod
    def fresh(cls, size: int, count: int) -> "_Line":
        return cls(np.zeros((size + GUARD, count)), np.zeros(1, dtype=np.int64))

    @property
    def size(self) -> int:
        return len(self.rows) - GUARD

    def advance(self, time: int) -> None:
        self.now[0] = (self.now[0] + time) % self.size

    def unrolled(self) -> Array:
        """Return a copy of the ring, oldest row first."""
        rows: Array = np.roll(self.rows[: self.size], -self.now[0], axis=0)
        return rows

    @staticmethod
    def continued(start: Array, time: int) -> Array:
        """Return a line that begins with ``start`` and has room for ``time`` more rows."""
        rows: Array = np.empty((len(start) + time, start.shape[1]))
        rows[: len(start)] = start
        return rows


def _power_of_two(samples: float) -> int:
    return int(2 ** math.ceil(math.log2(samples)))


class _Modulated(torch.autograd.Function):
    """The line on lanes: signal (time, lanes), controls (1 or time, lanes)."""

    @staticmethod
    def forward(
        ctx: Any,
        audio: Tensor,
        delay: Tensor,
        feedback: Tensor,
        mix: Tensor,
        size: int,
        sample_rate: float,
    ) -> Tensor:
        line = recall(lambda: _Line.fresh(size, audio.shape[1]))
        ctx.save_for_backward(audio, delay, feedback, mix)
        ctx.sample_rate, ctx.longest = sample_rate, size - 4.0
        ctx.start = line.unrolled() if any(ctx.needs_input_grad) else None
        out = torch.empty_like(audio)
        x, d, back, wet = map(detached, (audio, delay, feedback, mix))
        rows, now, to = line.rows, line.now[0], as_array(out)
        run_modulated(x, d, back, wet, sample_rate, ctx.longest, rows, now, size - 1, to)
        line.advance(len(x))
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, d, back, wet = map(detached, ctx.saved_tensors)
        rate, longest, size = ctx.sample_rate, ctx.longest, len(ctx.start)
        line = _Line.continued(ctx.start, len(x))
        run_modulated(x, d, back, wet, rate, longest, line, size, ENDLESS, np.empty_like(x))
        grads = tuple(torch.zeros_like(t) for t in ctx.saved_tensors)
        into = tuple(map(as_array, grads))
        pull, y = np.zeros_like(line), detached(grad.contiguous())
        modulated_gradient(x, d, back, wet, rate, longest, line, pull, y, into)
        return *grads, None, None


class _Transposed(torch.autograd.Function):
    """The two taps on lanes: signal (time, lanes), interval (1, lanes), window in samples."""

    @staticmethod
    def forward(ctx: Any, audio: Tensor, semitones: Tensor, window: float) -> Tensor:
        size, count = _power_of_two(window + 6), audio.shape[1]
        line, taps = recall(lambda: (_Line.fresh(size, count), _taps(count)))
        ctx.save_for_backward(audio, semitones)
        ctx.window = window
        ctx.start = (line.unrolled(), taps.copy()) if any(ctx.needs_input_grad) else None
        out = torch.empty_like(audio)
        x, travel = detached(audio), _travel(semitones, window)
        run_transposed(x, travel, window, line.rows, line.now[0], size - 1, taps, as_array(out))
        line.advance(len(x))
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        audio, semitones = ctx.saved_tensors
        start, taps = ctx.start
        time, size = len(audio), len(start)
        line = start[:0]
        if ctx.needs_input_grad[1]:
            line = _Line.continued(start, time)
            line[size:] = detached(audio)
        pull, to_travel = np.zeros((size + time, audio.shape[1])), np.zeros(audio.shape[1])
        y, travel = detached(grad.contiguous()), _travel(semitones, ctx.window)
        transposed_gradient(travel, ctx.window, line, taps.copy(), y, pull, to_travel)
        slope = -math.log(2) / 12 * torch.exp2(semitones.detach() / 12) / ctx.window
        to_semitones = torch.zeros_like(semitones)
        to_semitones[0] = torch.from_numpy(to_travel) * slope[0]
        return torch.from_numpy(pull[size:]).to(audio.dtype), to_semitones, None


def _taps(count: int) -> Array:
    """Return where the first tap is, in windows, and cosine and sine of half its turn."""
    taps: Array = np.zeros((3, count))
    taps[1] = 1.0
    return taps


def _travel(semitones: Tensor, window: float) -> Array:
    """Return the travel of a tap a sample, in windows, and cosine and sine of half its turn.

    They are computed one by one: a vector's last elements may be rounded differently from its
    first, and a lane may not hear where it stands.
    """
    steps = [(1 - 2.0 ** (interval / 12)) / window for interval in semitones[0].tolist()]
    return np.array([steps, *([f(math.pi * s) for s in steps] for f in (math.cos, math.sin))])
