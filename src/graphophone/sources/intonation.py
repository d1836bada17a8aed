"""How pitch and strength move through a tune: glides, overshoot, vibrato, drift.

After T. Saitou, M. Unoki, M. Akagi, Development of an F0 control model based on F0 dynamic
characteristics for singing-voice synthesis (Speech Communication 46, 2005): a second-order
system carries steps over with preparation and overshoot; vibrato and fine fluctuation are added.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from scipy.ndimage import uniform_filter1d
from scipy.signal import lfilter

from graphophone.sources.tunes import Tone

Array = npt.NDArray[np.float64]

LATE_SECONDS = 0.18
SWELL_SECONDS = 0.25
DRIFT_SECONDS = 0.25
WAVER_SECONDS = 0.03


def wander(count: int, every: float, noise: np.random.Generator) -> Array:
    """Return a slow random curve (count,) of unit variance that turns every ``every`` values."""
    knots = noise.standard_normal(2 + int(count / every))
    curve: Array = np.interp(np.arange(count) / every, np.arange(len(knots)), knots)
    return curve * math.sqrt(1.5)  # a line between two draws has two thirds of their variance


def pitch(
    tones: Sequence[Tone],
    knobs: Mapping[str, float],
    count: int,
    step: float,
    noise: np.random.Generator,
) -> tuple[Array, Array]:
    """Return the pitch in MIDI notes (count,), and how much of it is vibrato (count,), -1 to 1.

    Args:
        tones: What is sung.
        knobs: ``glide_seconds``, ``damping`` (below 1 overshoots), ``vibrato_hz``,
            ``vibrato_cents``, ``jitter_cents`` and ``drift_cents``.
        count: Number of values.
        step: Seconds from one to the next.
        noise: Where drift and waver come from.
    """
    now = np.arange(count) * step
    wanted = np.full(count, tones[0].pitch)
    depth = np.zeros(count)
    for tone in tones:
        wanted[now >= tone.start - 0.4 * knobs["glide_seconds"]] = tone.pitch
        inside = (now >= tone.start) & (now < tone.end)
        depth[inside] = np.clip((now[inside] - tone.start - LATE_SECONDS) / SWELL_SECONDS, 0, 1)
    depth = uniform_filter1d(depth, max(1, round(0.08 / step)))
    natural = 4.0 / knobs["glide_seconds"] * step
    leak = math.exp(-knobs["damping"] * natural)
    turn = natural * math.sqrt(max(0.0, 1 - knobs["damping"] ** 2))
    poles = (1.0, -2 * leak * math.cos(turn), leak**2)
    start = tones[0].pitch
    moved: Array = start + lfilter([sum(poles)], poles, wanted - start)
    rate = knobs["vibrato_hz"] * (1 + 0.04 * wander(count, 0.3 / step, noise))
    sway = depth * np.sin(2 * np.pi * (np.cumsum(rate) * step + noise.random()))
    cents = knobs["vibrato_cents"] * sway
    cents += knobs["drift_cents"] * wander(count, DRIFT_SECONDS / step, noise)
    cents += knobs["jitter_cents"] * wander(count, WAVER_SECONDS / step, noise)
    return moved + cents / 100, sway
