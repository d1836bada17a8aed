"""Where a steady tone stands in other people's level detectors, so that thresholds can be matched.

A detector that rises faster than it falls stands above the mean of what it follows. Set to the
same number, two thresholds then mean two levels.
"""

import math

import numpy as np

from graphophone.benchmark.contender import Array

PHASES = 20_000


def standing(wave: Array, attack: float, release: float) -> float:
    """Return the level at which rising and falling cancel over a period.

    Args:
        wave: What the detector follows, over one period.
        attack: Time constant of rising.
        release: Time constant of falling; both long against the period.
    """
    low, high = float(wave.min()), float(wave.max())
    for _ in range(60):
        level = (low + high) / 2
        gap = wave - level
        up, down = np.maximum(gap, 0).mean() / attack, np.maximum(-gap, 0).mean() / release
        low, high = (level, high) if up > down else (low, level)
    return (low + high) / 2


def magnitude_db(attack: float, release: float) -> float:
    """Return how far a sine stands below its peaks where its magnitude is followed, in dB."""
    wave = np.abs(np.sin(np.linspace(0, math.pi, PHASES)))
    return -20 * math.log10(standing(wave, attack, release))


def energy_db(attack: float, release: float) -> float:
    """Return the same where its square is followed."""
    wave = np.sin(np.linspace(0, math.pi, PHASES)) ** 2
    return -10 * math.log10(standing(wave, attack, release))
