"""Ping-pong delay."""

from typing import Annotated

from graphophone.dsp import analogue, feedback_delay
from graphophone.processors.delay._knobs import ECHO, FEEDBACK, MIX, TONE, TONE_Q
from graphophone.spec import Param, processor
from graphophone.tensors import Audio, Control

STEREO_OFFSET = Param(
    low=-0.5,  # from a bounce twice as fast to a dotted one
    high=0.5,
    default=0,
    gradient=False,
    help="how much longer the right line is than the left one, as a share of its length",
)


@processor(
    group="delay",
    source="U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd ed. (2011), ch. 2.6 and 5",
    traits=("lti",),
    revision=2,
)
def pingpong_delay(
    in_: Audio,
    *,
    delay: Annotated[Control, ECHO],
    feedback: Annotated[Control, FEEDBACK],
    mix: Annotated[Control, MIX],
    frequency: Annotated[Control, TONE],
    q: Annotated[Control, TONE_Q],
    stereo_offset: Annotated[Control, STEREO_OFFSET],
    sample_rate: int,
) -> Audio:
    """Throw echoes from side to side, the first one to the left.

    The mean of both channels enters the left line; each line's output runs through a band-pass
    filter of unit peak gain, is heard on its side, and enters the other line, ``feedback`` times as
    loud. Echoes also come between samples.

    Args:
        in_: Signal to process, two channels.
        delay: Length of the left line in seconds.
        feedback: Gain from one echo to the next, on the other side.
        mix: Share of the echoes in the result.
        frequency: Centre of the band-pass filters in Hz.
        q: Quality factor of the band-pass filters.
        stereo_offset: The right line is ``1 + stereo_offset`` times as long as the left one.
        sample_rate: Samples per second.

    Returns:
        Processed signal, same shape as ``in_``.
    """
    left = delay.double() * sample_rate
    k = 1 / q.double()
    tone = analogue.section(frequency, k=k, band=k, sample_rate=sample_rate)
    lead = analogue.band_pass_lead(tone, frequency, k, sample_rate)
    return feedback_delay.crossed(
        in_,
        left=left + lead,
        right=left * (1 + stereo_offset.double()) + lead,
        feedback=feedback,
        mix=mix,
        **tone._asdict(),
    )
