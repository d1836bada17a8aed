"""A match equaliser: give a recording the average spectrum of another.

It is what a mixing engineer can do with an equaliser alone, and so what anything that claims to
know a recording's effects has to be better than.
"""

from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from graphophone.tensors import Stereo

SIZE: Final = 4_096
"""Samples of a window of the average spectrum, and taps of the filter."""
OCTAVES: Final = 1 / 3
"""Width of the smoothing."""
MOST_DB: Final = 24.0
"""The filter turns no frequency up or down by more."""
FLOOR_DB: Final = -80.0
"""What lies lower, under a spectrum's highest value, counts as lying there."""


def match_eq(audio: Stereo, reference: Tensor) -> Stereo:
    """Filter a recording so that its average spectrum becomes that of a reference.

    Both average spectra are Welch's (P. Welch 1967, The use of fast Fourier transform for the
    estimation of power spectra), smoothed over a third of an octave, power by power (P.
    Hatziantoniou and J. Mourjopoulos 2000, Generalized fractional-octave smoothing of audio and
    acoustic responses). The filter is the square root of their ratio (F. Germain, G. Mysore and
    T. Fujioka 2016, Equalization matching of speech recordings in real-world environments), one
    for both channels, with linear phase and its delay taken away. The energy stays: a match
    equaliser is set up at equal levels.

    Args:
        audio: What is filtered, shape (2, time).
        reference: Whose spectrum it gets, shape (2, other time), at the same sample rate.

    Returns:
        The shape of ``audio``.
    """
    curve = gains(audio, reference)
    taps = torch.fft.irfft(curve.to(torch.complex128)).roll(SIZE // 2)
    taps = taps * torch.hann_window(SIZE, dtype=torch.float64)
    length = audio.shape[1]
    size = 1 << (length + SIZE - 1).bit_length()
    spectrum = torch.fft.rfft(audio.double(), size) * torch.fft.rfft(taps, size)
    wet: Tensor = torch.fft.irfft(spectrum, size)[:, SIZE // 2 : SIZE // 2 + length]
    energy = wet.square().sum()
    scale: Tensor = (audio.double().square().sum() / energy).sqrt() if energy > 0 else energy
    levelled: Tensor = (wet * scale).to(audio.dtype)
    return levelled


def gains(audio: Tensor, reference: Tensor) -> Tensor:
    """Return the filter's gain in each of ``SIZE / 2 + 1`` bins, float64."""
    ratio: Tensor = smoothed(average(reference)) / smoothed(average(audio))
    most = 10 ** (MOST_DB / 20)
    limited: Tensor = ratio.sqrt().clamp(1 / most, most)
    return limited


def average(audio: Tensor) -> Tensor:
    """Return the average power in each bin over channels and time, float64, its highest 1."""
    padded = F.pad(audio.double(), (0, max(0, SIZE - audio.shape[1])))
    window = torch.hann_window(SIZE, dtype=torch.float64)
    frames = padded.unfold(1, SIZE, SIZE // 2) * window
    power: Tensor = torch.fft.rfft(frames).abs().square().mean((0, 1))
    return (power / power.max().clamp_min(1e-30)).clamp_min(10 ** (FLOOR_DB / 10))


def smoothed(power: Tensor) -> Tensor:
    """Return the mean power within a third of an octave around each bin, the bin's own included."""
    bins = torch.arange(len(power), dtype=torch.float64)
    half = 2 ** (OCTAVES / 2)
    low = (bins / half).ceil().long()
    high = torch.minimum((bins * half).floor(), bins[-1]).long() + 1
    sums = F.pad(power.cumsum(0), (1, 0))
    return (sums[high] - sums[low]) / (high - low)
