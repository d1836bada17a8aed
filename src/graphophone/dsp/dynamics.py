"""Gain computers: from a level to a gain, with a soft knee.

This is vector code, in place where a result is nobody else's: new memory costs more than sums.
"""

import torch

from graphophone.dsp.ballistics import follow
from graphophone.dsp.level import FLOOR_DB, from_db, peak, to_db
from graphophone.tensors import Audio, Control

HARD_KNEE_DB = 1e-3
"""Narrowest knee; a corner this sharp cannot be heard and spares a division by zero."""
CLOSED_DB = -80.0
"""Gain of a closed gate; opening it in decibels needs a finite place to start from."""


def excess(over_db: Control, knee_db: Control) -> Control:
    """Return how far a level is beyond the threshold, rounded off within the knee.

    Zero below the knee, the distance itself above it and a parabola between: Giannoulis,
    Massberg and Reiss (2012), eq. 4, solved for the part that a ratio multiplies.

    Args:
        over_db: Level minus threshold in dB.
        knee_db: Full width of the knee in dB.

    Returns:
        Excess in dB, never negative, smooth up to its first derivative.
    """
    width = knee_db.clamp(min=HARD_KNEE_DB)
    over = over_db + 0.5 * width
    inside = torch.clamp(over, torch.zeros_like(width), width)
    return torch.sub(over, inside, alpha=0.5).mul_(inside).mul_(1 / width)


def compress(
    audio: Audio,
    key: Audio,
    *,
    threshold: Control,
    ratio: Control,
    attack: Control,
    release: Control,
    knee: Control,
    sample_rate: int,
) -> Audio:
    """Turn ``audio`` down while the level of ``key`` is above a threshold.

    Args:
        audio: Signal to process.
        key: Signal whose level decides; all its channels steer one gain.
        threshold: Level in dBFS, static.
        ratio: How many dB above the threshold become one, static.
        attack: Time constant in seconds of a falling gain, static.
        release: Time constant in seconds of a rising gain, static.
        knee: Width in dB of the soft transition, static.
        sample_rate: Samples per second.

    Returns:
        ``audio`` with its gain reduced, same shape.
    """
    over = to_db(peak(key, sample_rate=sample_rate)).sub_(threshold)
    gain = follow(
        excess(over, knee).mul_(1 / ratio - 1),
        attack=release,  # the gain rises with the release
        release=attack,
        start=torch.zeros_like(ratio),
        sample_rate=sample_rate,
    )
    return audio * from_db(gain)


def expand(
    audio: Audio,
    key: Audio,
    *,
    threshold: Control,
    ratio: Control,
    attack: Control,
    release: Control,
    knee: Control,
    sample_rate: int,
) -> Audio:
    """Turn ``audio`` down while the level of ``key`` is below a threshold.

    Before the first sample there was silence, so it starts as closed as silence makes it.

    Args:
        audio: Signal to process.
        key: Signal whose level decides; all its channels steer one gain.
        threshold: Level in dBFS, static.
        ratio: How many dB one dB below the threshold becomes, static.
        attack: Time constant in seconds of a rising gain, static.
        release: Time constant in seconds of a falling gain, static.
        knee: Width in dB of the soft transition, static.
        sample_rate: Samples per second.

    Returns:
        ``audio`` with its gain reduced by up to 80 dB, same shape.
    """
    under = to_db(peak(key, sample_rate=sample_rate)).sub_(threshold).neg_()
    gain = follow(
        excess(under, knee).mul_(1 - ratio).clamp_(min=CLOSED_DB),
        attack=attack,
        release=release,
        start=excess(threshold - FLOOR_DB, knee).mul_(1 - ratio).clamp_(min=CLOSED_DB),
        sample_rate=sample_rate,
    )
    return audio * from_db(gain)
