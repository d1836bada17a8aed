"""Delay lines that are read between samples, on a GPU, see :mod:`graphophone.dsp.delay_line`.

A line holds all that one call reads, oldest first, with a column for each lane: what it remembers
of the block before, then what this one writes. So nothing wraps.
"""

import math
from typing import Any

import torch
from torch import Tensor

from graphophone.dsp.cuda import line_kernels as kernels
from graphophone.dsp.cuda.kernels import launch
from graphophone.dsp.memory import recall


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
        state = recall(lambda: audio.new_zeros((past, audio.shape[1]), dtype=torch.float64))
        ctx.save_for_backward(audio, delay, feedback, mix, state.clone())
        ctx.sample_rate = sample_rate
        line, out = _line(state, len(audio)), torch.empty_like(audio)
        given = audio, delay, feedback, mix, sample_rate
        launch(kernels.modulated, audio.shape[1], *given, past, line, out)
        state.copy_(line[len(audio) :])
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        audio, *controls, state = ctx.saved_tensors
        delay, past, count = controls[0], len(state), audio.shape[1]
        line, scratch = _line(state, len(audio)), torch.empty_like(audio)
        given = audio, *controls, ctx.sample_rate, past
        launch(kernels.modulated, count, *given, line, scratch)
        pull, sums = torch.zeros_like(line), line.new_zeros((2, count))
        to_audio, to_delay = torch.empty_like(audio), line.new_zeros(audio.shape)
        rest = line, pull, grad.contiguous(), to_audio, to_delay, sums
        launch(kernels.modulated_back, count, *given, *rest)
        along = to_delay.view(len(audio), delay.shape[1], -1).sum(2)
        along = along if len(delay) > 1 else along.sum(0, keepdim=True)
        return to_audio, along.to(delay.dtype), sums[:1], sums[1:], None, None


class _Transposed(torch.autograd.Function):
    """The two taps on lanes: signal (time, lanes), interval (1, lanes), span in samples."""

    @staticmethod
    def forward(ctx: Any, audio: Tensor, semitones: Tensor, span: tuple[float, float]) -> Tensor:
        shape = math.ceil(sum(span)) + 4, audio.shape[1]
        state, taps = recall(
            lambda: (audio.new_zeros(shape, dtype=torch.float64), _taps(semitones))
        )
        ctx.save_for_backward(audio, semitones, state.clone(), taps.clone())
        ctx.span = span
        line, out = torch.cat((state, audio)), torch.empty_like(audio)
        travel = _travel(semitones, span[0])
        launch(kernels.transposed, shape[1], audio, travel, *span, len(state), line, taps, out)
        state.copy_(line[len(audio) :])
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        audio, semitones, state, taps = ctx.saved_tensors
        line, travel = torch.cat((state, audio)), _travel(semitones, ctx.span[0])
        pull, to_travel = torch.zeros_like(line), torch.zeros_like(travel[0])
        given = grad.contiguous(), travel, *ctx.span, len(state)
        rest = line, taps.clone(), pull, to_travel
        launch(kernels.transposed_back, audio.shape[1], *given, *rest)
        slope = -math.log(2) / 12 * torch.exp2(semitones / 12) / ctx.span[0]
        return pull[len(state) :].to(audio.dtype), to_travel * slope, None


def _line(state: Tensor, time: int) -> Tensor:
    """Return a line that begins with what is remembered and has room for more samples."""
    line = state.new_empty((len(state) + time, state.shape[1]))
    line[: len(state)] = state
    return line


def _taps(semitones: Tensor) -> Tensor:
    """Return where the first tap is, in windows, and cosine and sine of half its turn."""
    still = torch.zeros_like(semitones)
    return torch.cat((still, still + 1, still))


def _travel(semitones: Tensor, window: float) -> Tensor:
    """Return the travel of a tap a sample, in windows, and cosine and sine of half its turn."""
    steps = (1 - torch.exp2(semitones / 12)) / window
    return torch.cat((steps, torch.cos(math.pi * steps), torch.sin(math.pi * steps)))
