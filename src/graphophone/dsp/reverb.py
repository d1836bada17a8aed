"""Reverberation by parallel damped combs and serial all-pass filters.

Sources: M. R. Schroeder, Natural Sounding Artificial Reverberation, J. Audio Eng. Soc. 10(3), 1962
(combs, all-passes); J. A. Moorer, About This Reverberation Business, Computer Music Journal 3(2),
1979 (a low-pass in each comb's loop). The constants are our own, in seconds, so that the
room is the same at every sample rate.

Every clip has delays of its own, so clips cannot share vector registers as lanes do elsewhere.
What would hold a tank up is the latency of eight recurrences; they run side by side, a sample of
each in turn, as far as no ring wraps. Clips take turns too, in pieces that fit a cache.
"""

import math
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from graphophone.dsp.compile import Array, as_array, detached, kernel
from graphophone.dsp.lanes import lanes, signal
from graphophone.dsp.memory import recall
from graphophone.dsp.reverb_loops import PAD, SPAN, run, run_bent
from graphophone.dsp.tank_loops import COMBS
from graphophone.tensors import Audio, Control

ALLPASSES = np.array([0.0113, 0.0079, 0.0047, 0.0023])
"""All-pass delays in seconds, at scale 1."""

LEAST = 0.2
"""Samples that what adds fractions to an all-pass delays by at least, and by one more at most."""

SPREAD = 0.00061
"""How much longer every delay of the right tank is, in seconds, so that the tanks differ."""


class _State(NamedTuple):
    """What the tanks remember, one row a tank: ``2 * clip + side``.

    Attributes:
        lengths: Delays in samples, of eight combs and four all-passes.
        starts: Where in the tank's line each ring begins.
        bends: Coefficients of what adds fractions of samples to the all-passes.
        heads: Where in its ring each delay is about to read and write.
        lows: Output of the low-pass in each comb's loop; then states of what adds fractions.
        lines: All rings of a tank, one after the other, in the precision of the signal.
    """

    lengths: Array
    starts: Array
    bends: Array
    heads: Array
    lows: Array
    lines: Array


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
    out: Tensor = _Tanks.apply(flat, *knobs, crossfeed, sample_rate)  # type: ignore[no-untyped-call]
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
        state = recall(lambda: _silence(detached(scale), sample_rate, detached(audio).dtype))
        if any(ctx.needs_input_grad):
            ctx.start = _State(*(part.copy() for part in state))
        ctx.save_for_backward(audio, decay, scale, smoothing, width, mix)
        ctx.constants = crossfeed, sample_rate
        knobs = tuple(map(detached, (decay, scale, smoothing, width, mix)))
        room = _room(knobs, crossfeed, sample_rate, state.lengths)
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
        room = _room(knobs, crossfeed, sample_rate, ctx.start.lengths)
        change = detached(grad.contiguous())
        grads: list[Array | None] = [None] * 8
        if to_audio:
            backward = np.empty_like(audio)
            run(change[::-1].copy(), _transposed(room), _emptied(ctx.start), backward)
            grads[0] = backward[::-1].copy()
        sums = None
        for place, wanted, bend in ((1, to_decay, _bend_decay), (3, to_smoothing, _bend_pole)):
            if wanted:
                bent = bend(knobs, sample_rate, ctx.start.lengths, room)
                sums = _slopes(audio, change, room, bent, ctx.start)
                grads[place] = sums[:, 3]
        if to_width or to_mix:
            if sums is None:
                sums = _slopes(audio, change, room, _straight(room), ctx.start)
            dry, own, other, _ = sums.T
            grads[4] = 0.5 * mix * (own - other)
            grads[5] = 0.5 * ((1 + width) * own + (1 - width) * other) - dry
        return tuple(None if g is None else torch.from_numpy(g) for g in grads)


def _silence(scale: Array, sample_rate: int, precision: Any) -> _State:
    """Return the state of tanks that have not heard anything."""
    seconds = np.concatenate((COMBS, ALLPASSES)) + SPREAD * np.arange(2.0)[:, None]
    exact = seconds * scale[:, None, None] * sample_rate
    exact = exact.reshape(-1, exact.shape[2])
    held = np.maximum(exact[:, COMBS.size :], 1 + LEAST)
    inner = np.floor(held - LEAST).clip(1)
    lengths = np.hstack((np.rint(exact[:, : COMBS.size]).clip(1), inner)).astype(np.int64)
    ends, rest = lengths.cumsum(1), held - inner
    return _State(
        lengths,
        ends - lengths,
        (1 - rest) / (1 + rest),
        np.zeros_like(lengths),
        np.zeros(lengths.shape),
        np.zeros((len(lengths), ends.max() + PAD), precision),
    )


