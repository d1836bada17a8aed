"""Left and right to mid and side."""

from typing import NamedTuple

from graphophone.dsp import stereo
from graphophone.spec import processor
from graphophone.tensors import Audio


class MidSide(NamedTuple):
    """Outlets."""

    mid: Audio
    side: Audio


@processor(
    group="utility",
    source="A. D. Blumlein, British Patent 394325 (1931), in the orthonormal scaling",
    traits=("lti", "structural"),
)
def midside_split(in_: Audio, *, sample_rate: int) -> MidSide:
    """Split what both channels share from what sets them apart.

    Args:
        in_: Two channels.
        sample_rate: Samples per second; a sum does not depend on it.

    Returns:
        Half the sum and half the difference, each in both channels: their energies add up
        to the input's.
    """
    return MidSide(*stereo.split(in_))
