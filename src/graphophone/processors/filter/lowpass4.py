"""Fourth-order low-pass filter."""

import math
from typing import Annotated

from graphophone.dsp import analogue, svf
from graphophone.processors.filter._knobs import FREQUENCY, Q
from graphophone.spec import processor
from graphophone.tensors import Audio, Control


@processor(
    group="filter",
    source="V. Zavalishin, The Art of VA Filter Design, rev. 2.1.2 (2018), ch. 4",
    traits=("lti", "per_channel"),
    revision=2,
)
def lowpass4(
    in_: Audio,
    *,
    frequency: Annotated[Control, FREQUENCY],
    q: Annotated[Control, Q],
    sample_rate: int,
) -> Audio:
    """Pass what lies below the corner; remove 24 dB per octave above it.

    Two second-order sections with the Butterworth quality factors 0.541 and 1.307; the second
    is scaled by ``q`` so that ``q`` is the gain at the corner, as in the second-order filter.

    Args:
        in_: Signal to filter.
        frequency: Corner in Hz, per sample or static.
        q: Gain at the corner; 0.707 is maximally flat.
        sample_rate: Samples per second.

    Returns:
        Filtered signal, same shape as ``in_``.
    """
    first, second = svf.BUTTERWORTH_4
    k = second * math.sqrt(0.5) / q.double()
    once = analogue.filtered(in_, frequency=frequency, k=first, low=1.0, sample_rate=sample_rate)
    return analogue.filtered(once, frequency=frequency, k=k, low=1.0, sample_rate=sample_rate)
