"""Filters with an analogue prototype's magnitude on a GPU, see :mod:`graphophone.dsp.analogue`."""

from collections.abc import Sequence
from typing import Any

import torch
from numba import cuda, float64
from torch import Tensor

from graphophone.dsp import analogue_adjoint_loops, analogue_loops
from graphophone.dsp.analogue_loops import INPUTS, OUTPUTS
from graphophone.dsp.cuda import svf
from graphophone.dsp.cuda.kernels import device, kernel, launch
from graphophone.dsp.lanes import per_lane, signal
from graphophone.dsp.memory import recall

turned = svf.turned
denominator = device(analogue_loops.design, "_denominator")
numerator = device(analogue_loops.design, "_numerator")
back = device(analogue_adjoint_loops.gradient, "_back")

ROOM = INPUTS + 2
"""Elements that the design of one section needs: its controls, and two of its own."""


class _Section(torch.autograd.Function):
    """The design on controls of shapes that broadcast, (batch or 1, channel or 1, time or 1)."""

    @staticmethod
    def forward(ctx: Any, sample_rate: int, *controls: Tensor) -> tuple[Tensor, ...]:
        ctx.save_for_backward(*controls)
        ctx.sample_rate = sample_rate
        return _designed(controls, sample_rate).unbind()

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        return None, *_to_controls(torch.stack(grads), ctx.saved_tensors, ctx.sample_rate)


class _Moving(torch.autograd.Function):
    """A filter that moves, on lanes: signal (time, lanes), controls as for :class:`Section`.

    Each thread designs its section for a sample and runs it at once. Backwards, sections of all
    samples are designed first.
    """

    @staticmethod
    def forward(
        ctx: Any, audio: Tensor, channels: int, sample_rate: int, *controls: Tensor
    ) -> Tensor:
        state = recall(lambda: svf.silence(audio))
        ctx.save_for_backward(audio, *controls)
        ctx.start, ctx.channels, ctx.sample_rate = state.clone(), channels, sample_rate
        batch, across, _ = _common(controls)
        if across > 1:  # neighbours in a row of sections are channels of different clips
            batch = audio.shape[1] // channels
        columns = [_columns(c, batch, across) for c in controls]
        out, share = torch.empty_like(audio), audio.shape[1] // (batch * across)
        launch(_moving, audio.shape[1], audio, *columns, sample_rate, share, state, out)
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        audio, *controls = ctx.saved_tensors
        clips = signal(audio, ctx.channels)
        made = _designed(controls, ctx.sample_rate)
        wide = [per_lane(one, clips) for one in made]
        _, starts = svf.run(audio, wide, ctx.start.clone())
        to_audio, *to_wide = svf.gradient(audio, wide, starts, grad.contiguous())
        shape = made.shape[1:]
        to_made = torch.stack([signal(g, ctx.channels).sum_to_size(shape) for g in to_wide])
        return to_audio, None, None, *_to_controls(to_made, controls, ctx.sample_rate)


def _designed(controls: Sequence[Tensor], sample_rate: int) -> Tensor:
    """Return sections of the shape that controls have together, (5, batch, channel, time)."""
    wide = _stacked(controls)
    out = wide.new_empty((OUTPUTS, wide[0].numel()))
    launch(_design, out.shape[1], wide.flatten(1), sample_rate, out)
    return out.view(OUTPUTS, *wide.shape[1:])


def _to_controls(grads: Tensor, controls: Sequence[Tensor], sample_rate: int) -> list[Tensor]:
    """Return the gradients of controls from those of sections."""
    wide = _stacked(controls)
    into = torch.empty_like(wide)
    flat, made = wide.flatten(1), into.flatten(1)
    launch(_design_back, flat.shape[1], flat, sample_rate, grads.flatten(1)[:, None], made)
    return [one.sum_to_size(c.shape) for one, c in zip(into, controls, strict=True)]


def _common(controls: Sequence[Tensor]) -> tuple[int, ...]:
    """Return the shape that controls have together."""
    return tuple(max(sizes) for sizes in zip(*(c.shape for c in controls), strict=True))


def _stacked(controls: Sequence[Tensor]) -> Tensor:
    return torch.stack([c.expand(_common(controls)) for c in controls])


def _columns(control: Tensor, batch: int, channels: int) -> Tensor:
    """Return a control as (1 or time, rows)."""
    wide = control.expand(batch, channels, -1).permute(2, 0, 1)
    return wide.reshape(control.shape[2], batch * channels).contiguous()


@kernel
def _design(controls: Any, sample_rate: int, out: Any) -> None:
    at = cuda.grid(1)
    if at < out.shape[1]:
        x, y = cuda.local.array((ROOM, 1), float64), cuda.local.array((OUTPUTS, 1), float64)
        for i in range(INPUTS):
            x[i, 0] = controls[i, at]
        denominator(x, 0, sample_rate, y)
        numerator(x, 0, y)
        for i in range(OUTPUTS):
            out[i, at] = y[i, 0]


@kernel
def _design_back(controls: Any, sample_rate: int, grad: Any, into: Any) -> None:
    at = cuda.grid(1)
    if at < into.shape[1]:
        x, to = cuda.local.array((INPUTS, 1), float64), cuda.local.array((INPUTS, 1), float64)
        for i in range(INPUTS):
            x[i, 0] = controls[i, at]
        back(x, 0, sample_rate, grad, 0, at, to)
        for i in range(INPUTS):
            into[i, at] = to[i, 0]


@kernel
def _moving(
    audio: Any,
    frequency: Any,
    shift: Any,
    tune: Any,
    k: Any,
    through: Any,
    band: Any,
    low: Any,
    sample_rate: int,
    share: int,
    state: Any,
    out: Any,
) -> None:
    lane = cuda.grid(1)
    if lane < audio.shape[1]:
        x, y = cuda.local.array((ROOM, 1), float64), cuda.local.array((OUTPUTS, 1), float64)
        row, p, q = lane // share, state[0, lane], state[1, lane]
        by_f, by_s, by_t = (
            int(frequency.shape[0] > 1),
            int(shift.shape[0] > 1),
            int(tune.shape[0] > 1),
        )
        by_k, by_0 = int(k.shape[0] > 1), int(through.shape[0] > 1)
        by_1, by_2 = int(band.shape[0] > 1), int(low.shape[0] > 1)
        for t in range(audio.shape[0]):
            x[0, 0], x[1, 0] = frequency[t * by_f, row], shift[t * by_s, row]
            x[2, 0], x[3, 0] = tune[t * by_t, row], k[t * by_k, row]
            x[4, 0], x[5, 0] = through[t * by_0, row], band[t * by_1, row]
            x[6, 0] = low[t * by_2, row]
            denominator(x, 0, sample_rate, y)
            numerator(x, 0, y)
            g, damping, m0, m1, m2 = y[0, 0], y[1, 0], y[2, 0], y[3, 0], y[4, 0]
            p, q, made = turned(audio[t, lane], p, q, g, damping, m0, m1, m2)
            out[t, lane] = made
        state[0, lane], state[1, lane] = p, q
