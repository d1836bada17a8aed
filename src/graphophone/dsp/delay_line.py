"""Delay lines that are read between samples, by third-order Lagrange interpolation.

Sources: U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd ed. (2011), ch. 2.6 (modulated delay
lines) and 6.4.3 (pitch shift by delay-line modulation); T. Laakso et al., Splitting the Unit
Delay, IEEE Signal Processing Magazine 13(1), 1996 (interpolation; never louder than its input).
"""

import math
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from graphophone.dsp.compile import Array, as_array, kernel
from graphophone.dsp.lanes import lanes, per_lane, signal
from graphophone.dsp.memory import recall
from graphophone.tensors import Audio, Control

SHORTEST = 2.0
"""Shortest delay, in samples, that a line can be read at while its output feeds it."""

TINY = 1e-30
"""What is smaller is written as zero: subnormal numbers are slow and inaudible."""

GUARD = 3
"""Rows after a ring's end that repeat its first ones, so that four rows always lie in a row."""

ENDLESS = -1
"""Mask of a line that is as long as the clip: all bits are kept, nothing comes round again."""


def modulated(
    audio: Audio,
    *,
    delay: Control,
    feedback: Control,
    mix: Control,
    longest: float,
    sample_rate: int,
) -> Audio:
    """Mix a signal with its copy from a delay line whose length may change every sample.

    Gradients reach the signal and all three controls. The delay's is that of the interpolating
    polynomial, and zero where the delay is held at an end of the line.

    Args:
        audio: Signal, any number of channels.
        delay: Length of the line in seconds, static or per sample.
        feedback: Share of the line's output that is written back, static, below 1.
        mix: Share of the line's output in the result, static.
        longest: Largest ``delay``, in seconds.
        sample_rate: Samples per second.

    Returns:
        Signal of the same shape and dtype as ``audio``.
    """
    controls = [per_lane(c, audio) for c in (delay, feedback, mix)]
    out: Tensor = _Modulated.apply(  # type: ignore[no-untyped-call]
        lanes(audio), *controls, _power_of_two(longest * sample_rate + 4), float(sample_rate)
    )
    return signal(out, audio.shape[1])


def transposed(audio: Audio, *, semitones: Control, window: float, sample_rate: int) -> Audio:
    """Change the pitch by reading a delay line through two taps that move and cross-fade.

    A tap whose delay shrinks by ``ratio - 1`` samples a sample plays faster by ``ratio``. When it
    has come to the end of the window it jumps back, faded out, while the other is at its loudest.

    Gradients reach the signal and the interval, which moves both taps and their cross-fade; the
    taps' places at the start of a block are taken as given, and at 0 semitones the gradient is 0.

    Args:
        audio: Signal, any number of channels.
        semitones: Interval, static. At 0 nothing moves and the signal passes as it is.
        window: Distance that each tap travels, in seconds.
        sample_rate: Samples per second.

    Returns:
        Signal of the same shape and dtype as ``audio``.
    """
    out: Tensor = _Transposed.apply(  # type: ignore[no-untyped-call]
        lanes(audio), per_lane(semitones, audio), window * sample_rate
    )
    return signal(out, audio.shape[1])


class _Line(NamedTuple):
    """A ring of rows, one sample of each lane in a row: it is short, and written row by row."""

    rows: Array
    """(size + GUARD, lanes), the size being a power of two."""
    now: Array
    """(1,), the row that is written next."""

    @classmethod
    def fresh(cls, size: int, count: int) -> "_Line":
        return cls(np.zeros((size + GUARD, count)), np.zeros(1, dtype=np.int64))

    @property
    def size(self) -> int:
        return len(self.rows) - GUARD

    def advance(self, time: int) -> None:
        self.now[0] = (self.now[0] + time) % self.size

    def unrolled(self) -> Array:
        """Return a copy of the ring, oldest row first."""
        rows: Array = np.roll(self.rows[: self.size], -self.now[0], axis=0)
        return rows

    @staticmethod
    def continued(start: Array, time: int) -> Array:
        """Return a line that begins with ``start`` and has room for ``time`` more rows."""
        rows: Array = np.empty((len(start) + time, start.shape[1]))
        rows[: len(start)] = start
        return rows


