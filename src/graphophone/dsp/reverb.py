"""Reverberation by parallel damped combs and serial all-pass filters.

Sources: M. R. Schroeder, Natural Sounding Artificial Reverberation, J. Audio Eng. Soc. 10(3), 1962
(combs, all-passes); J. A. Moorer, About This Reverberation Business, Computer Music Journal 3(2),
1979 (a low-pass in each comb's loop).

Every clip has delays of its own, so clips cannot share vector registers as lanes do elsewhere.
What would hold a tank up is the latency of eight recurrences; they run side by side, a sample of
each in turn, as far as no ring wraps. Clips take turns too, in pieces that fit a cache.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from graphophone.dsp import rooms
from graphophone.dsp.compile import Array, as_array, detached
from graphophone.dsp.device import apply
from graphophone.dsp.lanes import lanes, signal
from graphophone.dsp.memory import recall
from graphophone.dsp.reverb_loops import SPAN, run, run_bent
from graphophone.tensors import Audio, Control


def mixed(
    audio: Audio,
    *,
    decay: Control,
    scale: Control,
    smoothing: Control,
    width: Control,
    mix: Control,
    crossfeed: float,
    sample_rate: int,
) -> Audio:
    """Mix a signal with the reverberation of a left and a right tank.

    Each tank gives noise back about as loud as it gets it, whatever the decay, as long as nothing
    smooths. Combs are rounded to whole samples, and their gains set so that they decay in time
    all the same; all-passes are not. ``scale`` has no gradient; of several blocks the first one
    sets all delays.

    Args:
        audio: Signal of two channels.
        decay: Time in which the sound falls by 60 dB, in seconds, static.
        scale: Factor on all delays, static.
        smoothing: Time constant of the low-pass in each comb's loop, in seconds, static.
        width: 1 keeps the tanks on their sides, 0 puts their mean on both, static.
        mix: Share of the reverberation in the result, static.
        crossfeed: Share of the other channel in what a tank is fed; 0.5 feeds both the mean.
        sample_rate: Samples per second.

    Returns:
        Signal of the same shape and dtype as ``audio``.
    """
    flat = lanes(audio)
    controls = (decay, scale, smoothing, width, mix)
    knobs = [c.double()[:, 0, 0].expand(len(audio)).contiguous() for c in controls]
    out: Tensor = apply(_Tanks, flat, *knobs, crossfeed, sample_rate)
    return signal(out, 2)


class _Tanks(torch.autograd.Function):
    """Two tanks a clip: signal (time, lanes), knobs (clips,).

    Every filter of a tank is its own transpose once time runs backwards; so the gradient to the
    signal is the gradient of the result, sent backwards through the same tanks between
    transposed mixers. The gradient to a knob is the product of the result's gradient with
    the result's derivative, which is computed forwards in time, beside the sound itself.
    """

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
        state = recall(lambda: rooms.silence(detached(scale), sample_rate, detached(audio).dtype))
        if any(ctx.needs_input_grad):
            ctx.start = rooms.State(*(part.copy() for part in state))
        ctx.save_for_backward(audio, decay, scale, smoothing, width, mix)
        ctx.constants = crossfeed, sample_rate
        knobs = tuple(map(detached, (decay, scale, smoothing, width, mix)))
        room = rooms.built(knobs, crossfeed, sample_rate, state.lengths)
        out = torch.empty_like(audio)
        run(detached(audio), room, state, as_array(out))
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        audio, *values = map(detached, ctx.saved_tensors)
        knobs = tuple(values)
        _, _, _, width, mix = knobs
        to_audio, to_decay, _, to_smoothing, to_width, to_mix, _, _ = ctx.needs_input_grad
        crossfeed, sample_rate = ctx.constants
        room = rooms.built(knobs, crossfeed, sample_rate, ctx.start.lengths)
        change = detached(grad.contiguous())
        grads: list[Array | None] = [None] * 8
        if to_audio:
            backward = np.empty_like(audio)
            run(change[::-1].copy(), rooms.transposed(room), rooms.emptied(ctx.start), backward)
            grads[0] = backward[::-1].copy()
        sums = None
        for place, wanted, bend in (
            (1, to_decay, rooms.bend_decay),
            (3, to_smoothing, rooms.bend_pole),
        ):
            if wanted:
                bent = bend(knobs, sample_rate, ctx.start.lengths, room)
                sums = _slopes(audio, change, room, bent, ctx.start)
                grads[place] = sums[:, 3]
        if to_width or to_mix:
            if sums is None:
                sums = _slopes(audio, change, room, rooms.straight(room), ctx.start)
            dry, own, other, _ = sums.T
            grads[4] = 0.5 * mix * (own - other)
            grads[5] = 0.5 * ((1 + width) * own + (1 - width) * other) - dry
        return tuple(None if g is None else torch.from_numpy(g) for g in grads)


def _slopes(audio: Array, change: Array, room: Any, bent: Any, start: rooms.State) -> Array:
    """Return products of the result's gradient with several signals, in each clip.

    Args:
        audio: What the tanks have heard, (time, lanes).
        change: Gradient of what they gave.
        room: What the knobs stand for.
        bent: Its derivatives with respect to one knob.
        start: What the tanks remembered at the first sample.

    Returns:
        (clips, 4): products with the signal, with the channel's own tank, with the other
        tank, and with the derivative of the result by way of the tanks.
    """
    state, moves = rooms.State(*(part.copy() for part in start)), rooms.emptied(start)
    sums = np.zeros((audio.shape[1] // 2, 4, SPAN))
    run_bent(audio, change, room, bent, state, moves, sums)
    total: Array = sums.sum(2)
    return total
