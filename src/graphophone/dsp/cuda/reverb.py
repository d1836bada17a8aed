"""Reverberation on a GPU, see :mod:`graphophone.dsp.reverb`.

A thread takes a tank through time: eight combs and four all-passes. What a tank is fed, and how
tanks are mixed, has no memory. What knobs stand for is computed on the CPU, as it is a few numbers.
"""

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from graphophone.dsp import rooms
from graphophone.dsp.compile import Array
from graphophone.dsp.cuda import tank_kernels as kernels
from graphophone.dsp.cuda.kernels import launch
from graphophone.dsp.memory import recall


class _State(NamedTuple):
    """What the tanks remember, see :class:`graphophone.dsp.rooms.State`."""

    lengths: Tensor
    starts: Tensor
    bends: Tensor
    heads: Tensor
    lows: Tensor
    lines: Tensor

    @classmethod
    def fresh(cls, scale: Array, sample_rate: int, like: Tensor) -> "_State":
        made = rooms.silence(scale, sample_rate, np.float32)
        lengths, starts, bends, heads, lows = (
            torch.from_numpy(part).to(like.device) for part in made[:5]
        )
        return cls(lengths, starts, bends, heads, lows, like.new_zeros(made.lines.shape))

    def copy(self) -> "_State":
        return _State(*(part.clone() for part in self))

    def emptied(self) -> "_State":
        return _State(*self[:3], *(torch.zeros_like(part) for part in self[3:]))


class _Tanks(torch.autograd.Function):
    """Two tanks a clip: signal (time, lanes), knobs (clips,)."""

    @staticmethod
    def forward(
        ctx: Any,
        audio: Tensor,
        decay: Tensor,
        scale: Tensor,
        smoothing: Tensor,
        width: Tensor,
        mix: Tensor,
        crossfeed: float,
        sample_rate: int,
    ) -> Tensor:
        knobs = tuple(k.detach().cpu().numpy() for k in (decay, scale, smoothing, width, mix))
        state = recall(lambda: _State.fresh(knobs[1], sample_rate, audio))
        ctx.start = state.copy() if any(ctx.needs_input_grad) else None
        ctx.save_for_backward(audio, mix, width)
        room = rooms.built(knobs, crossfeed, sample_rate, state.lengths.cpu().numpy())
        ctx.room = knobs, sample_rate, room
        return _run(audio, room, state)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        audio, mix, width = ctx.saved_tensors
        to_audio, to_decay, _, to_smoothing, to_width, to_mix, _, _ = ctx.needs_input_grad
        (knobs, sample_rate, room), start = ctx.room, ctx.start
        grads: list[Tensor | None] = [None] * 8
        if to_audio:
            backward = _run(grad.flip(0).contiguous(), rooms.transposed(room), start.emptied())
            grads[0] = backward.flip(0)
        sums, lengths = None, start.lengths.cpu().numpy()
        bends = (1, to_decay, rooms.bend_decay), (3, to_smoothing, rooms.bend_pole)
        for place, wanted, bend in bends:
            if wanted:
                bent = bend(knobs, sample_rate, lengths, room)
                sums = _slopes(audio, grad, room, bent, start)
                grads[place] = sums[3]
        if to_width or to_mix:
            if sums is None:
                sums = _slopes(audio, grad, room, rooms.straight(room), start)
            dry, own, other, _ = sums
            grads[4] = 0.5 * mix * (own - other)
            grads[5] = 0.5 * ((1 + width) * own + (1 - width) * other) - dry
        return tuple(grads)


def _run(audio: Tensor, room: Any, state: _State) -> Tensor:
    """Send a signal (time, lanes) through all rooms, and take their state along."""
    into, back, through, gains, poles = (torch.from_numpy(part).to(audio.device) for part in room)
    fed, tails = _mixed(audio, into), torch.empty_like(audio)
    launch(kernels.run, audio.shape[1], fed, gains, poles, *state, tails)
    dry = through.repeat_interleave(2)
    return (dry * audio + _mixed(tails, back)).to(audio.dtype)


def _slopes(audio: Tensor, change: Tensor, room: Any, bent: Any, start: _State) -> Tensor:
    """Return products of the result's gradient with several signals, (4, clips).

    Those with the signal, with the channel's own tank, with the other tank, and with the
    derivative of the result by way of the tanks.
    """
    place = audio.device
    into, back, _, gains, poles = (torch.from_numpy(part).to(place) for part in room)
    bends, bend, levels = (torch.from_numpy(part).to(place) for part in bent)
    state, moves = start.copy(), start.emptied()
    fed, tails, slopes = _mixed(audio, into), torch.empty_like(audio), torch.empty_like(audio)
    given = fed, gains, poles, bends, bend, levels
    launch(kernels.run_bent, audio.shape[1], *given, *state, moves.lows, moves.lines, tails, slopes)
    parts = audio, tails, _swapped(tails), _mixed(slopes, back)
    sums = [(change.double() * part).sum(0).view(-1, 2).sum(1) for part in parts]
    return torch.stack(sums)


def _mixed(audio: Tensor, weights: Tensor) -> Tensor:
    """Return sums of each lane and its neighbour, weights (lanes, 2), in double precision."""
    return audio * weights[:, 0] + _swapped(audio) * weights[:, 1]


def _swapped(audio: Tensor) -> Tensor:
    """Return left for right."""
    return audio.view(len(audio), -1, 2).flip(2).view_as(audio)
