"""Second-order low-pass filter."""

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
def lowpass(
    in_: Audio,
    *,
    frequency: Annotated[Control, FREQUENCY],
    q: Annotated[Control, Q],
    sample_rate: int,
) -> Audio:
    """Pass what lies below the corner; remove 12 dB per octave above it.

    The filter stays stable while ``frequency`` moves at audio rate.

    Args:
        in_: Signal to filter.
        frequency: Corner in Hz, per sample or static.
        q: Quality factor, which is the gain at the corner; 0.707 is maximally flat.
        sample_rate: Samples per second.

    Returns:
        Filtered signal, same shape as ``in_``.
    """
    return analogue.filtered(
        in_, frequency=frequency, k=1 / q.double(), low=1.0, sample_rate=sample_rate
    )