def _power_of_two(samples: float) -> int:
    return int(2 ** math.ceil(math.log2(samples)))


def _plain(tensor: Tensor) -> Array:
    return as_array(tensor.detach())


class _Modulated(torch.autograd.Function):
    """The line on lanes: signal (time, lanes), controls (1 or time, lanes)."""

    @staticmethod
    def forward(
        ctx: Any,
        audio: Tensor,
        delay: Tensor,
        feedback: Tensor,
        mix: Tensor,
        size: int,
        sample_rate: float,
    ) -> Tensor:
        line = recall(lambda: _Line.fresh(size, audio.shape[1]))
        ctx.save_for_backward(audio, delay, feedback, mix)
        ctx.sample_rate, ctx.longest = sample_rate, size - 4.0
        ctx.start = line.unrolled() if any(ctx.needs_input_grad) else None
        out = torch.empty_like(audio)
        x, d, back, wet = map(_plain, (audio, delay, feedback, mix))
        rows, now, to = line.rows, line.now[0], as_array(out)
        _modulated(x, d, back, wet, sample_rate, ctx.longest, rows, now, size - 1, to)
        line.advance(len(x))
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, d, back, wet = map(_plain, ctx.saved_tensors)
        rate, longest, size = ctx.sample_rate, ctx.longest, len(ctx.start)
        line = _Line.continued(ctx.start, len(x))
        _modulated(x, d, back, wet, rate, longest, line, size, ENDLESS, np.empty_like(x))
        grads = tuple(torch.zeros_like(t) for t in ctx.saved_tensors)
        into = tuple(map(as_array, grads))
        pull, y = np.zeros_like(line), _plain(grad.contiguous())
        _modulated_gradient(x, d, back, wet, rate, longest, line, pull, y, into)
        return *grads, None, None


class _Transposed(torch.autograd.Function):
    """The two taps on lanes: signal (time, lanes), interval (1, lanes), window in samples."""

    @staticmethod
    def forward(ctx: Any, audio: Tensor, semitones: Tensor, window: float) -> Tensor:
        size, count = _power_of_two(window + 6), audio.shape[1]
        line, taps = recall(lambda: (_Line.fresh(size, count), _taps(count)))
        ctx.save_for_backward(audio, semitones)
        ctx.window = window
        ctx.start = (line.unrolled(), taps.copy()) if any(ctx.needs_input_grad) else None
        out = torch.empty_like(audio)
        x, travel = _plain(audio), _travel(semitones, window)
        _transposed(x, travel, window, line.rows, line.now[0], size - 1, taps, as_array(out))
        line.advance(len(x))
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        audio, semitones = ctx.saved_tensors
        start, taps = ctx.start
        time, size = len(audio), len(start)
        line = start[:0]
        if ctx.needs_input_grad[1]:
            line = _Line.continued(start, time)
            line[size:] = _plain(audio)
        pull, to_travel = np.zeros((size + time, audio.shape[1])), np.zeros(audio.shape[1])
        y, travel = _plain(grad.contiguous()), _travel(semitones, ctx.window)
        _transposed_gradient(travel, ctx.window, line, taps.copy(), y, pull, to_travel)
        slope = -math.log(2) / 12 * torch.exp2(semitones.detach() / 12) / ctx.window
        to_semitones = torch.zeros_like(semitones)
        to_semitones[0] = torch.from_numpy(to_travel) * slope[0]
        return torch.from_numpy(pull[size:]).to(audio.dtype), to_semitones, None


def _taps(count: int) -> Array:
    """Return where the first tap is, in windows, and cosine and sine of half its turn."""
    taps: Array = np.zeros((3, count))
    taps[1] = 1.0
    return taps


def _travel(semitones: Tensor, window: float) -> Array:
    """Return the travel of a tap a sample, in windows, and cosine and sine of half its turn.

    They are computed one by one: a vector's last elements may be rounded differently from its
    first, and a lane may not hear where it stands.
    """
    steps = [(1 - 2.0 ** (interval / 12)) / window for interval in semitones[0].tolist()]
    return np.array([steps, *([f(math.pi * s) for s in steps] for f in (math.cos, math.sin))])


