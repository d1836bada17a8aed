"""Fader and panorama knob of a channel strip."""

import math
from typing import Annotated

import torch

from graphophone.dsp import stereo
from graphophone.spec import Param, processor
from graphophone.tensors import Audio, Control

GAIN = Param(low=-60, high=24, default=0, unit="dB", help="level")
PAN = Param(low=-1, high=1, default=0, help="place between left and right")


@processor(
    group="utility",
    source="U. Zölzer (ed.), DAFX, 2nd ed. (2011), sec. 5.3.1, amplitude panning with "
    "constant power, scaled to unity at the centre",
    traits=("lti",),
)
def gain_pan(
    in_: Audio,
    *,
    gain: Annotated[Control, GAIN],
    pan: Annotated[Control, PAN],
    sample_rate: int,
) -> Audio:
    """Set the level of a channel and place it between left and right.

    Args:
        in_: Two channels.
        gain: Level in dB.
        pan: -1 is left, 0 leaves both as they are, 1 is right.
        sample_rate: Samples per second; a gain does not depend on it.

    Returns:
        Two channels with their gains.
    """
    return stereo.balance(in_ * torch.exp(gain * (math.log(10) / 20)), pan=pan)
