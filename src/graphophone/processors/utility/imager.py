"""Stereo width."""

from typing import Annotated

from graphophone.dsp import stereo
from graphophone.spec import Param, processor
from graphophone.tensors import Audio, Control

WIDTH = Param(low=0, high=2, default=1.5, help="gain of what sets both channels apart")


@processor(
    group="utility",
    source="A. D. Blumlein, British Patent 394325 (1931): the ratio of sum and difference",
    traits=("lti",),
)
def imager(in_: Audio, *, width: Annotated[Control, WIDTH], sample_rate: int) -> Audio:
    """Narrow or widen the stereo image.

    Args:
        in_: Two channels.
        width: 0 is mono, 1 changes nothing, 2 doubles the difference.
        sample_rate: Samples per second; a gain does not depend on it.

    Returns:
        Two channels with the same sum and a scaled difference.
    """
    return stereo.widen(in_, width=width)
