"""Four echoes, each with its own time, level and place."""

import math
from typing import Annotated

import torch

from graphophone.dsp import taps
from graphophone.spec import Param, processor
from graphophone.tensors import Audio, Control

LONGEST = 1.0


def _delay(default: float) -> Param:
    return Param(
        low=0.01, high=LONGEST, default=default, unit="s", taper="log", help="time of the echo"
    )


GAIN = Param(low=-60, high=0, default=-12, unit="dB", help="level of the echo")
PAN = Param(low=-1, high=1, default=0, help="place of the echo between left and right")


@processor(
    group="delay",
    source="U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd ed. (2011), ch. 2.6",
    traits=("lti",),
)
def multitap_delay(
    in_: Audio,
    *,
    delay_1: Annotated[Control, _delay(0.12)],
    gain_1: Annotated[Control, GAIN],
    pan_1: Annotated[Control, PAN],
    delay_2: Annotated[Control, _delay(0.24)],
    gain_2: Annotated[Control, GAIN],
    pan_2: Annotated[Control, PAN],
    delay_3: Annotated[Control, _delay(0.36)],
    gain_3: Annotated[Control, GAIN],
    pan_3: Annotated[Control, PAN],
    delay_4: Annotated[Control, _delay(0.48)],
    gain_4: Annotated[Control, GAIN],
    pan_4: Annotated[Control, PAN],
    sample_rate: int,
) -> Audio:
    """Add four echoes to a signal; none feeds back.

    Times fall between samples, so they have a gradient like every other knob.

    Args:
        in_: Two channels.
        delay_1: Time of the first echo in seconds.
        gain_1: Its level in dB.
        pan_1: Its place; -1 is left, 1 is right.
        delay_2: Time of the second echo.
        gain_2: Its level.
        pan_2: Its place.
        delay_3: Time of the third echo.
        gain_3: Its level.
        pan_3: Its place.
        delay_4: Time of the fourth echo.
        gain_4: Its level.
        pan_4: Its place.
        sample_rate: Samples per second.

    Returns:
        Processed signal, same shape as ``in_``.
    """
    levels = (gain_1, gain_2, gain_3, gain_4)
    places = (pan_1, pan_2, pan_3, pan_4)
    times = (delay_1, delay_2, delay_3, delay_4)
    return in_ + taps.echoes(
        in_,
        delays=tuple(time.double() * sample_rate for time in times),
        gains=tuple(_sides(g, p) for g, p in zip(levels, places, strict=True)),
        longest=LONGEST * sample_rate,
    )


def _sides(gain: Control, pan: Control) -> Control:
    """Return the factor of the left and of the right channel."""
    angle = (pan.double() + 1) * (math.pi / 4)
    sides = torch.cat((torch.cos(angle), torch.sin(angle)), dim=1)
    return math.sqrt(2) * sides * torch.exp(gain.double() * (math.log(10) / 20))
