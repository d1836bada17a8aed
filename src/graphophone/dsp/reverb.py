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

from graphophone.dsp.compile import Array, as_array, kernel
from graphophone.dsp.lanes import lanes, signal
from graphophone.dsp.memory import recall
from graphophone.tensors import Audio, Control

COMBS = np.array([0.0287, 0.0307, 0.0331, 0.0359, 0.0373, 0.0409, 0.0433, 0.0461])
"""Comb delays in seconds, at scale 1; without a common divisor, so that echoes spread."""

ALLPASSES = np.array([0.0113, 0.0079, 0.0047, 0.0023])
"""All-pass delays in seconds, at scale 1."""

DIFFUSION = 0.5
"""Coefficient of the all-pass filters: they die away well before the shortest decay."""

SPREAD = 0.00061
"""How much longer every delay of the right tank is, in seconds, so that the tanks differ."""

TINY = 1e-30
"""What is smaller is written as zero: subnormal numbers are slow and inaudible."""

QUIET = 1e-20
"""A comb this soft is searched for tiny values; a louder one has none that live long."""

CHUNK = 4096
"""Samples of a clip before the next clip has its turn: some ten times round its rings."""

SPAN = 512
"""Samples of a tank before the next filter has its turn."""

TILE = 64
"""Samples of all lanes that are transposed together."""

LINE = 16
"""Lanes that fill a line of a cache, in single precision."""

PAD = 16
"""What keeps the rows of a chunk from falling on the same lines of a cache."""


class _State(NamedTuple):
    """What the tanks remember, one row a tank: ``2 * clip + side``.

    Attributes:
        lengths: Delays in samples, of eight combs and four all-passes.
        starts: Where in the tank's line each ring begins.
        heads: Where in its ring each delay is about to read and write.
        lows: Output of the low-pass in each comb's loop.
        lines: All rings of a tank, one after the other.
    """

    lengths: Array
    starts: Array
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
    smooths. Delays are rounded to whole samples, so ``scale`` has no gradient; of several
    blocks the first one sets them.

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
    flat = lanes(audio).contiguous()
    knobs = [c.double()[:, 0, 0].contiguous() for c in (decay, scale, smoothing, width, mix)]
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
        state = recall(lambda: _silence(_plain(scale), sample_rate))
        if any(ctx.needs_input_grad):
            ctx.start = _State(*(part.copy() for part in state))
        ctx.save_for_backward(audio, decay, scale, smoothing, width, mix)
        ctx.constants = crossfeed, sample_rate
        knobs = tuple(map(_plain, (decay, scale, smoothing, width, mix)))
        room = _room(knobs, crossfeed, sample_rate, state.lengths)
        out = torch.empty_like(audio)
        _run(_plain(audio), room, state, False, as_array(out))
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        audio, *values = map(_plain, ctx.saved_tensors)
        knobs = tuple(values)
        _, _, _, width, mix = knobs
        to_audio, to_decay, _, to_smoothing, to_width, to_mix, _, _ = ctx.needs_input_grad
        crossfeed, sample_rate = ctx.constants
        room = _room(knobs, crossfeed, sample_rate, ctx.start.lengths)
        change = _plain(grad.contiguous())
        grads: list[Array | None] = [None] * 8
        if to_audio:
            grads[0] = out = np.empty_like(audio)
            _run(change, _transposed(room), _emptied(ctx.start), True, out)
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


def _plain(tensor: Tensor) -> Array:
    return as_array(tensor.detach())


def _silence(scale: Array, sample_rate: int) -> _State:
    """Return the state of tanks that have not heard anything."""
    seconds = np.concatenate((COMBS, ALLPASSES)) + SPREAD * np.arange(2.0)[:, None]
    exact = seconds * scale[:, None, None] * sample_rate
    lengths = np.rint(exact).clip(1).astype(np.int64).reshape(-1, exact.shape[2])
    ends = lengths.cumsum(1)
    return _State(
        lengths,
        ends - lengths,
        np.zeros_like(lengths),
        np.zeros((len(lengths), COMBS.size)),
        np.zeros((len(lengths), ends.max())),
    )


def _emptied(state: _State) -> _State:
    """Return a state with the same delays that remembers nothing."""
    return _State(state.lengths, state.starts, *(np.zeros_like(part) for part in state[2:]))


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
    _run_bent(audio, change, room, bent, state, moves, sums)
    total: Array = sums.sum(2)
    return total


