"""Recordings of rooms, tapes and weather, in excerpts that are added to finished recordings."""

from collections.abc import Sequence
from random import Random

import numpy as np
import torch

from graphophone.errors import FormatError
from graphophone.sources.cache import DECODED, UNIT, Decoded
from graphophone.sources.clip import Clip
from graphophone.tensors import Stereo

QUIETEST = 1e-4
"""An excerpt with a smaller RMS value than this is not made louder than it would make that one."""


class RoomTones:
    """A supply of recorded noise.

    Args:
        files: Recordings, of which each is drawn as often as another.
    """

    def __init__(self, files: Sequence[Clip], *, decoded: Decoded = DECODED) -> None:
        if not files:
            raise FormatError("a pool of room tones needs at least one recording, got none")
        self.files = {clip.name: clip for clip in files}
        self.decoded = decoded

    def draw(self, rng: Random, samples: int, rate: int) -> tuple[str, float]:
        """Draw a recording and where in it, in seconds, an excerpt of so many samples begins."""
        clip = self.files[rng.choice(list(self.files))]
        low, high = self._part(clip, rate)
        first = rng.randint(low, max(low, high - samples))
        return clip.name, round(first / rate, 4)

    def excerpt(self, name: str, seconds: float, samples: int, rate: int) -> Stereo:
        """Return an excerpt (2, time) without offset and with an RMS value of 1 over both channels.

        A recording that is too short is played there and back again. A mono recording is the
        same in both channels.

        Raises:
            AudioError: The recording cannot be read any more.
        """
        clip = self.files[name]
        low, high = self._part(clip, rate)
        first = min(max(low, round(seconds * rate)), high - 1)
        part = self.decoded(clip.path, rate)[:, first if high - first >= samples else low : high]
        length = part.shape[1]
        at = np.arange(samples) % max(1, 2 * length - 2)
        noise = part[:, np.where(at < length, at, 2 * length - 2 - at)].astype(np.float64) * UNIT
        noise -= noise.mean(1, keepdims=True) if samples else 0.0
        noise /= max(float(np.sqrt(np.square(noise).mean())) if samples else 1.0, QUIETEST)
        return torch.from_numpy(noise).float().expand(2, -1).contiguous()

    def _part(self, clip: Clip, rate: int) -> tuple[int, int]:
        """Return first and last-but-one sample of what may be used of a recording."""
        length = self.decoded(clip.path, rate).shape[1]
        low = min(round(clip.start * length), length - 1)
        return low, max(low + 1, round(clip.end * length))
