"""Second-order high shelf."""

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
def highshelf(
    in_: Audio,
    *,
    frequency: Annotated[Control, FREQUENCY],
    q: Annotated[Control, Q],
    gain: Annotated[Control, GAIN],
    sample_rate: int,
) -> Audio:
    """Raise or lower what lies above the corner by ``gain``.

    Half the gain, in dB, is reached at the corner.

    Args:
        in_: Signal to filter.
        frequency: Middle of the slope in Hz, per sample or static.
        q: Steepness of the slope; above 0.707 it overshoots.
        gain: Boost or cut in dB, per sample or static.
        sample_rate: Samples per second.

    Returns:
        Filtered signal, same shape as ``in_``.
    """
    root = svf.amplitude_root(gain)
    k = 1 / q.double()
    full = root * root
    return analogue.filtered(
        in_,
        frequency=frequency,
        shift=root.sqrt(),
        k=k,
        through=full,
        band=k * (root - full),
        low=1 - full,
        sample_rate=sample_rate,
    )
