"""Dynamic range compressor."""

from typing import Annotated

from graphophone.dsp import dynamics
from graphophone.processors.nonlinear._knobs import KNEE
from graphophone.spec import Param, processor
from graphophone.tensors import Audio, Control

THRESHOLD = Param(low=-50, high=-5, default=-24, unit="dB", help="peak level at which it sets in")
RATIO = Param(
    low=1.5, high=20, default=4, taper="log", help="dB above the threshold that become one"
)
ATTACK = Param(
    low=1e-4, high=0.1, default=0.01, unit="s", taper="log", help="time constant of a falling gain"
)
RELEASE = Param(
    low=0.01, high=1, default=0.15, unit="s", taper="log", help="time constant of a rising gain"
)


@processor(
    group="nonlinear",
    source="D. Giannoulis, M. Massberg, J. D. Reiss, Digital Dynamic Range Compressor Design, "
    "J. Audio Eng. Soc. 60(6), 2012",
)
def compressor(
    in_: Audio,
    sidechain: Audio | None = None,
    *,
    threshold: Annotated[Control, THRESHOLD],
    ratio: Annotated[Control, RATIO],
    attack: Annotated[Control, ATTACK],
    release: Annotated[Control, RELEASE],
    knee: Annotated[Control, KNEE],
    sample_rate: int,
) -> Audio:
    """Turn down what is louder than the threshold.

    Feed-forward, with a soft-knee gain computer and smooth branching ballistics on its output
    in decibels. There is no make-up gain.

    Args:
        in_: Signal to process.
        sidechain: Signal whose level is used instead, if connected.
        threshold: Level in dBFS; the level is the highest peak of both channels in 10 ms.
        ratio: How many dB above the threshold become one.
        attack: Time constant in seconds of a falling gain, on the decibel scale.
        release: Time constant in seconds of a rising gain, on the decibel scale.
        knee: Full width in dB of the transition; 0 is a corner.
        sample_rate: Samples per second.

    Returns:
        Signal with its gain changed alike in both channels, same shape as ``in_``.
    """
    return dynamics.compress(
        in_,
        in_ if sidechain is None else sidechain,
        threshold=threshold,
        ratio=ratio,
        attack=attack,
        release=release,
        knee=knee,
        sample_rate=sample_rate,
    )
