"""Stereo balance."""

from typing import Annotated

from graphophone.dsp import stereo
from graphophone.spec import Param, processor
from graphophone.tensors import Audio, Control

PAN = Param(low=-1, high=1, default=0, inlet="pan", help="place between left and right")


@processor(
    group="utility",
    source="U. Zölzer (ed.), DAFX, 2nd ed. (2011), sec. 5.3.1, amplitude panning with "
    "constant power, scaled to unity at the centre",
    traits=("lti",),
)
def panning(in_: Audio, *, pan: Annotated[Control, PAN], sample_rate: int) -> Audio:
    """Move the sound between left and right.

    A balance: each channel keeps its content and changes its gain, by 3 dB up at most.

    Args:
        in_: Two channels.
        pan: -1 is left, 1 is right; per sample or static.
        sample_rate: Samples per second; a gain does not depend on it.

    Returns:
        Two channels with gains sqrt(2) cos and sqrt(2) sin of (pan + 1) pi / 4.
    """
    return stereo.balance(in_, pan=pan)
