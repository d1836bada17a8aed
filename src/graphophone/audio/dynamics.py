"""How a recording's level moves, at several speeds."""

import torch
import torch.nn.functional as F
from torch import Tensor

from graphophone.tensors import Audio

WINDOWS_SECONDS = (0.05, 0.4, 3.0)
"""From single notes over the momentary to the short-term window of EBU Tech 3341."""
WITHIN_DB = 40.0
"""Windows more than this below the loudest one do not count."""
SHARES = (0.1, 0.95)
"""Between which of the levels the range is taken, as in EBU Tech 3342."""


def level_ranges(audio: Audio, rate: int) -> Tensor:
    """Return how far levels are spread in dB, an entry for each window: (batch, windows).

    Levels are those of both channels together over windows that overlap by three quarters; the
    range is from the level that a tenth of them are below to the one that a twentieth are above
    (the loudness range of EBU Tech 3342, without its weighting and at several window lengths). A
    window longer than the recording is as long as the recording.

    Args:
        audio: Shape (batch, channel, time).
        rate: Samples a second.
    """
    power = audio.double().square().mean(1, keepdim=True)
    ranges = []
    for seconds in WINDOWS_SECONDS:
        size = max(1, min(round(seconds * rate), power.shape[-1]))
        levels = 10 * F.avg_pool1d(power, size, max(1, size // 4))[:, 0].clamp_min(1e-12).log10()
        top = levels.amax(1, keepdim=True)
        ranges.append(
            torch.stack([_spread(x[x >= t - WITHIN_DB]) for x, t in zip(levels, top, strict=True)])
        )
    return torch.stack(ranges, 1)


def dynamics_distance(estimate: Audio, target: Audio, rate: int) -> Tensor:
    """Return the mean difference of :func:`level_ranges` in dB, one an item."""
    return (level_ranges(estimate, rate) - level_ranges(target, rate)).abs().mean(1)


def _spread(levels: Tensor) -> Tensor:
    ends = torch.quantile(levels, torch.tensor(SHARES, dtype=levels.dtype))
    return ends[1] - ends[0]
