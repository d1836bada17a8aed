"""Pitch shift."""

from typing import Annotated

from graphophone.dsp import delay_line
from graphophone.spec import Param, processor
from graphophone.tensors import Audio, Control

WINDOW = 0.06
"""Seconds that a tap travels: two periods of the lowest voice, too short to be an echo."""

SEMITONE = Param(
    low=-12,
    high=12,
    default=12,
    unit="semitones",
    step=1,
    gradient=False,
    help="interval by which the pitch changes",
)


@processor(
    group="delay",
    source="U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd ed. (2011), ch. 6.4.3",
    traits=("per_channel",),
    revision=2,
)
def pitchshift(
    in_: Audio,
    *,
    semitone: Annotated[Control, SEMITONE],
    sample_rate: int,
) -> Audio:
    """Raise or lower the pitch and keep the speed.

    Two taps move along a delay line and cross-fade, half a window apart. The result is late by
    0.25 ms and half a window on average, and has the flutter that comes of two taps; upwards, what
    rises above half the sample rate folds back. At 0 semitones the signal passes as it is.

    Args:
        in_: Signal to process.
        semitone: Interval in semitones.
        sample_rate: Samples per second.

    Returns:
        Processed signal, same shape as ``in_``.
    """
    return delay_line.transposed(in_, semitones=semitone, window=WINDOW, sample_rate=sample_rate)
