"""Bell filter (peaking equaliser)."""

from typing import Annotated

from graphophone.dsp import svf
from graphophone.processors.filter._knobs import FREQUENCY, GAIN, Q
from graphophone.spec import processor
from graphophone.tensors import Audio, Control


@processor(
    group="filter",
    source="R. Bristow-Johnson, Cookbook formulae for audio EQ biquad filters (W3C Note, 2021), "
    "analogue prototypes, realised as in V. Zavalishin, The Art of VA Filter Design (2018), ch. 4",
    traits=("lti", "per_channel"),
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

    A cut undoes the boost of the same size. Centres above 0.49 of the sample rate are held there.

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
    g = svf.integrator_gain(frequency, sample_rate=sample_rate)
    k = 1 / (q.double() * root)
    return svf.filtered(in_, g=g, k=k, through=1.0, band=k * (root * root - 1))