@kernel
def _run(audio: Array, room: Any, state: Any, backwards: bool, out: Array) -> None:
    """Send a signal through all rooms, from its last sample to its first if ``backwards``."""
    time, count = audio.shape
    rows = np.empty((count, min(CHUNK, time) + PAD), audio.dtype)
    fed, tails = np.empty(SPAN), np.empty((2, SPAN))
    for chunk in range(0, time, CHUNK):
        size = min(CHUNK, time - chunk)
        start = time - chunk - size if backwards else chunk
        _read(audio[start : start + size], backwards, rows)
        for clip in range(count // 2):
            for begin in range(0, size, SPAN):
                end = min(size, begin + SPAN)
                left, right = rows[2 * clip, begin:end], rows[2 * clip + 1, begin:end]
                one, two = tails[0, : end - begin], tails[1, : end - begin]
                _tank(left, right, 2 * clip, room, state, fed, one)
                _tank(right, left, 2 * clip + 1, room, state, fed, two)
                _mix(left, right, one, two, clip, room)
        _write(rows, backwards, out[start : start + size])


@kernel
def _run_bent(
    audio: Array, change: Array, room: Any, bent: Any, state: Any, moves: Any, sums: Array
) -> None:
    """Run forwards and add up what :func:`_slopes` returns; ``moves`` is the state's derivative."""
    time, count = audio.shape
    heard = np.empty((count, min(CHUNK, time) + PAD), audio.dtype)
    weights = np.empty((count, min(CHUNK, time) + PAD), change.dtype)
    fed, tails, slopes = np.empty(SPAN), np.empty((2, SPAN)), np.empty((2, SPAN))
    for start in range(0, time, CHUNK):
        size = min(CHUNK, time - start)
        _read(audio[start : start + size], False, heard)
        _read(change[start : start + size], False, weights)
        for left in range(0, count, 2):
            for begin in range(0, size, SPAN):
                end = min(size, begin + SPAN)
                x0, x1 = heard[left, begin:end], heard[left + 1, begin:end]
                g0, g1 = weights[left, begin:end], weights[left + 1, begin:end]
                y0, y1 = tails[0, : end - begin], tails[1, : end - begin]
                d0, d1 = slopes[0, : end - begin], slopes[1, : end - begin]
                _tank_bent(x0, x1, left, room, bent, state, moves, fed, y0, d0)
                _tank_bent(x1, x0, left + 1, room, bent, state, moves, fed, y1, d1)
                _weigh(x0, x1, g0, g1, y0, y1, d0, d1, left, room, sums[left // 2])


@kernel
def _weigh(
    x0: Array,
    x1: Array,
    g0: Array,
    g1: Array,
    y0: Array,
    y1: Array,
    d0: Array,
    d1: Array,
    left: int,
    room: Any,
    sums: Array,
) -> None:
    back = room[1]
    (a, b), (c, d) = back[left], back[left + 1]
    dry, own, other, turn = sums
    for i in range(x0.size):
        dry[i] += g0[i] * x0[i] + g1[i] * x1[i]
        own[i] += g0[i] * y0[i] + g1[i] * y1[i]
        other[i] += g0[i] * y1[i] + g1[i] * y0[i]
        turn[i] += (a * g0[i] + d * g1[i]) * d0[i] + (b * g0[i] + c * g1[i]) * d1[i]


@kernel
def _read(audio: Array, backwards: bool, rows: Array) -> None:
    """Write lanes as rows, a tile of time at once."""
    time, count = audio.shape
    for start in range(0, time, TILE):
        end = min(time, start + TILE)
        for i in range(count):
            column = audio[time - end : time - start, i] if backwards else audio[start:end, i]
            _copy(column[::-1] if backwards else column, rows[i, start:end])


@kernel
def _write(rows: Array, backwards: bool, out: Array) -> None:
    """Write rows as lanes: whole cache lines if there are enough of them."""
    time, count = out.shape
    for start in range(0, time, TILE):
        end = min(time, start + TILE)
        if count < LINE:
            for i in range(count):
                column = out[time - end : time - start, i] if backwards else out[start:end, i]
                _copy(rows[i, start:end], column[::-1] if backwards else column)
        else:
            for t in range(start, end):
                frame = out[time - 1 - t if backwards else t]
                for i in range(count):
                    frame[i] = rows[i, t]


@kernel
def _copy(source: Array, out: Array) -> None:
    for i in range(out.size):
        out[i] = source[i]


@kernel
def _tank(
    here: Array, there: Array, tank: int, room: Any, state: Any, fed: Array, out: Array
) -> None:
    """Write what a tank makes of its own and the other channel."""
    into, _, _, gains, poles = room
    own, other = into[tank]
    for i in range(out.size):
        fed[i] = own * here[i] + other * there[i]
    lengths, starts, heads = state.lengths[tank], state.starts[tank], state.heads[tank]
    line = state.lines[tank]
    _combs(fed, gains[tank], poles[tank // 2], lengths, starts, heads, state.lows[tank], line, out)
    _allpasses(lengths, starts, heads, line, out)


@kernel
def _tank_bent(
    here: Array,
    there: Array,
    tank: int,
    room: Any,
    bent: Any,
    state: Any,
    moves: Any,
    fed: Array,
    out: Array,
    slope: Array,
) -> None:
    """Write what a tank makes of both channels, and its derivative."""
    into = room[0]
    own, other = into[tank]
    for i in range(out.size):
        fed[i] = own * here[i] + other * there[i]
        out[i] = slope[i] = 0.0
    lengths, starts, heads = state.lengths[tank], state.starts[tank], state.heads[tank]
    for k in (0, 4):
        _combs_bent(fed, k, tank, room, bent, state, moves, out, slope)
    _allpasses(lengths, starts, heads.copy(), moves.lines[tank], slope)
    _allpasses(lengths, starts, heads, state.lines[tank], out)


@kernel
def _mix(left: Array, right: Array, one: Array, two: Array, clip: int, room: Any) -> None:
    """Replace two channels by their mix with the outputs of both tanks."""
    _, back, through, _, _ = room
    dry, (a, b), (c, d) = through[clip], back[2 * clip], back[2 * clip + 1]
    for i in range(left.size):
        left[i], right[i] = (
            dry * left[i] + a * one[i] + b * two[i],
            dry * right[i] + c * two[i] + d * one[i],
        )


@kernel
def _combs(
    fed: Array,
    gains: Array,
    pole: float,
    lengths: Array,
    starts: Array,
    heads: Array,
    lows: Array,
    line: Array,
    out: Array,
) -> None:
    """Write the sum of eight combs.

    The low-pass in the loop, ``low = (1 - pole) * y + pole * low``, runs without its first
    factor, which the gain of the loop takes over.
    """
    fresh = 1 - pole
    over = 1 / fresh if fresh > 0 else 0.0
    start = 0
    while start < out.size:
        size = out.size - start
        for k in range(8):
            size = min(size, lengths[k] - heads[k])
        r0 = line[starts[0] + heads[0] :][:size]
        r1 = line[starts[1] + heads[1] :][:size]
        r2 = line[starts[2] + heads[2] :][:size]
        r3 = line[starts[3] + heads[3] :][:size]
        r4 = line[starts[4] + heads[4] :][:size]
        r5 = line[starts[5] + heads[5] :][:size]
        r6 = line[starts[6] + heads[6] :][:size]
        r7 = line[starts[7] + heads[7] :][:size]
        l0, l1, l2, l3 = lows[0] * over, lows[1] * over, lows[2] * over, lows[3] * over
        l4, l5, l6, l7 = lows[4] * over, lows[5] * over, lows[6] * over, lows[7] * over
        g0, g1, g2, g3 = gains[0] * fresh, gains[1] * fresh, gains[2] * fresh, gains[3] * fresh
        g4, g5, g6, g7 = gains[4] * fresh, gains[5] * fresh, gains[6] * fresh, gains[7] * fresh
        x, y = fed[start : start + size], out[start : start + size]
        for i in range(size):
            s = x[i]
            y0, y1, y2, y3 = r0[i], r1[i], r2[i], r3[i]
            y4, y5, y6, y7 = r4[i], r5[i], r6[i], r7[i]
            l0, l1, l2, l3 = y0 + pole * l0, y1 + pole * l1, y2 + pole * l2, y3 + pole * l3
            l4, l5, l6, l7 = y4 + pole * l4, y5 + pole * l5, y6 + pole * l6, y7 + pole * l7
            r0[i], r1[i], r2[i], r3[i] = s + g0 * l0, s + g1 * l1, s + g2 * l2, s + g3 * l3
            r4[i], r5[i], r6[i], r7[i] = s + g4 * l4, s + g5 * l5, s + g6 * l6, s + g7 * l7
            y[i] = ((y0 + y1) + (y2 + y3)) + ((y4 + y5) + (y6 + y7))
        lows[0], lows[1], lows[2], lows[3] = l0 * fresh, l1 * fresh, l2 * fresh, l3 * fresh
        lows[4], lows[5], lows[6], lows[7] = l4 * fresh, l5 * fresh, l6 * fresh, l7 * fresh
        for k in range(8):
            if abs(lows[k]) < QUIET:
                _clean(line[starts[k] + heads[k] :][:size])
                lows[k] = lows[k] if abs(lows[k]) > TINY else 0.0
            heads[k] += size
            if heads[k] == lengths[k]:
                heads[k] = 0
        start += size


@kernel
def _combs_bent(
    fed: Array,
    first: int,
    tank: int,
    room: Any,
    bent: Any,
    state: Any,
    moves: Any,
    out: Array,
    slope: Array,
) -> None:
    """Add four combs to ``out`` and their derivatives to ``slope``."""
    four = slice(first, first + 4)
    gains, pole = room[3][tank, four], room[4][tank // 2]
    bends, bend, level = bent[0][tank, four], bent[1][tank // 2], bent[2][tank]
    lengths, starts = state.lengths[tank, four], state.starts[tank, four]
    heads, lows, drifts = state.heads[tank, four], state.lows[tank, four], moves.lows[tank, four]
    line, moved = state.lines[tank], moves.lines[tank]
    fresh = 1 - pole
    over = 1 / fresh if fresh > 0 else 0.0
    start = 0
    while start < out.size:
        size = out.size - start
        for k in range(4):
            size = min(size, lengths[k] - heads[k])
        r0 = line[starts[0] + heads[0] :][:size]
        r1 = line[starts[1] + heads[1] :][:size]
        r2 = line[starts[2] + heads[2] :][:size]
        r3 = line[starts[3] + heads[3] :][:size]
        q0 = moved[starts[0] + heads[0] :][:size]
        q1 = moved[starts[1] + heads[1] :][:size]
        q2 = moved[starts[2] + heads[2] :][:size]
        q3 = moved[starts[3] + heads[3] :][:size]
        l0, l1, l2, l3 = lows[0] * over, lows[1] * over, lows[2] * over, lows[3] * over
        d0, d1 = (drifts[0] + bend * l0) * over, (drifts[1] + bend * l1) * over
        d2, d3 = (drifts[2] + bend * l2) * over, (drifts[3] + bend * l3) * over
        g0, g1, g2, g3 = gains[0] * fresh, gains[1] * fresh, gains[2] * fresh, gains[3] * fresh
        h0, h1 = bends[0] * fresh - gains[0] * bend, bends[1] * fresh - gains[1] * bend
        h2, h3 = bends[2] * fresh - gains[2] * bend, bends[3] * fresh - gains[3] * bend
        x, y, z = fed[start : start + size], out[start : start + size], slope[start : start + size]
        for i in range(size):
            s = x[i]
            p = level * s
            y0, y1, y2, y3 = r0[i], r1[i], r2[i], r3[i]
            z0, z1, z2, z3 = q0[i], q1[i], q2[i], q3[i]
            d0, d1 = (z0 + bend * l0) + pole * d0, (z1 + bend * l1) + pole * d1
            d2, d3 = (z2 + bend * l2) + pole * d2, (z3 + bend * l3) + pole * d3
            l0, l1, l2, l3 = y0 + pole * l0, y1 + pole * l1, y2 + pole * l2, y3 + pole * l3
            r0[i], r1[i], r2[i], r3[i] = s + g0 * l0, s + g1 * l1, s + g2 * l2, s + g3 * l3
            q0[i], q1[i] = (p + h0 * l0) + g0 * d0, (p + h1 * l1) + g1 * d1
            q2[i], q3[i] = (p + h2 * l2) + g2 * d2, (p + h3 * l3) + g3 * d3
            y[i] += (y0 + y1) + (y2 + y3)
            z[i] += (z0 + z1) + (z2 + z3)
        lows[0], lows[1], lows[2], lows[3] = l0 * fresh, l1 * fresh, l2 * fresh, l3 * fresh
        drifts[0], drifts[1] = d0 * fresh - bend * l0, d1 * fresh - bend * l1
        drifts[2], drifts[3] = d2 * fresh - bend * l2, d3 * fresh - bend * l3
        for k in range(4):
            if abs(lows[k]) < QUIET:
                _clean(line[starts[k] + heads[k] :][:size])
                lows[k] = lows[k] if abs(lows[k]) > TINY else 0.0
            if abs(drifts[k]) < QUIET:
                _clean(moved[starts[k] + heads[k] :][:size])
                drifts[k] = drifts[k] if abs(drifts[k]) > TINY else 0.0
            heads[k] += size
            if heads[k] == lengths[k]:
                heads[k] = 0
        start += size


@kernel
def _clean(ring: Array) -> None:
    for i in range(ring.size):
        ring[i] = ring[i] if abs(ring[i]) > TINY else 0.0


@kernel
def _allpasses(lengths: Array, starts: Array, heads: Array, line: Array, audio: Array) -> None:
    """Replace a signal by what Schroeder's all-pass filters in a row make of it."""
    for k in range(COMBS.size, lengths.size):
        start = 0
        while start < audio.size:
            size = min(audio.size - start, lengths[k] - heads[k])
            _allpass(line[starts[k] + heads[k] :][:size], audio[start : start + size])
            heads[k] += size
            if heads[k] == lengths[k]:
                heads[k] = 0
            start += size


@kernel
def _allpass(ring: Array, audio: Array) -> None:
    for i in range(ring.size):
        y = ring[i]
        w = audio[i] + DIFFUSION * y
        ring[i] = w if abs(w) > TINY else 0.0
        audio[i] = y - DIFFUSION * w
