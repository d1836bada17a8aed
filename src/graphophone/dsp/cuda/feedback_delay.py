"""Echoes on a GPU, see :mod:`graphophone.dsp.feedback_delay`.

A thread takes a line, or two that feed each other, sample by sample through ring, all-pass and
filter. A ring stays a row of memory, as lanes stand at different places in theirs.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from graphophone.dsp.cuda import echo_kernels as kernels
from graphophone.dsp.cuda.kernels import launch
from graphophone.dsp.feedback_delay import LEAST, SHORTEST
from graphophone.dsp.memory import recall


class _Lines(NamedTuple):
    """Lengths (lanes,), all-pass coefficients (lanes,), rings (lanes, longest), states, clock."""

    lengths: Tensor
    bends: Tensor
    rings: Tensor
    states: Tensor
    """(3, lanes), of the filters and the all-passes."""
    clock: Tensor
    """(1,), samples since the start, on the CPU."""

    @classmethod
    def fresh(cls, samples: Tensor) -> "_Lines":
        """Return silent lines of so many samples, (lanes,)."""
        held = samples.cpu().clamp(min=SHORTEST)  # how long rings are has to be known there
        lengths = (held - LEAST).floor().clamp(min=1)
        rest, count, place = held - lengths, len(held), samples.device
        rings = samples.new_zeros((count, int(lengths.max())))
        states = samples.new_zeros((kernels.STATES, count))
        clock = torch.zeros(1, dtype=torch.int64)
        bends = (1 - rest) / (1 + rest)
        return cls(lengths.long().to(place), bends.to(place), rings, states, clock)

    def copy(self) -> "_Lines":
        return _Lines(*(part.clone() for part in self))


class _Echoes(torch.autograd.Function):
    """The lines on lanes: signal (time, lanes), length and other controls (1, lanes)."""

    @staticmethod
    def forward(
        ctx: Any, audio: Tensor, delay: Tensor, crossing: bool, *controls: Tensor
    ) -> Tensor:
        lines = recall(lambda: _Lines.fresh(delay.detach()[0]))
        ctx.save_for_backward(audio, delay, *controls)
        ctx.crossing = crossing
        ctx.start = lines.copy() if any(ctx.needs_input_grad) else None
        return _run(audio, crossing, controls, lines)[0]

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        audio, delay, *controls = ctx.saved_tensors
        start, threads = ctx.start, audio.shape[1] // (1 + ctx.crossing)
        _, trace = _run(audio, ctx.crossing, controls, start.copy(), keep=True)
        to_audio, rings = torch.empty_like(audio), torch.zeros_like(start.rings)
        sums = delay.new_zeros((kernels.SUMS, audio.shape[1]))
        given = audio, int(ctx.crossing), *controls, start.lengths, start.bends
        rest = int(start.clock), trace, rings, grad.contiguous(), to_audio, sums
        launch(kernels.back, threads, *given, *rest)
        to_feedback, to_mix, to_through, to_band, to_low, to_bend, r1, r2, r3 = sums.split(1)
        _, _, g, k, *_ = controls
        a1 = 1 / (1 + g * (g + k))
        to_a2 = r2 + g * r3
        to_a1 = (r1 + g * to_a2) * a1 * a1
        to_g, to_k = g * a1 * r3 + a1 * to_a2 - to_a1 * (2 * g + k), -to_a1 * g
        # A coefficient (1 - d) / (1 + d) falls by 2 / (1 + d)^2 with d, where no end holds d.
        free = (delay >= SHORTEST) & (int(start.clock) == 0)
        to_delay = torch.where(free, -0.5 * (1 + start.bends) ** 2 * to_bend, 0.0)
        return (
            to_audio,
            to_delay,
            None,
            to_feedback,
            to_mix,
            to_g,
            to_k,
            to_through,
            to_band,
            to_low,
        )


def _run(
    audio: Tensor, crossing: bool, controls: Any, lines: _Lines, *, keep: bool = False
) -> tuple[Tensor, Tensor]:
    """Write lines on and return the signal with its echoes, and what a gradient needs.

    That is what came from the rings and the states before each sample, (4, time, lanes), if they
    are to be kept.
    """
    threads, time, out = audio.shape[1] // (1 + crossing), len(audio), torch.empty_like(audio)
    trace = lines.rings.new_empty((4, time if keep else 1, audio.shape[1]))
    given = audio, int(crossing), *controls, *lines[:4], int(lines.clock)
    launch(kernels.run, threads, *given, int(keep), trace, out)
    lines.clock.add_(time)
    return out, trace
