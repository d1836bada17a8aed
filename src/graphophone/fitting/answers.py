"""When the wet recording answers the dry one: times that echoes and delay lines may have."""

import numpy as np
from torch import Tensor

from graphophone.fitting.alignment import Array, response

LONGEST_SECONDS = 1.1
CLOSE_SECONDS = 0.001
"""Two answers that are closer than this are one."""


class Answers:
    """The impulse response from one recording to another, by its peaks.

    Args:
        dry: Shape (2, time).
        wet: The same shape.
        rate: Samples a second.
    """

    def __init__(self, dry: Tensor, wet: Tensor, rate: int) -> None:
        reach = min(round(LONGEST_SECONDS * rate), dry.shape[1] // 2)
        self.rate = rate
        self.heights: Array = np.abs(response(dry, wet, reach)[reach:])

    def times(self, low: float, high: float, count: int = 3) -> list[float]:
        """Return the times in seconds of the highest peaks between two ends, the highest first."""
        first, last = (
            max(1, round(low * self.rate)),
            min(len(self.heights), round(high * self.rate)),
        )
        part = self.heights[first:last].copy()
        close = max(1, round(CLOSE_SECONDS * self.rate))
        found: list[float] = []
        while len(found) < count and part.size and part.max() > 0:
            place = int(part.argmax())
            found.append(min(max((first + place) / self.rate, low), high))
            part[max(0, place - close) : place + close + 1] = 0.0
        return found