@kernel
def _between(line: Array, at: Any, lane: Any, f: float) -> float:
    """Read a flat line between four rows; ``at`` is in the oldest, the next ``lane`` further on.

    The place is ``f`` before the third of them, towards the second.
    """
    second = at + lane
    third = second + lane
    older, far, near, newer = line[at], line[second], line[third], line[third + lane]
    up, down, further = f + 1, f - 1, f - 2
    return float(
        0.5 * up * further * (down * near - f * far)
        + f * down * (up * older - further * newer) * (1 / 6)
    )


@kernel
def _slope(line: Array, at: Any, lane: Any, f: float) -> float:
    """Differentiate :func:`_between` by ``f``."""
    second = at + lane
    third = second + lane
    older, far, near, newer = line[at], line[second], line[third], line[third + lane]
    return float(
        0.5 * (((3 * f - 4) * f - 1) * near - ((3 * f - 2) * f - 2) * far)
        + ((3 * f * f - 1) * older - ((3 * f - 6) * f + 2) * newer) * (1 / 6)
    )


@kernel
def _spread(line: Array, at: Any, lane: Any, f: float, amount: float) -> None:
    """Add to four rows what :func:`_between` reads from them, times ``amount``."""
    second = at + lane
    third = second + lane
    up, down, further = f + 1, f - 1, f - 2
    inner, outer = 0.5 * up * further * amount, f * down * (1 / 6) * amount
    line[at] += outer * up
    line[second] -= inner * f
    line[third] += inner * down
    line[third + lane] -= outer * further


@kernel
def _modulated(
    audio: Array,
    delay: Array,
    feedback: Array,
    mix: Array,
    sample_rate: float,
    longest: float,
    line: Array,
    start: int,
    mask: int,
    out: Array,
) -> None:
    """Three short loops over the lanes: places and arithmetic fill vectors, reading does not."""
    time, count = audio.shape
    flat = line.reshape(-1)
    lane = np.uint64(count)  # unsigned, so that no index is checked for counting from the end
    by = int(len(delay) > 1)
    back, wet = feedback[0].copy(), mix[0].copy()
    at, f, read = np.empty(count, np.uint64), np.empty(count), np.empty(count)
    for t in range(time):
        now = start + t
        for i in range(count):
            samples = min(max(delay[t * by, i] * sample_rate, SHORTEST), longest)
            whole = np.floor(samples)
            f[i] = samples - whole
            at[i] = ((now - np.int64(whole) - 2) & mask) * count + i
        for i in range(count):
            read[i] = _between(flat, at[i], lane, f[i])
        row = now & mask
        for i in range(count):
            x, y = np.float64(audio[t, i]), read[i]
            w = x + back[i] * y
            line[row, i] = w if abs(w) > TINY else 0.0
            out[t, i] = (1 - wet[i]) * x + wet[i] * y
        if row < GUARD:
            line[row + mask + 1] = line[row]


@kernel
def _modulated_gradient(
    audio: Array,
    delay: Array,
    feedback: Array,
    mix: Array,
    sample_rate: float,
    longest: float,
    line: Array,
    pull: Array,
    grad: Array,
    into: Any,
) -> None:
    """Go backwards in time; ``pull`` is the gradient to what was written to ``line``."""
    to_audio, to_delay, to_feedback, to_mix = into
    time, count = audio.shape
    start = len(line) - time
    flat, pulled = line.reshape(-1), pull.reshape(-1)
    lane = np.uint64(count)
    by = int(len(delay) > 1)
    for earlier in range(time):
        t = time - 1 - earlier
        now = start + t
        for i in range(count):
            samples = delay[t * by, i] * sample_rate
            inside = SHORTEST <= samples <= longest
            samples = min(max(samples, SHORTEST), longest)
            whole = np.floor(samples)
            f = samples - whole
            at = np.uint64((now - np.int64(whole) - 2) * count + i)
            x, y = np.float64(audio[t, i]), _between(flat, at, lane, f)
            heard, written = np.float64(grad[t, i]), pull[now, i]
            written = written if abs(written) > TINY else 0.0
            amount = mix[0, i] * heard + feedback[0, i] * written
            _spread(pulled, at, lane, f, amount)
            to_audio[t, i] = (1 - mix[0, i]) * heard + written
            to_feedback[0, i] += written * y
            to_mix[0, i] += heard * (y - x)
            if inside:
                to_delay[t * by, i] += amount * _slope(flat, at, lane, f) * sample_rate


