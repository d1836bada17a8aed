"""Compiled loops of a row of Schroeder's all-passes, and of what combs share with them.

The line inside each is a whole number of samples long, and a first-order all-pass of J.-P. Thiran
(Recursive Digital Filters with Maximally Flat Group Delay, IEEE Trans. Circuit Theory 18(6), 1971)
behind it adds what is missing, or roundings would add up from one to the next and round by round.
"""

from typing import Any

import numpy as np

from graphophone.dsp.compile import Array, kernel
from graphophone.dsp.subnormals import TINY
from graphophone.dsp.vectors import first, fused, last, later, load, register, store, width

DIFFUSION = 0.5
"""Coefficient of the all-pass filters: they die away well before the shortest decay."""

QUIET = 1e-20
"""A ring this soft is searched for tiny values; a louder one has none that live long."""


@kernel
def allpasses(
    rings: Any,
    lates: Array,
    line: Array,
    tank: int,
    spare: Array,
    audio: Array,
    row: int,
    size: int,
) -> None:
    """Replace a row by what Schroeder's all-pass filters in a row make of it.

    ``rings`` are lengths, starts and heads, of which the last are theirs, and the coefficients of
    the all-passes inside; ``lates`` the states of those, see
    :func:`graphophone.dsp.feedback_delay_loops.settle`.
    """
    lengths, starts, heads, bends = rings
    like = register(line)
    step = width(like)
    for j in range(bends.size):
        k = lengths.size - bends.size + j
        bend = np.float64(first(like + bends[j]))
        poles = like - bend, like + bend**2, like + bend**4
        rise, once = load(rises(-bend, spare), 0, 0, like), like + bend**step
        straight, rest, begin = like + bend, like + (1 - bend * bend), 0
        while begin < size:
            end, at = begin + min(size - begin, lengths[k] - heads[k]), starts[k] + heads[k] - begin
            whole, carry = end - (end - begin) % step, like + lates[j]
            for i in range(begin, whole, step):
                x = load(line, tank, at + i, like)
                alone = scan(rest * x, poles)
                after = fused(rise, carry, alone)
                y = fused(straight, x, later(after, 1) + (carry - later(carry, 1)))
                w = fused(like + DIFFUSION, y, load(audio, row, i, like))
                store(line, tank, at + i, w)
                store(audio, row, i, y - DIFFUSION * w)
                carry = fused(once, carry, last(alone))
            late = np.float64(first(carry))
            if whole < end:  # as if more came, so that what comes changes no bit of what was
                x = load(line, tank, at + whole, like)
                after = fused(rise, carry, scan(rest * x, poles))
                y = fused(straight, x, later(after, 1) + (carry - later(carry, 1)))
                store(spare, 0, 0, after)
                late = np.float64(spare[0, end - whole - 1])
                w = fused(like + DIFFUSION, y, load(audio, row, whole, like))
                store(spare, 0, 0, w)
                put(spare, end - whole, line[tank], at + whole)
                store(spare, 0, 0, y - DIFFUSION * w)
                put(spare, end - whole, audio[row], whole)
            lates[j] = late
            if abs(line[tank, at + end - 1]) < QUIET:
                clean(line[tank, at + begin : at + end])
                lates[j] = late if abs(late) > TINY else 0.0
            heads[k] += end - begin
            if heads[k] == lengths[k]:
                heads[k] = 0
            begin = end


@kernel
def put(values: Array, count: int, target: Array, at: int) -> None:
    """Write the first of some values."""
    for i in range(count):
        target[at + i] = values[0, i]


@kernel
def scan(value: Any, poles: Any) -> Any:
    """Return what a one-pole low-pass at rest makes of a register of samples.

    ``poles`` are its pole to the powers 1, 2 and 4.

    Sums over ever longer stretches: W. D. Hillis and G. L. Steele, Data Parallel Algorithms,
    Communications of the ACM 29(12), 1986.
    """
    value = fused(poles[0], later(value, 1), value)
    value = fused(poles[1], later(value, 2), value)
    return fused(poles[2], later(value, 4), value)


@kernel
def rises(pole: float, out: Array) -> Array:
    """Write the powers of a pole, from the first on, into a row, and return it."""
    power = 1.0
    for i in range(out.shape[1]):
        power *= pole
        out[0, i] = power
    return out


@kernel
def clean(ring: Array) -> None:
    """Set what is too small to hear in a ring to zero."""
    for i in range(ring.size):
        ring[i] = ring[i] if abs(ring[i]) > TINY else 0.0
