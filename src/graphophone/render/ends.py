"""How a rendering begins and ends: what brings its level back, and where its tail is over."""

import math

from torch import Tensor

TAIL_LIMIT_SECONDS = 10.0
TAIL_FLOOR_DB = -60.0


def restoring(before: float, after: float) -> float:
    """Return the linear gain that gives back the energy of the recordings that came in.

    Args:
        before: Energy of all recordings as they were given.
        after: The same as they entered the graph.
    """
    return math.sqrt(before / after) if after else 1.0


def end_of_sound(wet: Tensor, loudest: float | None = None) -> int:
    """Return how many samples there are up to the last one that can be heard.

    Args:
        wet: Shape (2, time).
        loudest: Peak of the whole rendering, of which a sample is heard down to -60 dB; the
            peak of ``wet`` itself if it is all there is.
    """
    peak = wet.abs().amax(0)
    top = float(peak.max()) if loudest is None else loudest
    heard = (peak > top * 10 ** (TAIL_FLOOR_DB / 20)).nonzero()
    return int(heard[-1]) + 1 if len(heard) else 0
