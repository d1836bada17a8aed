"""What the knobs of a reverb stand for: a few numbers a tank, and their slopes.

The constants are our own, in seconds, so that the room is the same at every sample rate.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from graphophone.dsp.compile import Array, kernel
from graphophone.dsp.reverb_loops import PAD
from graphophone.dsp.tank_loops import COMBS

ALLPASSES = np.array([0.0113, 0.0079, 0.0047, 0.0023])
"""All-pass delays in seconds, at scale 1."""

LEAST = 0.2
"""Samples that what adds fractions to an all-pass delays by at least, and by one more at most."""

SPREAD = 0.00061
"""How much longer every delay of the right tank is, in seconds, so that the tanks differ."""


class State(NamedTuple):
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


def silence(scale: Array, sample_rate: int, precision: Any) -> State:
    """Return the state of tanks that have not heard anything."""
    seconds = np.concatenate((COMBS, ALLPASSES)) + SPREAD * np.arange(2.0)[:, None]
    exact = seconds * scale[:, None, None] * sample_rate
    exact = exact.reshape(-1, exact.shape[2])
    held = np.maximum(exact[:, COMBS.size :], 1 + LEAST)
    inner = np.floor(held - LEAST).clip(1)
    lengths = np.hstack((np.rint(exact[:, : COMBS.size]).clip(1), inner)).astype(np.int64)
    ends, rest = lengths.cumsum(1), held - inner
    return State(
        lengths,
        ends - lengths,
        (1 - rest) / (1 + rest),
        np.zeros_like(lengths),
        np.zeros(lengths.shape),
        np.zeros((len(lengths), ends.max() + PAD), precision),
    )


def emptied(state: State) -> State:
    """Return a state with the same delays that remembers nothing."""
    return State(*state[:3], *(np.zeros_like(part) for part in state[3:]))


@kernel
def built(knobs: Any, crossfeed: float, sample_rate: int, lengths: Array) -> Any:
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


def transposed(room: Any) -> Any:
    """Return the room whose mixers are the transposes of the other's, in reverse order."""
    into, back, *rest = room
    other = np.arange(len(into)) ^ 1
    first = np.stack((back[:, 0], back[other, 1]), axis=1)
    last = np.stack((into[:, 0], into[other, 1]), axis=1)
    return first, last, *rest


def straight(room: Any) -> Any:
    """Return derivatives of a room that does not change: gains, poles, relative level."""
    _, _, _, gains, poles = room
    return np.zeros_like(gains), np.zeros_like(poles), np.zeros(len(gains))


def bend_decay(knobs: Any, sample_rate: int, lengths: Array, room: Any) -> Any:
    """Return derivatives with respect to the decay: gains, poles, relative level."""
    decay, scale, *_ = (np.repeat(knob, 2)[:, None] for knob in knobs)
    gains, poles, levels = straight(room)
    steepness = math.log(1000) / decay**2
    gains += room[3] * steepness * lengths[:, : COMBS.size] / sample_rate
    seconds = (COMBS + SPREAD * (np.arange(len(gains)) % 2)[:, None]) * scale
    power = 10.0 ** (-6 * seconds / decay)
    energy = (1 / (1 - power)).sum(1)
    levels -= (power * seconds * steepness / (1 - power) ** 2).sum(1) / energy
    return gains, poles, levels


def bend_pole(knobs: Any, sample_rate: int, lengths: Array, room: Any) -> Any:
    """Return derivatives with respect to the smoothing: gains, poles, relative level."""
    smoothing = knobs[2]
    gains, poles, levels = straight(room)
    moving = room[4] > 0
    poles[moving] = room[4][moving] / (smoothing[moving] ** 2 * sample_rate)
    return gains, poles, levels
