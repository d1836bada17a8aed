"""Compressor and expander, one sample after another.

Source: D. Giannoulis, M. Massberg, J. D. Reiss, Digital Dynamic Range Compressor Design, J. Audio
Eng. Soc. 60(6), 2012; the level is the highest peak of both channels in 10 ms.
"""

import math
from collections.abc import Callable, Mapping

import numpy as np

from graphophone.benchmark.contender import Array

HOLD_S = 0.01
FLOOR_DB = -120.0
CLOSED_DB = -80.0


def compressor(knobs: Mapping[str, float]) -> Callable[[float], float]:
    """Return the gain in dB that a level in dB gets."""
    return lambda level: _bent(level - knobs["threshold"], 1 / knobs["ratio"] - 1, knobs["knee"])


def expander(knobs: Mapping[str, float]) -> Callable[[float], float]:
    """Return the gain in dB that a level in dB gets, -80 dB at least."""

    def gain(level: float) -> float:
        bent = _bent(knobs["threshold"] - level, 1 - knobs["ratio"], knobs["knee"])
        return max(bent, CLOSED_DB)

    return gain


def _bent(over: float, slope: float, knee: float) -> float:
    if 2 * over <= -knee:
        return 0.0
    if 2 * over >= knee:
        return slope * over
    return slope * (over + knee / 2) ** 2 / (2 * knee)


def steered(
    gain_db: Callable[[float], float], knobs: Mapping[str, float], rate: int, *, down: bool
) -> Callable[[Array], Array]:
    """Return a processor whose gain follows a curve with an attack and a release.

    Args:
        gain_db: The static curve.
        knobs: Where ``attack`` and ``release`` are.
        rate: Samples per second.
        down: Whether the attack is that of a falling gain.
    """
    attack, release = (1 - math.exp(-1 / (knobs[n] * rate)) for n in ("attack", "release"))
    fall, rise = (attack, release) if down else (release, attack)
    window = max(1, round(HOLD_S * rate))

    def run(x: Array) -> Array:
        loudest = np.concatenate([np.zeros(window - 1), np.abs(x).max(0)])
        peaks = np.lib.stride_tricks.sliding_window_view(loudest, window).max(-1)
        levels = 20 * np.log10(np.maximum(peaks, 10 ** (FLOOR_DB / 20)))
        gain = gain_db(FLOOR_DB)
        gains = np.empty(len(levels))
        for t, level in enumerate(levels.tolist()):
            gap = gain_db(level) - gain
            gain += (rise if gap > 0 else fall) * gap
            gains[t] = gain
        return np.asarray(x * 10 ** (gains / 20))

    return run
