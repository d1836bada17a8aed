"""Stereo reverb."""

from typing import Annotated

from graphophone.processors.delay import _room
from graphophone.processors.delay._knobs import DAMPING, SIZE, WET, WIDTH
from graphophone.spec import processor
from graphophone.tensors import Audio, Control

CROSSFEED = 0.2
"""Share of the other channel in what a tank is fed."""


@processor(
    group="delay",
    source="M. R. Schroeder, Natural Sounding Artificial Reverberation, J. Audio Eng. Soc. 10(3), "
    "1962; J. A. Moorer, About This Reverberation Business, Computer Music Journal 3(2), 1979",
    traits=("lti",),
    revision=2,
)
def stereo_reverb(
    in_: Audio,
    *,
    size: Annotated[Control, SIZE],
    damping: Annotated[Control, DAMPING],
    width: Annotated[Control, WIDTH],
    mix: Annotated[Control, WET],
    sample_rate: int,
) -> Audio:
    """Put a stereo source into a room: each side mostly hears its own reverberation.

    Each channel feeds its own tank, and the other one a little. A tank is eight damped combs
    side by side and four all-pass filters in a row. The sound dies by 60 dB in
    ``0.2 * 30**size`` seconds.

    Args:
        in_: Signal to process, two channels.
        size: From a cupboard to a cathedral; sets the decay and scales all delays.
        damping: At 1 the combs' loops lose high frequencies from 1.6 kHz up, at 0 none.
        width: At 0 the reverberation is the same on both sides.
        mix: Share of the reverberation in the result.
        sample_rate: Samples per second.

    Returns:
        Processed signal, same shape as ``in_``.
    """
    return _room.room(
        in_,
        size=size,
        damping=damping,
        width=width,
        mix=mix,
        crossfeed=CROSSFEED,
        sample_rate=sample_rate,
    )
