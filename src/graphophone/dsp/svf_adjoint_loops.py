"""The compiled loops of the state-variable filter's gradient, backward in time.

The filter is that of :mod:`graphophone.dsp.svf_loops`. Only the states before each block were
kept; those inside it are computed again, a block at a time, so that they stay in a cache. Then the
adjoint recurrence takes what a loss feels of the states, ``p`` and ``q``, from one sample to the
one before.
"""

from typing import Any

import numpy as np
from numba import literal_unroll

from graphophone.dsp.compile import Array, kernel
from graphophone.dsp.svf_loops import BLOCK
from graphophone.dsp.vectors import fused, load, store, width, zeros

SUMS = 7
"""Sums over time that the gradients of static controls are made of: see :func:`_static`."""


@kernel
def static(audio: Array, controls: Any, starts: Array, grad: Array, into: Any) -> None:
    """Write the gradients of a filter that does not move.

    Args:
        audio: Signal (time, lanes).
        controls: Integrator gain, damping and shares of the input, the band-pass and the low-pass
            output, each (1, lanes).
        starts: States (blocks, 2, lanes) before each block.
        grad: Gradient of the output (time, lanes).
        into: Where the gradients of the signal and of each control go.
    """
    g, k = controls[0], controls[1]
    time, count = audio.shape
    felt, sums = np.zeros((2, count)), np.zeros((SUMS, count))
    first, second = np.empty((BLOCK + 1, count)), np.empty((BLOCK + 1, count))
    for block in range(len(starts) - 1, -1, -1):
        start, lane = block * BLOCK, 0
        stop = min(start + BLOCK, time)
        for like in literal_unroll((zeros(8), zeros(4), zeros(2), zeros(1))):
            while lane + width(like) <= count:
                states = first, second, starts[block]
                _static(lane, like, audio, controls, start, stop, states, grad, felt, sums, into[0])
                lane += width(like)
    for i in range(count):
        gain, damping = g[0, i], k[0, i]
        a1 = 1 / (1 + gain * (gain + damping))
        to_a3 = sums[0, i]
        to_a2 = sums[1, i] + sums[2, i] + gain * to_a3
        to_a1 = sums[3, i] + gain * to_a2
        into[1][0, i] = gain * a1 * to_a3 + a1 * to_a2 - to_a1 * (2 * gain + damping) * a1 * a1
        into[2][0, i] = -to_a1 * gain * a1 * a1
        into[3][0, i], into[4][0, i], into[5][0, i] = sums[4, i], sums[5, i], sums[6, i]


@kernel
def _static(
    lane: int,
    like: Any,
    audio: Array,
    controls: Any,
    start: int,
    stop: int,
    states: Any,
    grad: Array,
    felt: Array,
    sums: Array,
    to_audio: Array,
) -> None:
    """Go back through one block of some lanes.

    With ``d1`` and ``d2`` what is felt of the band-pass and the low-pass output, the sums are of
    ``d2 * (x - s2)``, ``d1 * (x - s2)``, ``d2 * s1``, ``d1 * s1``, and of the gradient times the
    input, the band-pass and the low-pass output.
    """
    g, k, through, band, low = controls
    first, second, before = states
    gain = load(g, 0, lane, like)
    m0, m1, m2 = load(through, 0, lane, like), load(band, 0, lane, like), load(low, 0, lane, like)
    a1 = 1 / (1 + gain * (gain + load(k, 0, lane, like)))
    a2 = gain * a1
    a3 = gain * a2
    e, f, h = 2 * a1 - 1, 2 * a2, 2 * a3
    p, q = load(before, 0, lane, like), load(before, 1, lane, like)
    for t in range(start, stop):
        store(first, t - start, lane, p)
        store(second, t - start, lane, q)
        drive = load(audio, t, lane, like) - q
        p, q = fused(f, drive, e * p), fused(h, drive, fused(f, p, q))
    store(first, stop - start, lane, p)
    store(second, stop - start, lane, q)

    # What the gradient of one output adds to the states, apart from what they felt already.
    b1, b2 = fused(a1, m1, a2 * m2), m2 - fused(a2, m1, a3 * m2)
    p, q = load(felt, 0, lane, like), load(felt, 1, lane, like)
    s0, s1, s2 = load(sums, 0, lane, like), load(sums, 1, lane, like), load(sums, 2, lane, like)
    s3, s4, s5 = load(sums, 3, lane, like), load(sums, 4, lane, like), load(sums, 5, lane, like)
    s6 = load(sums, 6, lane, like)
    after_1, after_2 = load(first, stop - start, lane, like), load(second, stop - start, lane, like)
    for back in range(stop - start):
        t = stop - 1 - back
        x, y = load(audio, t, lane, like), load(grad, t, lane, like)
        state_1, state_2 = load(first, t - start, lane, like), load(second, t - start, lane, like)
        drive = x - state_2
        d1, d2 = fused(m1, y, 2 * p), fused(m2, y, 2 * q)
        store(to_audio, t, lane, fused(a2, d1, fused(a3, d2, m0 * y)))
        p, q = fused(e, p, fused(f, q, b1 * y)), fused(-1 * f, p, fused(1 - h, q, b2 * y))
        s0, s1 = fused(d2, drive, s0), fused(d1, drive, s1)
        s2, s3 = fused(d2, state_1, s2), fused(d1, state_1, s3)
        half = 0.5 * y
        s4, s5 = fused(y, x, s4), fused(half, state_1 + after_1, s5)
        s6 = fused(half, state_2 + after_2, s6)
        after_1, after_2 = state_1, state_2
    store(felt, 0, lane, p)
    store(felt, 1, lane, q)
    store(sums, 0, lane, s0)
    store(sums, 1, lane, s1)
    store(sums, 2, lane, s2)
    store(sums, 3, lane, s3)
    store(sums, 4, lane, s4)
    store(sums, 5, lane, s5)
    store(sums, 6, lane, s6)


