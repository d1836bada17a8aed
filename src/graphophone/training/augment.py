"""Small changes to packed features that leave the graph true.

A recording may begin a little earlier or later, and another microphone or voice tilts its
spectrum a little. Packed features are decibels, so a change of level is an addition.
"""

import numpy as np
import torch
from torch import Tensor

from graphophone.audio.features import STEP_DB
from graphophone.models.shapes import PackedMel
from graphophone.training.config import DataConfig


def augment(mel: PackedMel, config: DataConfig, seed: tuple[int, ...]) -> PackedMel:
    """Shift, tilt and level each example by its own random amounts.

    Args:
        mel: Packed features.
        config: Largest changes; zeros change nothing.
        seed: Decides the changes.
    """
    rng = np.random.default_rng(seed)
    if config.shift_frames:
        shifts = rng.integers(-config.shift_frames, config.shift_frames + 1, len(mel))
        mel = torch.stack([shifted(one, int(n)) for one, n in zip(mel, shifts, strict=True)])
    if config.tilt_db or config.gain_db:
        size = (len(mel), 1, 1, 1)
        gain = torch.from_numpy(rng.uniform(-config.gain_db, config.gain_db, size))
        tilt = torch.from_numpy(rng.uniform(-config.tilt_db, config.tilt_db, size))
        slope = torch.linspace(-0.5, 0.5, mel.shape[2])[:, None]
        steps = ((gain + tilt * slope) / STEP_DB).round().to(torch.int16)
        changed = (mel.to(torch.int16) + steps).clamp_(0, 255).to(torch.uint8)
        mel = changed.masked_fill_(mel == 0, 0)
    return mel


def shifted(mel: Tensor, frames: int) -> Tensor:
    """Return one example's features later by ``frames``, silence coming in."""
    out = torch.zeros_like(mel)
    if frames >= 0:
        out[..., frames:] = mel[..., : mel.shape[-1] - frames]
    else:
        out[..., :frames] = mel[..., -frames:]
    return out