def _emptied(state: _State) -> _State:
    """Return a state with the same delays that remembers nothing."""
    return _State(*state[:3], *(np.zeros_like(part) for part in state[3:]))


@kernel
def _room(knobs: Any, crossfeed: float, sample_rate: int, lengths: Array) -> Any:
    """Return what the knobs stand for: two mixers, the combs between them, the dry share.

    Returns:
        The weights of a tank's own and of the other channel in what it is fed; the weights of a
        channel's own and of the other tank in the result; the weight of the signal itself;
        the gain in each comb's loop; the pole of its low-pass. Rows are tanks, the third and
        the last are clips.
    """
    decay, scale, smoothing, width, mix = knobs
    clips = decay.size
    into, back = np.empty((2 * clips, 2)), np.empty((2 * clips, 2))
    gains = np.empty((2 * clips, COMBS.size))
    poles = np.empty(clips)
    for clip in range(clips):
        samples = smoothing[clip] * sample_rate
        poles[clip] = math.exp(-1 / samples) if samples > 0 else 0.0
        for side in range(2):
            tank = 2 * clip + side
            energy = 0.0
            for k in range(COMBS.size):
                gain = 10.0 ** (-3 * (COMBS[k] + SPREAD * side) * scale[clip] / decay[clip])
                energy += 1 / (1 - gain * gain)
                gains[tank, k] = 10.0 ** (-3 * lengths[tank, k] / (decay[clip] * sample_rate))
            level = 1 / math.sqrt(energy)
            into[tank, 0], into[tank, 1] = level * (1 - crossfeed), level * crossfeed
            back[tank, 0] = 0.5 * mix[clip] * (1 + width[clip])
            back[tank, 1] = 0.5 * mix[clip] * (1 - width[clip])
    return into, back, 1 - mix, gains, poles


def _transposed(room: Any) -> Any:
    """Return the room whose mixers are the transposes of the other's, in reverse order."""
    into, back, *rest = room
    other = np.arange(len(into)) ^ 1
    first = np.stack((back[:, 0], back[other, 1]), axis=1)
    last = np.stack((into[:, 0], into[other, 1]), axis=1)
    return first, last, *rest


def _straight(room: Any) -> Any:
    """Return derivatives of a room that does not change: gains, poles, relative level."""
    _, _, _, gains, poles = room
    return np.zeros_like(gains), np.zeros_like(poles), np.zeros(len(gains))


def _bend_decay(knobs: Any, sample_rate: int, lengths: Array, room: Any) -> Any:
    """Return derivatives with respect to the decay: gains, poles, relative level."""
    decay, scale, *_ = (np.repeat(knob, 2)[:, None] for knob in knobs)
    gains, poles, levels = _straight(room)
    steepness = math.log(1000) / decay**2
    gains += room[3] * steepness * lengths[:, : COMBS.size] / sample_rate
    seconds = (COMBS + SPREAD * (np.arange(len(gains)) % 2)[:, None]) * scale
    power = 10.0 ** (-6 * seconds / decay)
    energy = (1 / (1 - power)).sum(1)
    levels -= (power * seconds * steepness / (1 - power) ** 2).sum(1) / energy
    return gains, poles, levels


def _bend_pole(knobs: Any, sample_rate: int, lengths: Array, room: Any) -> Any:
    """Return derivatives with respect to the smoothing: gains, poles, relative level."""
    smoothing = knobs[2]
    gains, poles, levels = _straight(room)
    moving = room[4] > 0
    poles[moving] = room[4][moving] / (smoothing[moving] ** 2 * sample_rate)
    return gains, poles, levels


def _slopes(audio: Array, change: Array, room: Any, bent: Any, start: _State) -> Array:
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
    state, moves = _State(*(part.copy() for part in start)), _emptied(start)
    sums = np.zeros((audio.shape[1] // 2, 4, SPAN))
    run_bent(audio, change, room, bent, state, moves, sums)
    total: Array = sums.sum(2)
    return total
