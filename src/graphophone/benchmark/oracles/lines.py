"""Echoes and rooms, computed one turn of their delay line at a time.

Sources: M. R. Schroeder, Natural Sounding Artificial Reverberation, J. Audio Eng. Soc. 10(3), 1962;
J. A. Moorer, About This Reverberation Business, Computer Music Journal 3(2), 1979; J. O. Smith,
Physical Audio Signal Processing (2010), Freeverb; U. Zölzer (ed.), DAFX, 2nd ed. (2011), ch. 2.6.
"""

import math
from collections.abc import Callable, Mapping

import numpy as np
import scipy.signal

from graphophone.benchmark.contender import Array
from graphophone.benchmark.oracles.filters import lead, matched

COMBS = (0.0287, 0.0307, 0.0331, 0.0359, 0.0373, 0.0409, 0.0433, 0.0461)
ALLPASSES = (0.0113, 0.0079, 0.0047, 0.0023)
SPREAD = 0.00061
DIFFUSION = 0.5
"""Our reverb in seconds, written out again as all that is here."""
FREE_COMBS = (1116, 1188, 1277, 1356, 1422, 1491, 1557, 1617)
FREE_ALLPASSES = (556, 441, 341, 225)
FREE_SPREAD = 23
FREE_GAIN = 0.015

Loop = Callable[[Array], Array]
"""What happens to the sound on its way around a line; it keeps its own state."""


def turns(x: Array, length: int, around: Loop, feedback: float) -> Array:
    """Return what comes out of a line fed with ``x`` and its own output, ``around`` a loop.

    Args:
        x: Input, time last.
        length: Of the line, in samples.
        around: Applied to the line's output; its result is what is returned.
        feedback: Share of that result that enters the line again.
    """
    heard = np.zeros_like(x)
    inside = np.zeros_like(x[..., :length])
    for start in range(0, x.shape[-1], length):
        now = x[..., start : start + length]
        heard[..., start : start + length] = out = around(inside[..., : now.shape[-1]])
        inside = now + feedback * out
    return heard


def echo(delay: int, feedback: float, mix: float) -> Callable[[Array], Array]:
    """Return a plain echo."""
    return lambda x: (1 - mix) * x + mix * turns(x, delay, lambda y: y, feedback)


def split(samples: float) -> tuple[int, float]:
    """Return a delay as whole samples and the coefficient of Thiran's all-pass for the rest.

    The rest is from 0.2 to 1.2 samples.
    """
    whole = math.floor(samples - 0.2)
    return whole, (1 - samples + whole) / (1 + samples - whole)


def toned_echo(knobs: Mapping[str, float], rate: int) -> Callable[[Array], Array]:
    """Return an echo that is filtered by a band-pass each time it comes."""
    (delay, bend), mix = split(knobs["delay"] * rate + lead(knobs, rate)), knobs["mix"]
    row = np.stack(([bend, 1, 0, 1, bend, 0], matched("bandpass", knobs, rate)))

    def run(x: Array) -> Array:
        state = np.zeros((2, len(x), 2))

        def around(y: Array) -> Array:
            nonlocal state
            out, state = scipy.signal.sosfilt(row, y, zi=state)
            return np.asarray(out)

        return (1 - mix) * x + mix * turns(x, delay, around, knobs["feedback"])

    return run


def comb(x: Array, length: int, gain: float, pole: float) -> Array:
    """Return what a comb gives whose loop has a one-pole low-pass."""
    out = np.zeros_like(x)
    inside, state = np.zeros(length), np.zeros(1)
    for start in range(0, len(x), length):
        now = x[start : start + length]
        leaving = inside[: len(now)]
        out[start : start + length] = leaving
        low, state = scipy.signal.lfilter([1 - pole], [1, -pole], leaving, zi=state)
        inside = now + gain * low
    return out


def allpass(
    x: Array, length: int, gain: float, *, bend: float | None = None, free: bool = False
) -> Array:
    """Return Schroeder's all-pass filter; ``bend`` adds part of a sample to its line.

    Freeverb's takes away its input, where Schroeder's takes away a share of what enters its line.
    """
    out = np.zeros_like(x)
    inside, state = np.zeros(length), np.zeros(1)
    for start in range(0, len(x), length):
        now = x[start : start + length]
        leaving = inside[: len(now)]
        if bend is not None:
            leaving, state = scipy.signal.lfilter([bend, 1], [1, bend], leaving, zi=state)
        entering = now + gain * leaving
        out[start : start + length] = leaving - (now if free else gain * entering)
        inside = entering
    return out


def room(knobs: Mapping[str, float], rate: int, *, crossfeed: float) -> Callable[[Array], Array]:
    """Return our reverb: two tanks of eight damped combs and four all-pass filters."""
    decay, scale = 0.2 * 30 ** knobs["size"], 0.5 + 0.75 * knobs["size"]
    pole = math.exp(-1 / (1e-4 * knobs["damping"] * rate)) if knobs["damping"] else 0.0

    def run(x: Array) -> Array:
        tails = []
        for side in (0, 1):
            seconds = [(d + SPREAD * side) * scale for d in COMBS]
            loudness = sum(1 / (1 - 10 ** (-6 * d / decay)) for d in seconds)
            fed = ((1 - crossfeed) * x[side] + crossfeed * x[1 - side]) / math.sqrt(loudness)
            lengths = [round(d * rate) for d in seconds]
            combs = [comb(fed, n, 10 ** (-3 * n / rate / decay), pole) for n in lengths]
            tail: Array = np.sum(combs, axis=0)
            for d in ALLPASSES:
                whole, bend = split((d + SPREAD * side) * scale * rate)
                tail = allpass(tail, whole, DIFFUSION, bend=bend)
            tails.append(tail)
        return _placed(x, tails, knobs["mix"], 1 - knobs["mix"], knobs["width"])

    return run


def freeverb(
    *, size: float, damping: float, wet: float, dry: float, width: float, rate: int
) -> Callable[[Array], Array]:
    """Return Freeverb as it was published, with knobs from 0 to 1."""

    def run(x: Array) -> Array:
        fed = FREE_GAIN * (x[0] + x[1])
        tails = []
        for side in (0, 1):
            lengths = [rate * (d + FREE_SPREAD * side) // 44_100 for d in FREE_COMBS]
            combs = [comb(fed, n, 0.28 * size + 0.7, 0.4 * damping) for n in lengths]
            tail: Array = np.sum(combs, axis=0)
            for d in FREE_ALLPASSES:
                tail = allpass(tail, rate * (d + FREE_SPREAD * side) // 44_100, 0.5, free=True)
            tails.append(tail)
        return _placed(x, tails, 3 * wet, 2 * dry, width)

    return run


def _placed(x: Array, tails: list[Array], wet: float, dry: float, width: float) -> Array:
    near, far = 0.5 * wet * (1 + width), 0.5 * wet * (1 - width)
    return dry * x + near * np.stack(tails) + far * np.stack(tails[::-1])
