"""How loud a signal is, on a GPU, see :mod:`graphophone.dsp.level`."""

from typing import Any

import torch
from torch import Tensor

from graphophone.dsp.memory import recall


def peaks(audio: Tensor, channels: int, window: int) -> Tensor:
    """Return the largest magnitude of the last samples, see :class:`_Peak`."""
    out: Tensor = _Peak.apply(audio, channels, window)  # type: ignore[no-untyped-call]
    return out


class _Peak(torch.autograd.Function):
    """The maximum on lanes: signal (time, lanes), result (time, clips).

    A maximum over twice as many samples is that of two maxima.
    """

    @staticmethod
    def forward(ctx: Any, audio: Tensor, channels: int, window: int) -> Tensor:
        loud = _loudest(audio, channels)[0]
        past = recall(lambda: loud.new_zeros((window - 1, loud.shape[1])))
        ctx.save_for_backward(audio, past.clone())
        ctx.channels, ctx.window = channels, window
        line = torch.cat((past, loud))
        past.copy_(line[len(loud) :])
        for step in _steps(window):
            line = torch.maximum(line[:-step], line[step:])
        return line.contiguous()

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        audio, past = ctx.saved_tensors
        loud, channel = _loudest(audio, ctx.channels)
        line = torch.cat((past, loud))
        at = torch.arange(-len(past), len(loud), device=line.device)[:, None].expand_as(line)
        for step in _steps(ctx.window):
            older = line[:-step] >= line[step:]
            at = torch.where(older, at[:-step], at[step:])
            line = torch.maximum(line[:-step], line[step:])
        # What was heard in an earlier block has place -1 or below; that block is closed.
        heard = torch.where(at >= 0, grad, 0.0)
        summed = torch.zeros_like(loud).scatter_add_(0, at.clamp(min=0), heard)
        into = torch.zeros_like(audio).view(*loud.shape, ctx.channels)
        into.scatter_(2, channel[..., None], summed[..., None])
        return into.view_as(audio) * audio.sign(), None, None


def _loudest(audio: Tensor, channels: int) -> tuple[Tensor, Tensor]:
    """Return the largest magnitude among the channels of each clip, and which one has it."""
    largest = audio.view(len(audio), -1, channels).abs().max(2)
    return largest.values, largest.indices


def _steps(window: int) -> list[int]:
    """Return by how much to look back, time after time, to reach over a window."""
    steps, reach = list[int](), 1
    while reach < window:
        steps.append(min(reach, window - reach))
        reach += steps[-1]
    return steps
