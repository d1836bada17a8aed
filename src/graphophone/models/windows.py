"""Where to listen: windows of a recording that have something to hear."""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from graphophone.audio.features import RATE, SEGMENT
from graphophone.audio.files import resample
from graphophone.audio.level import FRAME_SECONDS, WITHIN_DB, to_level
from graphophone.tensors import Stereo

MOST = 5
"""Windows taken from a long recording."""
WORTH = 0.5
"""A window is left out where it sounds for less than this share of the busiest one's time."""


@dataclass(frozen=True)
class Windows:
    """What the estimator is given to hear.

    Attributes:
        audio: Clips (windows, 2, 160 083) at 44.1 kHz, each at -20 dBFS.
        starts: Where they begin, in seconds.
        notes: What was assumed, in sentences for the user.
    """

    audio: Tensor
    starts: tuple[float, ...]
    notes: tuple[str, ...]


def choose(audio: Stereo, rate: int, most: int = MOST) -> Windows:
    """Cut up to ``most`` windows out of a recording, spread over it.

    The recording is parted into as many stretches; in each, the window that sounds for most of
    its time is taken. A recording shorter than a window is padded with silence.

    Raises:
        AudioError: There is nothing to hear.
    """
    clip = resample(audio, rate, RATE)
    time = clip.shape[1]
    notes: tuple[str, ...] = ()
    if time < SEGMENT:
        notes = (
            f"the recording is {time / RATE:.2f} s long, shorter than a window of "
            f"{SEGMENT / RATE:.2f} s: it was padded with silence",
        )
        clip = F.pad(clip, (0, SEGMENT - time))
    to_level(clip, RATE)  # refuses silence before any window is looked at
    starts = _starts(clip, most)
    cuts = torch.stack([to_level(clip[:, s : s + SEGMENT], RATE)[0] for s in starts])
    return Windows(cuts, tuple(s / RATE for s in starts), notes)


def _starts(clip: Stereo, most: int) -> list[int]:
    """Return first samples of the windows, ascending."""
    frame = round(FRAME_SECONDS * RATE)
    power = clip[:, : clip.shape[1] // frame * frame].square().mean(0)
    power = power.reshape(-1, frame).mean(1)
    sounds = (power > power.max() * 10 ** (-WITHIN_DB / 10)).double()
    length = SEGMENT // frame
    share = F.avg_pool1d(sounds[None], length, 1)[0]  # of each possible first frame
    count = min(most, math.ceil(clip.shape[1] / SEGMENT - 0.25)) or 1
    last = clip.shape[1] - SEGMENT
    chosen = []
    for i in range(count):
        low, high = (round(len(share) * k / count) for k in (i, i + 1))
        zone = share[low : max(high, low + 1)]
        busy = (zone >= zone.max() - 1e-9).nonzero()[:, 0]
        chosen.append((min((low + int(busy[len(busy) // 2])) * frame, last), float(zone.max())))
    best = max(worth for _, worth in chosen)
    return sorted({start for start, worth in chosen if worth >= WORTH * best})
