"""Echoes: long delay lines with a band-pass filter and feedback behind them.

Sources: U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd ed. (2011), ch. 2.6; the filter is the
state-variable one of V. Zavalishin, The Art of VA Filter Design, rev. 2.1.2 (2018), ch. 4.
"""

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from graphophone.dsp.allocation import empty_like
from graphophone.dsp.compile import Array, as_array, detached
from graphophone.dsp.feedback_delay_adjoint import gradient
from graphophone.dsp.feedback_delay_loops import CHUNK, run
from graphophone.dsp.lanes import lanes, per_lane, signal
from graphophone.dsp.memory import recall
from graphophone.tensors import Audio, Control


def separate(
    audio: Audio, *, delay: Control, feedback: Control, mix: Control, g: Control, k: Control
) -> Audio:
    """Give each channel its own line, which repeats it.

    Gradients reach the signal, ``feedback``, ``mix``, ``g`` and ``k``; the delay is rounded and has
    none. From block to block a line keeps the length that it began with.

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
    return _echoes(audio, _whole(delay, audio), False, feedback, mix, g, k)


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

    Gradients reach the signal, ``feedback``, ``mix``, ``g`` and ``k``; the delays are rounded and
    have none. From block to block a line keeps the length that it began with.

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
    lengths = _whole(left, audio)
    lengths[1::2] = _whole(right, audio)[1::2]
    return _echoes(audio, lengths, True, feedback, mix, g, k)


def _whole(samples: Control, audio: Audio) -> Array:
    lengths: Array = np.maximum(np.rint(detached(per_lane(samples, audio))[0]), 1).astype(np.int64)
    return lengths


def _echoes(audio: Audio, lengths: Array, crossing: bool, *controls: Control) -> Audio:
    columns = [per_lane(c, audio) for c in controls]
    out: Tensor = _Echoes.apply(  # type: ignore[no-untyped-call]
        lanes(audio), *columns, lengths, crossing
    )
    return signal(out, audio.shape[1])


class _Lines(NamedTuple):
    """A ring for each lane, which a filter follows.

    A ring is a row, as lanes stand at different places in rings that no cache holds: there each
    reads and writes neighbouring samples, tile by tile.
    """

    lengths: Array
    """(lanes,), how many samples of a lane's row are its ring."""
    rings: Array
    """(lanes, longest length)."""
    filters: Array
    """(lanes, 2), the states of the filters."""
    clock: Array
    """(1,), samples since the start, which say where in each ring to go on."""

    @classmethod
    def fresh(cls, lengths: Array) -> "_Lines":
        count = len(lengths)
        rings, clock = np.zeros((count, lengths.max())), np.zeros(1, dtype=np.int64)
        return cls(lengths, rings, np.zeros((count, 2)), clock)

    def copy(self) -> "_Lines":
        return _Lines(*(array.copy() for array in self))


def _past(time: int, count: int) -> tuple[Array, Array]:
    """Return room for what comes from the lines, and for the filters' states of each chunk."""
    return np.empty((count, time)), np.empty((-(-time // CHUNK), count, 2))


class _Echoes(torch.autograd.Function):
    """The lines on lanes: signal (time, lanes), controls (1, lanes)."""

    @staticmethod
    def forward(ctx: Any, audio: Tensor, *rest: Any) -> Tensor:
        *controls, lengths, crossing = rest
        lines = recall(lambda: _Lines.fresh(lengths))
        ctx.save_for_backward(audio, *controls)
        ctx.crossing = crossing
        ctx.start = lines.copy() if any(ctx.needs_input_grad) else None
        out, given = empty_like(audio), tuple(map(detached, controls))
        run(detached(audio), given, crossing, tuple(lines), _past(0, 0), as_array(out))
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, *controls = map(detached, ctx.saved_tensors)
        given, start = tuple(controls), ctx.start
        y, past = detached(grad.contiguous()), _past(*x.shape)
        run(x, given, ctx.crossing, tuple(start.copy()), past, y[:0])
        grads = tuple(map(empty_like, ctx.saved_tensors))
        into = tuple(map(as_array, grads))
        gradient(x, given, ctx.crossing, start.lengths, past, y, into)
        return *grads, None, None
