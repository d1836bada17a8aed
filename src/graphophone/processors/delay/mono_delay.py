"""Mono delay."""

from typing import Annotated

from graphophone.dsp import analogue, feedback_delay
from graphophone.processors.delay._knobs import ECHO, FEEDBACK, MIX, TONE, TONE_Q
from graphophone.spec import processor
from graphophone.tensors import Audio, Control


@processor(
    group="delay",
    source="U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd ed. (2011), ch. 2.6",
    traits=("lti", "per_channel"),
    revision=2,
)
def mono_delay(
    in_: Audio,
    *,
    delay: Annotated[Control, ECHO],
    feedback: Annotated[Control, FEEDBACK],
    mix: Annotated[Control, MIX],
    frequency: Annotated[Control, TONE],
    q: Annotated[Control, TONE_Q],
    sample_rate: int,
) -> Audio:
    """Repeat each channel in place, every echo filtered once more than the last.

    The line's output runs through a band-pass filter of unit peak gain, is heard, and returns to
    the line. Echoes also come between samples.

    Args:
        in_: Signal to process.
        delay: Time between echoes in seconds.
        feedback: Gain from one echo to the next.
        mix: Share of the echoes in the result.
        frequency: Centre of the band-pass filter in Hz.
        q: Quality factor of the band-pass filter.
        sample_rate: Samples per second.

    Returns:
        Processed signal, same shape as ``in_``.
    """
    k = 1 / q.double()
    tone = analogue.section(frequency, k=k, band=k, sample_rate=sample_rate)
    lead = analogue.band_pass_lead(tone, frequency, k, sample_rate)
    return feedback_delay.separate(
        in_,
        delay=delay.double() * sample_rate + lead,
        feedback=feedback,
        mix=mix,
        **tone._asdict(),
    )
