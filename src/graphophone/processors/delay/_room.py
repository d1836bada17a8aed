"""What the knobs of a reverb mean."""

from graphophone.dsp import reverb
from graphophone.tensors import Audio, Control

SHORTEST = 0.2
"""Seconds in which sound falls by 60 dB in the smallest room."""

RATIO = 30.0
"""How much longer it takes in the largest one: 6 s, a cathedral."""

SMALLEST, LARGEST = 0.5, 1.25
"""Factors on all delays at both ends of ``size``."""

SMOOTHING = 0.0001
"""Time constant of the combs' low-pass at full damping, in seconds: a corner of 1.6 kHz."""


def room(
    audio: Audio,
    *,
    size: Control,
    damping: Control,
    width: Control,
    mix: Control,
    crossfeed: float,
    sample_rate: int,
) -> Audio:
    """Mix two channels with the reverberation of a left and a right tank.

    Combs are whole numbers of samples long, so ``size`` has no gradient.
    """
    still = size.detach().double().cpu().clone()  # one by one, and to the same bits for any GPU
    decay = still.apply_(lambda value: SHORTEST * RATIO**value)
    return reverb.mixed(
        audio,
        decay=decay.to(size.device),
        scale=SMALLEST + (LARGEST - SMALLEST) * size.double(),
        smoothing=SMOOTHING * damping,
        width=width,
        mix=mix,
        crossfeed=crossfeed,
        sample_rate=sample_rate,
    )
