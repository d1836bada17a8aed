"""Phaser."""

from typing import Annotated

from graphophone.dsp import allpass, svf
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


@processor(
    group="filter",
    source="U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd ed. (2011), ch. 2.4.2; "
    "V. Zavalishin, The Art of VA Filter Design, rev. 2.1.2 (2018), ch. 3 and 5",
    traits=("lti", "per_channel"),
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
    ``mix`` is a half. Corners above 0.49 of the sample rate are held there.

    Args:
        in_: Signal to process.
        frequency: Corner of every stage in Hz, per sample or static.
        feedback: Share of the shifted copy that is added to the stages' input.
        mix: Share of the shifted copy in the result.
        sample_rate: Samples per second.

    Returns:
        Processed signal, same shape as ``in_``.
    """
    g = svf.integrator_gain(frequency, sample_rate=sample_rate)
    return allpass.chain(in_, g=g, feedback=feedback, mix=mix)
