"""Vibrato."""

from dataclasses import replace
from typing import Annotated

from graphophone.dsp import delay_line
from graphophone.processors.delay import _knobs
from graphophone.spec import Param, processor
from graphophone.tensors import Audio, Control

DELAY = Param(
    low=0.005,  # with 2 ms of swing at 5 Hz a semitone each way (DAFX, ch. 2.6.1)
    high=0.0095,
    default=0.00725,
    unit="s",
    inlet="mod",
    help="length of the delay line",
)
FEEDBACK = replace(_knobs.FEEDBACK, default=0.0)
MIX = replace(_knobs.MIX, default=1.0)


@processor(
    group="delay",
    source="U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd ed. (2011), ch. 2.6",
    traits=("lti", "per_channel"),
    revision=2,
)
def vibrato(
    in_: Audio,
    *,
    delay: Annotated[Control, DELAY],
    feedback: Annotated[Control, FEEDBACK],
    mix: Annotated[Control, MIX],
    sample_rate: int,
) -> Audio:
    """Delay the signal alone, so that a moving delay bends its pitch.

    The line is read between samples; with a modulated ``delay`` the pitch rises while it shrinks.

    Args:
        in_: Signal to process.
        delay: Length of the delay line in seconds, per sample or static.
        feedback: Share of the line's output that is written back.
        mix: Share of the line's output in the result.
        sample_rate: Samples per second.

    Returns:
        Processed signal, same shape as ``in_``.
    """
    return delay_line.modulated(
        in_, delay=delay, feedback=feedback, mix=mix, longest=DELAY.high, sample_rate=sample_rate
    )
