"""Noise gate."""

from typing import Annotated

from graphophone.dsp import dynamics
from graphophone.processors.nonlinear._knobs import CLOSING, FLOOR_THRESHOLD, KNEE
from graphophone.spec import Param, processor
from graphophone.tensors import Audio, Control

RATIO = Param(
    low=6, high=30, default=10, taper="log", help="dB that one dB below the threshold becomes"
)
ATTACK = Param(
    low=1e-4, high=0.1, default=0.001, unit="s", taper="log", help="time constant of a rising gain"
)


@processor(
    group="nonlinear",
    source="D. Giannoulis, M. Massberg, J. D. Reiss, Digital Dynamic Range Compressor Design, "
    "J. Audio Eng. Soc. 60(6), 2012",
)
def noisegate(
    in_: Audio,
    sidechain: Audio | None = None,
    *,
    threshold: Annotated[Control, FLOOR_THRESHOLD],
    ratio: Annotated[Control, RATIO],
    attack: Annotated[Control, ATTACK],
    release: Annotated[Control, CLOSING],
    knee: Annotated[Control, KNEE],
    sample_rate: int,
) -> Audio:
    """Shut out what is softer than the threshold.

    An expander steep enough to open and close: its ratios begin where the expander's end.
    The gain ends at -80 dB, and starts there, since before the clip there was silence.

    Args:
        in_: Signal to process.
        sidechain: Signal whose level is used instead, if connected.
        threshold: Level in dBFS; the level is the highest peak of both channels in 10 ms.
        ratio: How many dB one dB below the threshold becomes.
        attack: Time constant in seconds of a rising gain, on the decibel scale.
        release: Time constant in seconds of a falling gain, on the decibel scale.
        knee: Full width in dB of the transition; 0 is a corner.
        sample_rate: Samples per second.

    Returns:
        Signal with its gain changed alike in both channels, same shape as ``in_``.
    """
    return dynamics.expand(
        in_,
        in_ if sidechain is None else sidechain,
        threshold=threshold,
        ratio=ratio,
        attack=attack,
        release=release,
        knee=knee,
        sample_rate=sample_rate,
    )
