"""Level of a signal as a control."""

from typing import Annotated, NamedTuple

import torch

from graphophone.dsp.ballistics import follow
from graphophone.dsp.level import peak
from graphophone.spec import Param, processor
from graphophone.tensors import Audio, Control

ATTACK = Param(
    low=1e-3, high=0.1, default=0.01, unit="s", taper="log", help="time constant of a rise"
)
RELEASE = Param(
    low=0.01, high=1, default=0.15, unit="s", taper="log", help="time constant of a fall"
)
GAIN = Param(
    low=0.3, high=8, default=2, taper="log", help="knob travel for an amplitude of full scale"
)


class Envelope(NamedTuple):
    """Outlets."""

    env: Control


@processor(
    group="control",
    source="U. Zölzer (ed.), DAFX, 2nd ed. (2011), sec. 4.2.2, peak measurement",
)
def envelope_follower(
    in_: Audio,
    *,
    attack: Annotated[Control, ATTACK],
    release: Annotated[Control, RELEASE],
    gain: Annotated[Control, GAIN],
    sample_rate: int,
) -> Envelope:
    """Follow how loud a signal is.

    Speech and song at -20 dBFS peak at about 0.3, so the gain reaches from a tenth of a
    knob's travel to all of it more than twice.

    Args:
        in_: Signal to follow.
        attack: Time constant in seconds of a rise.
        release: Time constant in seconds of a fall.
        gain: Factor from linear amplitude to knob travel.
        sample_rate: Samples per second.

    Returns:
        Envelope of the highest peak of both channels, at least 0, shape (batch, 1, time).
    """
    smooth = follow(
        peak(in_, sample_rate=sample_rate),
        attack=attack,
        release=release,
        start=torch.zeros_like(gain),
        sample_rate=sample_rate,
    )
    return Envelope(smooth * gain)
