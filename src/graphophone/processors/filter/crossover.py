"""Two-way crossover."""

from typing import Annotated, NamedTuple

from graphophone.dsp import analogue, svf
from graphophone.processors.filter._knobs import FREQUENCY
from graphophone.spec import processor
from graphophone.tensors import Audio, Control


class Bands(NamedTuple):
    """What lies below and above the corner."""

    low: Audio
    high: Audio


@processor(
    group="filter",
    source="S. Linkwitz, R. Riley, Active Crossover Networks for Noncoincident Drivers, "
    "J. Audio Eng. Soc. 24(1), 1976; fourth order, on the filter of "
    "V. Zavalishin, The Art of VA Filter Design, rev. 2.1.2 (2018), ch. 4",
    traits=("lti", "per_channel"),
    revision=2,
)
def crossover(
    in_: Audio,
    *,
    frequency: Annotated[Control, FREQUENCY],
    sample_rate: int,
) -> Bands:
    """Split into two bands that add up to the input with only its phase changed.

    Each band is a Butterworth filter of second order, run twice: -6 dB at the corner and 24 dB
    per octave beyond it.

    Args:
        in_: Signal to split.
        frequency: Corner in Hz, per sample or static.
        sample_rate: Samples per second.

    Returns:
        The bands, each of the same shape as ``in_``.
    """
    k = svf.BUTTERWORTH
    low, high = in_, in_
    for _ in range(2):
        low = analogue.filtered(low, frequency=frequency, k=k, low=1.0, sample_rate=sample_rate)
        high = analogue.filtered(
            high, frequency=frequency, k=k, through=1.0, band=-k, low=-1.0, sample_rate=sample_rate
        )
    return Bands(low=low, high=high)
