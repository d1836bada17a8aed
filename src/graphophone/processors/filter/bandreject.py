"""Second-order band-reject filter."""

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
def bandreject(
    in_: Audio,
    *,
    frequency: Annotated[Control, FREQUENCY],
    q: Annotated[Control, Q],
    sample_rate: int,
) -> Audio:
    """Remove a band around the centre, down to nothing; pass the rest.

    Args:
        in_: Signal to filter.
        frequency: Centre in Hz, per sample or static.
        q: Centre over bandwidth between the -3 dB points.
        sample_rate: Samples per second.

    Returns:
        Filtered signal, same shape as ``in_``.
    """
    k = 1 / q.double()
    return analogue.filtered(
        in_, frequency=frequency, k=k, through=1.0, band=-k, sample_rate=sample_rate
    )
