"""Echoes: long delay lines with a second-order filter and feedback behind them.

A line is a whole number of samples long, and a first-order all-pass adds what is missing, so that
every echo comes when it is due, none is duller than another, and the time has a gradient.

Sources: U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd ed. (2011), ch. 2.6; the all-pass is
J.-P. Thiran's, Recursive Digital Filters with Maximally Flat Group Delay, IEEE Trans. Circuit
Theory 18(6), 1971 (see also T. Laakso et al., Splitting the Unit Delay, IEEE Signal Processing
Magazine 13(1), 1996); the filter is the state-variable one of V. Zavalishin, The Art of VA Filter
Design, rev. 2.1.2 (2018), ch. 4.
"""

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from graphophone.dsp.allocation import empty_like
from graphophone.dsp.compile import Array, as_array, detached
from graphophone.dsp.device import apply
from graphophone.dsp.feedback_delay_adjoint import gradient
from graphophone.dsp.feedback_delay_loops import CHUNK, STATES, run
from graphophone.dsp.lanes import lanes, per_lane, signal
from graphophone.dsp.memory import recall
from graphophone.tensors import Audio, Control

LEAST = 0.2
"""Samples that the all-pass delays by at least, and by one more at most. Its group delay is too
short where it is long and too long where it is short; from here on, by 0.1 samples at most up to
0.15 of the sample rate."""

SHORTEST = 1 + LEAST
"""Shortest line, in samples."""


def separate(
    audio: Audio,
    *,
    delay: Control,
    feedback: Control,
    mix: Control,
    g: Control,
    k: Control,
    through: Control | float = 0.0,
    band: Control | float = 0.0,
    low: Control | float = 0.0,
) -> Audio:
    """Give each channel its own line, which repeats it.

    Gradients reach the signal and all controls. From block to block a line keeps the length that it
    began with, so in later blocks the delay has none.

    Args:
        audio: Signal, any number of channels.
        delay: Length of the lines in samples, whole or not, held at :data:`SHORTEST` at least.
        feedback: Share of the filtered echo that is written back, below 1.
        mix: Share of the filtered echo in the result.
        g: Integrator gain of the filter, see :func:`graphophone.dsp.svf.filtered`.
        k: Damping of the filter, the inverse of its quality factor.
        through: Share of the echo itself in the filtered one.
        band: Share of the filter's band-pass output, whose peak gain is ``1 / k``.
        low: Share of its low-pass output.

    Returns:
        Signal of the same shape and dtype as ``audio``. All controls are static.
    """
    controls = (feedback, mix, g, k, through, band, low)
    return _echoes(audio, per_lane(delay, audio), False, *controls)


def crossed(
    audio: Audio,
    *,
    left: Control,
    right: Control,
    feedback: Control,
    mix: Control,
    g: Control,
    k: Control,
    through: Control | float = 0.0,
    band: Control | float = 0.0,
    low: Control | float = 0.0,
) -> Audio:
    """Send the mean of two channels down the left line; then the two lines feed each other.

    Gradients reach the signal and all controls. From block to block a line keeps the length that it
    began with, so in later blocks neither length has one.

    Args:
        audio: Signal of two channels.
        left: Length of the left line in samples, whole or not, held at :data:`SHORTEST` at least.
        right: Length of the right line, likewise.
        feedback: Gain of every bounce from one side to the other, below 1.
        mix: Share of the filtered echoes in the result.
        g: Integrator gain of the filters, see :func:`graphophone.dsp.svf.filtered`.
        k: Damping of the filters, the inverse of their quality factor.
        through: Share of an echo itself in the filtered one.
        band: Share of the filters' band-pass output, whose peak gain is ``1 / k``.
        low: Share of their low-pass output.

    Returns:
        Signal of the same shape and dtype as ``audio``. All controls are static.
    """
    sides = per_lane(left, audio)[:, ::2], per_lane(right, audio)[:, 1::2]
    controls = (feedback, mix, g, k, through, band, low)
    return _echoes(audio, torch.stack(sides, 2).reshape(1, -1), True, *controls)


def _echoes(audio: Audio, delay: Tensor, crossing: bool, *controls: Control | float) -> Audio:
    columns = [per_lane(c, audio) for c in controls]
    out: Tensor = apply(_Echoes, lanes(audio), delay, crossing, *columns)
    return signal(out, audio.shape[1])


class _Lines(NamedTuple):
    """A ring for each lane, which an all-pass and a filter follow.

    A ring is a row, as lanes stand at different places in rings that no cache holds: there each
    reads and writes neighbouring samples, tile by tile.
    """

    lengths: Array
    """(lanes,), how many samples of a lane's row are its ring."""
    bends: Array
    """(lanes,), the coefficients of the all-passes."""
    rings: Array
    """(lanes, longest length)."""
    states: Array
    """(lanes, STATES), of the filters and the all-passes."""
    clock: Array
    """(1,), samples since the start, which say where in each ring to go on."""

    @classmethod
    def fresh(cls, samples: Array) -> "_Lines":
        """Return silent lines of so many samples, (lanes,)."""
        held = np.maximum(samples, SHORTEST)
        lengths = np.maximum(np.floor(held - LEAST), 1).astype(np.int64)
        rest, count = held - lengths, len(held)
        rings, states = np.zeros((count, lengths.max())), np.zeros((count, STATES))
        return cls(lengths, (1 - rest) / (1 + rest), rings, states, np.zeros(1, dtype=np.int64))

    def copy(self) -> "_Lines":
        return _Lines(*(array.copy() for array in self))


def _past(time: int, count: int) -> tuple[Array, Array]:
    """Return room for what comes from the rings, and for the states of each chunk."""
    return np.empty((count, time)), np.empty((-(-time // CHUNK), count, STATES))


class _Echoes(torch.autograd.Function):
    """The lines on lanes: signal (time, lanes), length and other controls (1, lanes)."""

    @staticmethod
    def forward(
        ctx: Any, audio: Tensor, delay: Tensor, crossing: bool, *controls: Tensor
    ) -> Tensor:
        lines = recall(lambda: _Lines.fresh(detached(delay)[0]))
        ctx.save_for_backward(audio, delay, *controls)
        ctx.crossing = crossing
        ctx.start = lines.copy() if any(ctx.needs_input_grad) else None
        out, given = empty_like(audio), tuple(map(detached, controls))
        run(detached(audio), given, crossing, tuple(lines), _past(0, 0), as_array(out))
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, delay, *controls = map(detached, ctx.saved_tensors)
        given, start = tuple(controls), ctx.start
        y, past = detached(grad.contiguous()), _past(*x.shape)
        run(x, given, ctx.crossing, tuple(start.copy()), past, y[:0])
        grads = tuple(map(empty_like, ctx.saved_tensors))
        into, sizes = tuple(map(as_array, grads)), (start.lengths, start.bends)
        gradient(x, given, ctx.crossing, sizes, past, y, into)
        # A coefficient (1 - d) / (1 + d) falls by 2 / (1 + d)^2 with d, where no end holds d.
        free = (delay >= SHORTEST) & (start.clock[0] == 0)
        into[1][:] *= np.where(free, -0.5 * (1 + start.bends) ** 2, 0.0)
        return grads[0], grads[1], None, *grads[2:]
