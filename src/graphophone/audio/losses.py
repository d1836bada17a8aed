"""How different two recordings sound: multi-scale spectral distance."""

from typing import TypeAlias

import torch
from torch import Tensor

from graphophone.tensors import Audio

WINDOWS = (2_048, 1_024, 512, 256, 128, 64)
OFFSET = 1e-5


def magnitudes(audio: Tensor, size: int, overlap: int = 4) -> Tensor:
    """Return (signal, bins, frames) in which a full-scale sine reads 1; Hann windows.

    Args:
        audio: Signals (signal, time).
        size: Length of a window.
        overlap: Windows that each sample is in; a quarter is the hop by default.
    """
    window = torch.hann_window(size, dtype=audio.dtype, device=audio.device)
    spectrum = torch.stft(
        audio,
        size,
        size // overlap,
        window=window * (2 / window.sum()),
        pad_mode="constant",
        return_complex=True,
    )
    power = spectrum.real.square() + spectrum.imag.square()
    return power.clamp_min(1e-24 if audio.dtype == torch.float64 else 1e-20).sqrt()


Spectra: TypeAlias = tuple[tuple[Tensor, Tensor], ...]
"""Magnitudes of a batch of clips and their logarithms, a pair for each size of window."""


def spectra(audio: Audio) -> Spectra:
    """Return what :func:`spectral_distance` compares; a clip that is met often needs it once."""
    signals = audio.flatten(0, 1)
    return tuple((m, (m + OFFSET).log()) for m in (magnitudes(signals, size) for size in WINDOWS))


def spectral_distance(a: Spectra, b: Spectra, channels: int = 2) -> Tensor:
    """Return one distance an item, of clips with this many channels."""
    total = torch.zeros((), dtype=a[0][0].dtype, device=a[0][0].device)
    for (one, log_one), (two, log_two) in zip(a, b, strict=True):
        linear = (one - two).abs().mean((1, 2))
        logarithmic = (log_one - log_two).abs().mean((1, 2))
        total = total + (linear + logarithmic).reshape(-1, channels).mean(1)
    return total / len(WINDOWS)


def multi_scale_spectral(a: Audio, b: Audio) -> Tensor:
    """Return one distance an item; 0 for equal signals, no level matching.

    Hann windows of 2048 ... 64, hop a quarter, silence assumed before and after. Per size:
    mean |dS| + mean |d ln(S + 1e-5)|; averaged over sizes and channels. As in Engel et al.,
    DDSP (ICLR 2020), with magnitudes that do not depend on the window's size. Gradients are
    finite everywhere.
    """
    return spectral_distance(spectra(a), spectra(b), a.shape[1])