@kernel
def _transposed(
    audio: Array,
    travel: Array,
    window: float,
    line: Array,
    start: int,
    mask: int,
    taps: Array,
    out: Array,
) -> None:
    time, count = audio.shape
    flat = line.reshape(-1)
    lane = np.uint64(count)
    step, turn, lean = travel[0].copy(), travel[1].copy(), travel[2].copy()
    first, cosine, sine = taps[0].copy(), taps[1].copy(), taps[2].copy()
    at, f, read = np.empty((2, count), np.uint64), np.empty((2, count)), np.empty((2, count))
    for t in range(time):
        now = start + t
        row = now & mask
        for i in range(count):
            x = np.float64(audio[t, i])
            line[row, i] = x if abs(x) > TINY else 0.0
        if row < GUARD:
            line[row + mask + 1] = line[row]
        for i in range(count):
            one = 1 + first[i] * window
            two = 1 + (first[i] + 0.5 if first[i] < 0.5 else first[i] - 0.5) * window
            whole, whole_two = np.floor(one), np.floor(two)
            f[0, i], f[1, i] = one - whole, two - whole_two
            at[0, i] = ((now - np.int64(whole) - 2) & mask) * count + i
            at[1, i] = ((now - np.int64(whole_two) - 2) & mask) * count + i
        for i in range(count):
            read[0, i] = _between(flat, at[0, i], lane, f[0, i])
            read[1, i] = _between(flat, at[1, i], lane, f[1, i])
        for i in range(count):
            c, s = cosine[i], sine[i]
            moved = s * s * read[0, i] + c * c * read[1, i]
            out[t, i] = moved if step[i] != 0 else np.float64(audio[t, i])
            cosine[i], sine[i] = c * turn[i] - s * lean[i], s * turn[i] + c * lean[i]
            place = first[i] + step[i]
            first[i] = place - np.floor(place)
    taps[0], taps[1], taps[2] = first, cosine, sine


@kernel
def _transposed_gradient(
    travel: Array,
    window: float,
    line: Array,
    taps: Array,
    grad: Array,
    pull: Array,
    to_travel: Array,
) -> None:
    """Follow the taps forwards in time, as nothing that they read comes back to the line.

    ``pull`` is the gradient to what was written to ``line``; the one to the travel is left out
    where ``line`` is empty.
    """
    time, count = grad.shape
    start = len(pull) - time
    flat, pulled = line.reshape(-1), pull.reshape(-1)
    lane = np.uint64(count)
    moves = len(line) > 0
    step, turn, lean = travel
    first, cosine, sine = taps
    for t in range(time):
        now = start + t
        for i in range(count):
            g = np.float64(grad[t, i])
            if step[i] == 0:
                pull[now, i] = g
                continue
            one = 1 + first[i] * window
            two = 1 + (first[i] + 0.5 if first[i] < 0.5 else first[i] - 0.5) * window
            whole, whole_two = np.floor(one), np.floor(two)
            f, f_two = one - whole, two - whole_two
            at = np.uint64((now - np.int64(whole) - 2) * count + i)
            at_two = np.uint64((now - np.int64(whole_two) - 2) * count + i)
            c, s = cosine[i], sine[i]
            _spread(pulled, at, lane, f, s * s * g)
            _spread(pulled, at_two, lane, f_two, c * c * g)
            if moves:  # each sample's step has moved the taps t times
                fade = _between(flat, at, lane, f) - _between(flat, at_two, lane, f_two)
                slide = s * s * _slope(flat, at, lane, f) + c * c * _slope(
                    flat, at_two, lane, f_two
                )
                to_travel[i] += g * t * (2 * math.pi * s * c * fade + window * slide)
            cosine[i], sine[i] = c * turn[i] - s * lean[i], s * turn[i] + c * lean[i]
            place = first[i] + step[i]
            first[i] = place - np.floor(place)
