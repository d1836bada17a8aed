"""How different two recordings sound: multi-scale spectral distance."""

import torch
from torch import Tensor

from graphophone.tensors import Audio

WINDOWS = (2_048, 1_024, 512, 256, 128, 64)
OFFSET = 1e-5


def magnitudes(audio: Tensor, size: int) -> Tensor:
    """Return (signal, bins, frames) in which a full-scale sine reads 1; Hann, hop a quarter."""
    window = torch.hann_window(size, dtype=audio.dtype, device=audio.device)
    spectrum = torch.stft(
        audio,
        size,
        size // 4,
        window=window * (2 / window.sum()),
        pad_mode="constant",
        return_complex=True,
    )
    power = torch.view_as_real(spectrum).square().sum(-1)
    return power.clamp_min(1e-24 if audio.dtype == torch.float64 else 1e-20).sqrt()


def multi_scale_spectral(a: Audio, b: Audio) -> Tensor:
    """Return one distance an item; 0 for equal signals, no level matching.

    Hann windows of 2048 ... 64, hop a quarter, silence assumed before and after. Per size:
    mean |dS| + mean |d ln(S + 1e-5)|; averaged over sizes and channels. As in Engel et al.,
    DDSP (ICLR 2020), with magnitudes that do not depend on the window's size. Gradients are
    finite everywhere.
    """
    channels = a.shape[1]
    total = a.new_zeros(a.shape[0])
    for size in WINDOWS:
        one, two = magnitudes(a.flatten(0, 1), size), magnitudes(b.flatten(0, 1), size)
        linear = (one - two).abs().mean((1, 2))
        logarithmic = ((one + OFFSET).log() - (two + OFFSET).log()).abs().mean((1, 2))
        total = total + (linear + logarithmic).reshape(-1, channels).mean(1)
    return total / len(WINDOWS)
