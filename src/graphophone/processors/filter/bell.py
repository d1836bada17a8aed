"""Bell filter (peaking equaliser)."""

from typing import Annotated

from graphophone.dsp import analogue, svf
from graphophone.processors.filter._knobs import FREQUENCY, GAIN, Q
from graphophone.spec import processor
from graphophone.tensors import Audio, Control


@processor(
    group="filter",
    source="R. Bristow-Johnson, Cookbook formulae for audio EQ biquad filters (W3C Note, 2021), "
    "analogue prototypes, realised as in V. Zavalishin, The Art of VA Filter Design (2018), ch. 4",
    traits=("lti", "per_channel"),
    revision=2,
)
def bell(
    in_: Audio,
    *,
    frequency: Annotated[Control, FREQUENCY],
    q: Annotated[Control, Q],
    gain: Annotated[Control, GAIN],
    sample_rate: int,
) -> Audio:
    """Raise or lower a band around the centre by ``gain``.

    A cut undoes the boost of the same size.

    Args:
        in_: Signal to filter.
        frequency: Centre in Hz, per sample or static.
        q: Centre over bandwidth, measured where half the gain in dB is reached.
        gain: Boost or cut in dB, per sample or static.
        sample_rate: Samples per second.

    Returns:
        Filtered signal, same shape as ``in_``.
    """
    root = svf.amplitude_root(gain)
    k = 1 / (q.double() * root)
    band = k * (root * root - 1)
    return analogue.filtered(
        in_, frequency=frequency, k=k, through=1.0, band=band, sample_rate=sample_rate
    )
