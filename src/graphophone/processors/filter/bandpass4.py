"""Fourth-order band-pass filter."""

from typing import Annotated

from graphophone.dsp import analogue
from graphophone.processors.filter._knobs import FREQUENCY, Q
from graphophone.spec import processor
from graphophone.tensors import Audio, Control


@processor(
    group="filter",
    source="V. Zavalishin, The Art of VA Filter Design, rev. 2.1.2 (2018), ch. 4",
    traits=("lti", "per_channel"),
    revision=2,
)
def bandpass4(
    in_: Audio,
    *,
    frequency: Annotated[Control, FREQUENCY],
    q: Annotated[Control, Q],
    sample_rate: int,
) -> Audio:
    """Pass a band around the centre, at unit gain; remove 12 dB per octave beyond it.

    Two equal second-order sections.

    Args:
        in_: Signal to filter.
        frequency: Centre in Hz, per sample or static.
        q: Quality factor of each section; the band is 0.64 times as wide as one section's.
        sample_rate: Samples per second.

    Returns:
        Filtered signal, same shape as ``in_``.
    """
    k = 1 / q.double()
    once = analogue.filtered(in_, frequency=frequency, k=k, band=k, sample_rate=sample_rate)
    return analogue.filtered(once, frequency=frequency, k=k, band=k, sample_rate=sample_rate)
