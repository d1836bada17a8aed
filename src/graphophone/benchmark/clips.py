"""Signals that every machine makes alike."""

import math

import numpy as np
import torch
from torch import Tensor

from graphophone.benchmark.job import BLOCK

LEVEL_DB = -20.0
SWELLS = 1.7
"""Swells per second: thresholds are crossed both ways even in a short clip."""


def bursts(count: int, samples: int, rate: int, seed: int = 0) -> Tensor:
    """Return clips of noise that swells and fades by 26 dB, different in every channel.

    Returns:
        Shape (count, 2, samples), single precision, -20 dBFS RMS each.
    """
    time = np.arange(samples) / rate
    clips = np.empty((count, 2, samples), dtype=np.float32)
    for number in range(count):
        rng = np.random.default_rng((seed, number))
        swell = np.exp(1.5 * np.sin(2 * math.pi * (SWELLS * time + rng.uniform())))
        clip = rng.standard_normal((2, samples)) * swell
        clips[number] = clip * 10 ** (LEVEL_DB / 20) / np.sqrt(np.mean(clip**2))
    return torch.from_numpy(clips)


def tone(level_db: float, hertz: float, samples: int, rate: int) -> Tensor:
    """Return a sine (1, 2, samples) whose peaks have a level in dBFS."""
    time = torch.arange(samples, dtype=torch.float64) / rate
    wave = 10 ** (level_db / 20) * torch.sin(2 * math.pi * hertz * time)
    return wave.float().expand(1, 2, -1).contiguous()


def blocks(clip: Tensor) -> list[Tensor]:
    """Cut a clip (2, time) into blocks of a stream, the last one may be shorter."""
    return [clip[:, at : at + BLOCK] for at in range(0, clip.shape[-1], BLOCK)]
