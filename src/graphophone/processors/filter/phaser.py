"""Phaser."""

import math
from collections.abc import Iterator
from typing import Annotated, NamedTuple

import torch
from torch import Tensor

from graphophone.dsp import analogue
from graphophone.spec import Param, processor
from graphophone.tensors import Audio, Control

FREQUENCY = Param(
    low=100,  # where the notches of phaser pedals travel: from the voice's fundamental to its air
    high=8_000,
    default=800,
    unit="Hz",
    taper="log",
    inlet="mod",
    help="corner of the all-pass stages",
)
FEEDBACK = Param(low=0, high=0.9, default=0.5, help="sharpness of the peaks between the notches")
MIX = Param(low=0.1, high=1, default=0.5, help="share of the phase-shifted signal")

STAGES = 6
"""All-pass stages; two make a notch."""

SMALLEST = 1e-6
"""Shares are held this far above nothing: a sixth root has no slope there."""


@processor(
    group="filter",
    source="U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd ed. (2011), ch. 2.4.2; "
    "V. Zavalishin, The Art of VA Filter Design, rev. 2.1.2 (2018), ch. 3 and 5",
    traits=("lti", "per_channel"),
    revision=2,
)
def phaser(
    in_: Audio,
    *,
    frequency: Annotated[Control, FREQUENCY],
    feedback: Annotated[Control, FEEDBACK],
    mix: Annotated[Control, MIX],
    sample_rate: int,
) -> Audio:
    """Mix with a copy shifted in phase by six all-pass stages: three notches.

    The feedback runs around all stages and has no delay of its own. The notches are deepest where
    ``mix`` is a half.

    Run as the three second-order sections that this is: with ``p`` for a stage, (1 - s) / (1 + s),
    the whole is ((1 - mix) + e p**6) / (1 - feedback p**6), e = mix - feedback (1 - mix), whose
    roots in ``p`` are known. A digital all-pass chain cannot follow an analogue one in phase, so
    its notches would lie elsewhere at every sample rate; magnitudes can be followed.

    Args:
        in_: Signal to process.
        frequency: Corner of every stage in Hz, per sample or static.
        feedback: Share of the shifted copy that is added to the stages' input.
        mix: Share of the shifted copy in the result.
        sample_rate: Samples per second.

    Returns:
        Processed signal, same shape as ``in_``.
    """
    feedback, dry = feedback.double(), 1 - mix.double()
    back = mix.double() - feedback * dry
    poles = _roots(_root(feedback), torch.ones_like(feedback), even=feedback >= 0)
    zeros = _roots(_root(back.abs()), _root(dry), even=back < 0)
    gain = dry + mix.double() / (1 - feedback)
    out = in_
    for pole, zero in zip(poles, zeros, strict=True):
        k = pole.slope / pole.corner
        out = analogue.filtered(
            out,
            frequency=frequency,
            shift=pole.corner,
            tune=torch.minimum(pole.corner, zero.corner),
            k=k,
            through=gain,
            band=gain * (zero.slope / pole.corner - k),
            low=gain * ((zero.corner / pole.corner).square() - 1),
            sample_rate=sample_rate,
        )
        gain = torch.ones_like(gain)
    return out


class _Pair(NamedTuple):
    """Two roots of s**2 + slope s + corner**2."""

    slope: Tensor
    corner: Tensor


def _roots(x: Tensor, y: Tensor, even: Tensor) -> Iterator[_Pair]:
    """Give the roots of y**6 - x**6 p**6, or with the other sign, from the lowest to the highest.

    With u for a sixth root of 1 or of -1 the roots are p = y / (x u), so that
    s = (x u - y) / (x u + y). Their corners are found from the cosine of the angle of u.

    Args:
        x: Sixth root of the factor of p**6.
        y: Sixth root of the constant.
        even: Whether the two differ in sign, so that u is a root of 1.
    """
    total, product = x * x + y * y, 2 * x * y
    difference = 2 * (y * y - x * x)
    cosine = torch.where(even, math.cos(math.pi / 3) * product, math.cos(math.pi / 6) * product)
    # With even, the angles 0 and 180 degrees make two real roots, one over the other.
    upright = torch.where(even, 2 * total / (0.5 * difference), difference / total)
    low, high = total - cosine, total + cosine
    yield _Pair(difference / high, (low / high).sqrt())
    yield _Pair(upright, torch.ones_like(total))
    yield _Pair(difference / low, (high / low).sqrt())


def _root(share: Tensor) -> Tensor:
    root: Tensor = (share + SMALLEST) ** (1 / STAGES)
    return root
