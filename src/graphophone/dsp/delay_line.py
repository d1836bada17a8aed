"""Delay lines that are read between samples, by fifth-order Lagrange interpolation.

Sources: U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd ed. (2011), ch. 2.6 (modulated delay
lines) and 6.4.3 (pitch shift by delay-line modulation); T. Laakso et al., Splitting the Unit
Delay, IEEE Signal Processing Magazine 13(1), 1996 (interpolation; never louder than its input).
"""

import math
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from graphophone.dsp.allocation import empty_like
from graphophone.dsp.compile import Array, as_array, detached
from graphophone.dsp.delay_line_loops import ROOM, modulated_gradient, run_modulated
from graphophone.dsp.device import apply
from graphophone.dsp.interpolation import AFTER
from graphophone.dsp.lanes import lanes, per_lane, signal
from graphophone.dsp.memory import recall
from graphophone.dsp.pitch_loops import run_transposed, transposed_gradient
from graphophone.dsp.rows import apart
from graphophone.tensors import Audio, Control

LEAST = 0.00025
"""Seconds by which a tap that changes the pitch is late at least, at any rate from 8 kHz up."""


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
    flat, past = lanes(audio), math.ceil(longest * sample_rate) + 6
    controls = _narrow(delay, len(audio)), per_lane(feedback, audio), per_lane(mix, audio)
    out: Tensor = apply(_Modulated, flat, *controls, past, float(sample_rate))
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
        window: Distance that each tap travels, in seconds, from :data:`LEAST` on.
        sample_rate: Samples per second.

    Returns:
        Signal of the same shape and dtype as ``audio``.
    """
    out: Tensor = apply(
        _Transposed,
        lanes(audio),
        per_lane(semitones, audio),
        (window * sample_rate, max(LEAST * sample_rate, AFTER)),
    )
    return signal(out, audio.shape[1])


def _narrow(control: Control, batch: int) -> Tensor:
    """Return (1 or time, lanes), of as many lanes as the control has of its own; contiguous."""
    _, channels, time = control.shape
    wide = control.expand(batch, -1, -1).permute(2, 0, 1)
    return wide.reshape(time, batch * channels).contiguous()


class _Line(NamedTuple):
    """A row for each lane, which is written on, see :mod:`graphophone.dsp.delay_line_loops`."""

    rows: Array
    """(lanes, at least past + ROOM)."""
    now: Array
    """(1,), how much of a row is written."""

    @classmethod
    def fresh(cls, past: int, count: int) -> "_Line":
        return cls(apart(count, past + ROOM), np.full(1, past, dtype=np.int64))

    def kept(self, past: int) -> Array:
        """Return a copy of the last ``past`` samples."""
        rows: Array = self.rows[:, self.now[0] - past : self.now[0]].copy()
        return rows


def _continued(start: Array, time: int) -> Array:
    """Return a line that begins with ``start`` and has room for ``time`` more samples."""
    count, past = start.shape
    rows = apart(count, past + time)
    rows[:, :past] = start
    return rows


class _Modulated(torch.autograd.Function):
    """The line on lanes: signal (time, lanes), feedback and mix (1, lanes), delay by itself.

    The delay has a lane for each clip or for each channel, one row or one for each sample.
    """

    @staticmethod
    def forward(
        ctx: Any,
        audio: Tensor,
        delay: Tensor,
        feedback: Tensor,
        mix: Tensor,
        past: int,
        sample_rate: float,
    ) -> Tensor:
        line = recall(lambda: _Line.fresh(past, audio.shape[1]))
        ctx.save_for_backward(audio, delay, feedback, mix)
        ctx.sample_rate = sample_rate
        ctx.start = line.kept(past) if any(ctx.needs_input_grad) else None
        out = empty_like(audio)
        x, given, now = detached(audio), tuple(map(detached, (delay, feedback, mix))), line.now
        now[0] = run_modulated(x, given, sample_rate, line.rows, past, now[0], as_array(out))
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, *controls = map(detached, ctx.saved_tensors)
        given, rate, past = tuple(controls), ctx.sample_rate, ctx.start.shape[1]
        lines, y = _continued(ctx.start, len(x)), detached(grad.contiguous())
        run_modulated(x, given, rate, lines, past, past, y[:0])
        grads = tuple(map(empty_like, ctx.saved_tensors))
        modulated_gradient(x, given, rate, lines, past, y, tuple(map(as_array, grads)))
        return *grads, None, None


class _Transposed(torch.autograd.Function):
    """The two taps on lanes: signal (time, lanes), interval (1, lanes), span in samples."""

    @staticmethod
    def forward(ctx: Any, audio: Tensor, semitones: Tensor, span: tuple[float, float]) -> Tensor:
        past, count = math.ceil(sum(span)) + 4, audio.shape[1]
        line, taps = recall(lambda: (_Line.fresh(past, count), _taps(count)))
        ctx.save_for_backward(audio, semitones)
        ctx.span = span
        ctx.start = (line.kept(past), taps.copy()) if any(ctx.needs_input_grad) else None
        out = empty_like(audio)
        x, travel, to = detached(audio), _travel(semitones, span[0]), as_array(out)
        rows, now = line.rows, line.now
        now[0] = run_transposed(x, travel, span, rows, past, now[0], taps, to)
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        audio, semitones = ctx.saved_tensors
        start, taps = ctx.start
        time, past = len(audio), start.shape[1]
        line = start[:, :0]
        if ctx.needs_input_grad[1]:
            line = _continued(start, time)
            line[:, past : past + time] = detached(audio).T
        pull, to_travel = apart(len(start), past + time), np.zeros(audio.shape[1])
        y, travel = detached(grad.contiguous()), _travel(semitones, ctx.span[0])
        transposed_gradient(travel, ctx.span, line, past, taps.copy(), y, pull, to_travel)
        slope = -math.log(2) / 12 * torch.exp2(semitones.detach() / 12) / ctx.span[0]
        to_semitones = torch.zeros_like(semitones)
        to_semitones[0] = torch.from_numpy(to_travel) * slope[0]
        to_audio = torch.from_numpy(pull[:, past : past + time].T).to(audio.dtype).contiguous()
        return to_audio, to_semitones, None


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
