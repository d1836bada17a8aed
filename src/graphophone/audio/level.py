"""How loud a recording is where it sounds, and bringing it to a stated level.

A dry source enters a graph at -20 dBFS RMS over its *active frames*, so that pauses do not
count. Frames are 50 ms long and follow each other without overlap; one is active where its
power, averaged over both channels, is within 40 dB of the loudest frame's and above
-90 dBFS. 0 dBFS is the RMS value 1: a full-scale sine reads -3.01 dB, as does the same sine
followed by any amount of silence; full-scale white noise from -1 to 1 reads -4.77 dB.
"""

import math
from typing import Any

import torch
from torch import Tensor

from graphophone.errors import AudioError
from graphophone.tensors import Stereo

LEVEL_DB = -20.0
FRAME_SECONDS = 0.05
WITHIN_DB = 40.0
FLOOR_DB = -90.0


def active_power(audio: Tensor, rate: int) -> Tensor:
    """Return the mean power over active frames and channels of (..., channel, time).

    It is float64, has the leading axes, and is 0 for silence.

    A last frame that is cut short counts with the samples it has.
    """
    length = max(1, round(FRAME_SECONDS * rate))
    power = audio.detach().square().mean(-2, dtype=torch.float64)
    time = power.shape[-1]
    if time == 0:
        return power.new_zeros(power.shape[:-1])
    padded = torch.nn.functional.pad(power, (0, -time % length))
    sums = padded.reshape(*padded.shape[:-1], -1, length).sum(-1)
    counts = torch.full_like(sums, float(length))
    counts[..., -1] = length - (-time % length)
    means = sums / counts
    least = means.amax(-1, keepdim=True) * 10 ** (-WITHIN_DB / 10)
    active = (means >= least) & (means > 10 ** (FLOOR_DB / 10))
    total = torch.where(active, sums, 0.0).sum(-1)
    return total / torch.where(active, counts, 0.0).sum(-1).clamp_min(1.0)


def active_rms_db(audio: Tensor, rate: int) -> Any:
    """Return the RMS level in dBFS over active frames.

    Args:
        audio: One recording (2, time), which gives a ``float``, or a batch of them
            (batch, 2, time), which gives a float64 tensor with a value an item.
        rate: Samples a second.

    Raises:
        AudioError: There is nothing to hear.
    """
    power = active_power(audio, rate)
    if not bool((power > 0).all()):
        raise AudioError(f"the audio is silent: no 50 ms of it are above {FLOOR_DB:g} dBFS")
    return 10 * torch.log10(power) if power.dim() else 10 * math.log10(power.item())


def to_level(audio: Tensor, rate: int, level_db: float = LEVEL_DB) -> tuple[Tensor, Any]:
    """Return the audio at ``level_db`` over its active frames, and the gain applied in dB.

    One recording (2, time) gives a ``float`` gain, a batch (batch, 2, time) one an item.

    Raises:
        AudioError: There is nothing to hear.
    """
    gain_db = level_db - active_rms_db(audio, rate)
    if isinstance(gain_db, float):
        return audio * 10 ** (gain_db / 20), gain_db
    return audio * (10 ** (gain_db / 20)).to(audio.dtype)[:, None, None], gain_db


def match_level(audio: Stereo, reference: Stereo, rate: int) -> Stereo:
    """Return the audio as loud as the reference, both over their active frames.

    Raises:
        AudioError: One of the two is silent.
    """
    return to_level(audio, rate, active_rms_db(reference, rate))[0]
