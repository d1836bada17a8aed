"""What the encoder hears: mel spectrograms of mid and side, in dB, small enough to store.

The settings are the paper's (section 4): 44.1 kHz, segments of 3.63 s, Fourier transforms of
1536 samples, a hop of 384, 256 mel bands. Frames are Hann windowed and centred: silence is
assumed before and after the signal, so ``time`` samples give ``1 + time // 384`` frames and
any length is legal. Power is scaled such that a full-scale sine reads 0 dB in its bin.
"""

import math
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from graphophone.tensors import Audio

Array: TypeAlias = npt.NDArray[np.float64]

RATE = 44_100
SEGMENT = 160_083
FFT = 1_536
HOP = 384
BANDS = 256
BLOCK = 32
"""Neighbouring bands that are added up at once."""
AT_ONCE = 128
"""Frames that are analysed at once: what is made of them on the way stays in a cache."""
FRAMES = 1 + SEGMENT // HOP

FLOOR_DB = -120.0
STEP_DB = 0.5
STEPS = 255
STRETCH = math.log(6.4) / 27


def mel(frequency: Array) -> Array:
    """Map Hz to mel: linear to 1 kHz (15 mel), then logarithmic (Slaney, Auditory Toolbox)."""
    above = np.maximum(frequency, 1_000.0)
    mels: Array = np.minimum(frequency, 1_000.0) * 3 / 200 + np.log(above / 1_000) / STRETCH
    return mels


def hertz(mels: Array) -> Array:
    """Map mel to Hz, the inverse of :func:`mel`."""
    above = np.exp(np.maximum(mels - 15, 0) * STRETCH)
    frequency: Array = np.minimum(mels, 15) * 200 / 3 + 1_000 * (above - 1)
    return frequency


@lru_cache(maxsize=4)
def filterbank(bands: int = BANDS, fft: int = FFT, rate: int = RATE) -> Tensor:
    """Return (bins, bands): triangles evenly spaced in mel up to Nyquist, each of unit sum.

    The lowest of 256 triangles are narrower than the distance of two bins. So the spectrum
    is read as a line drawn through its bins, and each band is the mean of that line under
    its triangle: no band is empty, and wide bands equal the usual sampled triangles.
    """
    edges = hertz(np.linspace(0.0, mel(np.array([rate / 2]))[0], bands + 2)) * fft / rate
    weights = np.zeros((fft // 2 + 1, bands))
    for band in range(bands):
        low, centre, high = edges[band : band + 3]
        bins = np.arange(int(low), int(np.ceil(high)) + 1)
        # both are linear between these points, so Simpson's rule is exact on each piece
        points = np.unique(np.clip(np.concatenate([bins, [low, centre, high]]), low, high))
        x = np.stack([points[:-1], (points[:-1] + points[1:]) / 2, points[1:]])
        triangle = np.interp(x, [low, centre, high], [0.0, 1.0, 0.0])
        simpson = np.diff(points) / 6 * np.array([[1.0], [4.0], [1.0]])
        hats = np.maximum(0, 1 - np.abs(x[None] - bins[:, None, None]))
        area = (hats * triangle * simpson).sum((1, 2))
        keep = bins <= fft // 2
        weights[bins[keep], band] = area[keep] / area.sum()
    return torch.from_numpy(weights).float()


@lru_cache(maxsize=4)
def _window(device: torch.device) -> Tensor:
    """Hann, scaled so that the power of a full-scale sine is 1 in its bin."""
    window = torch.hann_window(FFT, device=device)
    return window * (2 / window.sum())


@lru_cache(maxsize=4)
def _blocks(device: torch.device) -> list[tuple[slice, Tensor]]:
    """Return the filterbank in blocks of neighbouring bands, with the bins that each one reads.

    Nine tenths of the bank are zeros, which need not be multiplied.
    """
    blocks = []
    for part in filterbank().chunk(BANDS // BLOCK, 1):
        read = part.any(1).nonzero()
        rows = slice(int(read[0]), int(read[-1]) + 1)
        blocks.append((rows, part[rows].contiguous().to(device)))
    return blocks


def log_mel(audio: Audio) -> Tensor:
    """Return mel spectra of mid and side (orthonormal) in dB, not below -120 dB.

    (batch, 2, time) at 44.1 kHz gives (batch, 2, 256, frames), float32.
    """
    batch = audio.shape[0]
    left, right = audio.float().unbind(1)
    pair = torch.stack((left + right, left - right), 1).flatten(0, 1) * 0.5**0.5
    padded = torch.nn.functional.pad(pair, (FFT // 2, FFT // 2))
    frames = padded.unfold(-1, FFT, HOP)
    few = max(1, AT_ONCE // len(pair))
    starts = range(0, frames.shape[1], few)
    mels = torch.cat([_mels(frames[:, start : start + few]) for start in starts], 1)
    decibels = mels.clamp_min_(10 ** (FLOOR_DB / 10)).log10_().mul_(10)
    return decibels.transpose(1, 2).reshape(batch, 2, BANDS, -1)


def _mels(frames: Tensor) -> Tensor:
    """Return the power in each band (clip, frame, BANDS) of frames (clip, frame, FFT)."""
    spectrum = torch.fft.rfft(frames * _window(frames.device))
    power = (spectrum.real.square() + spectrum.imag.square()).flatten(0, 1)
    bands = [power[:, bins] @ part for bins, part in _blocks(frames.device)]
    return torch.cat(bands, 1).reshape(len(frames), -1, BANDS)


def pack(decibels: Tensor) -> Tensor:
    """Store dB as bytes in steps of half a dB, from -120 to 7.5 dB; beyond is clipped."""
    return ((decibels - FLOOR_DB) / STEP_DB).round().clamp(0, STEPS).to(torch.uint8)


def unpack(stored: Tensor) -> Tensor:
    """Return what a network sees: bytes mapped to [-1, 1]."""
    return stored.float() * (2 / STEPS) - 1