@kernel
def moving(audio: Array, controls: Any, starts: Array, grad: Array, into: Any) -> None:
    """Do the same for controls of which some are (time, lanes), adding to gradients at zero."""
    time, count = audio.shape
    felt = np.zeros((2, count))
    first, second = np.empty((BLOCK, count)), np.empty((BLOCK, count))
    for block in range(len(starts) - 1, -1, -1):
        start, lane = block * BLOCK, 0
        stop = min(start + BLOCK, time)
        for like in literal_unroll((zeros(8), zeros(4), zeros(2), zeros(1))):
            while lane + width(like) <= count:
                states = first, second, starts[block]
                _moving(lane, like, audio, controls, start, stop, states, grad, felt, into)
                lane += width(like)


@kernel
def _moving(
    lane: int,
    like: Any,
    audio: Array,
    controls: Any,
    start: int,
    stop: int,
    states: Any,
    grad: Array,
    felt: Array,
    into: Any,
) -> None:
    """Go back through one block of some lanes."""
    g, k, through, band, low = controls
    to_audio, to_g, to_k, to_through, to_band, to_low = into
    by_g, by_k = int(len(g) > 1), int(len(k) > 1)
    by_0, by_1, by_2 = int(len(through) > 1), int(len(band) > 1), int(len(low) > 1)
    first, second, before = states
    p, q = load(before, 0, lane, like), load(before, 1, lane, like)
    for t in range(start, stop):
        store(first, t - start, lane, p)
        store(second, t - start, lane, q)
        gain = load(g, t * by_g, lane, like)
        twice = 2 / (1 + gain * (gain + load(k, t * by_k, lane, like)))
        f = gain * twice
        drive = load(audio, t, lane, like) - q
        p, q = fused(f, drive, (twice - 1) * p), fused(gain * f, drive, fused(f, p, q))

    p, q = load(felt, 0, lane, like), load(felt, 1, lane, like)
    for back in range(stop - start):
        t = stop - 1 - back
        tg, tk, t0, t1, t2 = t * by_g, t * by_k, t * by_0, t * by_1, t * by_2
        gain, damping = load(g, tg, lane, like), load(k, tk, lane, like)
        a1 = 1 / (1 + gain * (gain + damping))
        a2 = gain * a1
        a3 = gain * a2
        x, y = load(audio, t, lane, like), load(grad, t, lane, like)
        s1, s2 = load(first, t - start, lane, like), load(second, t - start, lane, like)
        drive = x - s2
        v1, v2 = fused(a2, drive, a1 * s1), fused(a3, drive, fused(a2, s1, s2))
        d1 = fused(load(band, t1, lane, like), y, 2 * p)
        d2 = fused(load(low, t2, lane, like), y, 2 * q)
        down = fused(a2, d1, a3 * d2)
        store(to_audio, t, lane, fused(load(through, t0, lane, like), y, down))
        p, q = fused(a1, d1, fused(a2, d2, -1 * p)), d2 - down - q
        to_a3 = d2 * drive
        to_a2 = fused(d1, drive, fused(d2, s1, gain * to_a3))
        to_a1 = fused(d1, s1, gain * to_a2)
        of_k = to_a1 * a1 * a1
        of_g = fused(a2, to_a3, a1 * to_a2) - of_k * (2 * gain + damping)
        store(to_g, tg, lane, load(to_g, tg, lane, like) + of_g)
        store(to_k, tk, lane, load(to_k, tk, lane, like) - gain * of_k)
        store(to_through, t0, lane, fused(y, x, load(to_through, t0, lane, like)))
        store(to_band, t1, lane, fused(y, v1, load(to_band, t1, lane, like)))
        store(to_low, t2, lane, fused(y, v2, load(to_low, t2, lane, like)))
    store(felt, 0, lane, p)
    store(felt, 1, lane, q)
