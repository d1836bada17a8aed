"""Ripples in the spectrum: at which delays a sound meets a copy of itself, moment by moment.

A copy that is late by ``d`` seconds cuts notches into the spectrum every ``1 / d`` hertz. They are
too narrow for mel bands, and a chorus moves them. The Fourier transform of a logarithmic
spectrum, its cepstrum, has a line at ``d``, whatever the sound: B. P. Bogert, M. J. R. Healy and
J. W. Tukey, The Quefrency Alanysis of Time Series for Echoes, Symposium on Time Series Analysis,
1963. A voice has lines at its periods, too, but they move with its melody.
"""

from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

from graphophone.audio.features import RATE
from graphophone.tensors import Audio

VIEWS = (4_096, 2_500.0), (2_048, 4_000.0)
"""Length of a transform and highest frequency in Hz. The longer one tells close notches apart, the
shorter one is sharp where they move."""
HOP = 1_152
"""Samples between two moments, 26 ms: three columns of a mel spectrogram."""
LAGS = 176
SHORTEST, LONGEST = 0.0015, 0.045
"""Delays that are looked at, in seconds: from a flanger's to an echo's."""
RANGE_DB = 70.0
"""What is this far below the loudest bin of its moment counts as silence."""
ENVELOPE_HZ = 500.0
"""Slower changes along the spectrum are a formant's or a filter's, and are taken away."""
STEP = 0.2
"""Height of a stored step, in dB of ripple; the middle step, 128, is none."""
MIDDLE = 128
AT_ONCE = 2**17
"""Samples in frames that are analysed at once: what is made of them on the way stays in a cache."""


def cepstra(audio: Audio) -> Tensor:
    """Return the ripples in the spectrum of the mid signal at each delay and moment, in dB.

    Args:
        audio: Recordings at 44.1 kHz, (batch, 2, time).

    Returns:
        Float tensor (batch, 2, 176, moments): one map for each of ``VIEWS``.
    """
    left, right = audio.float().unbind(1)
    mid = (left + right) * 0.5  # a mean over two neighbours in memory takes ten times as long
    return torch.stack([_cepstrum(mid, fft, top) for fft, top in VIEWS], 1)


def pack(ripples: Tensor) -> Tensor:
    """Store ripples as bytes, in steps of 0.2 dB; beyond 25 dB they are clipped."""
    return (ripples / STEP + MIDDLE).round().clamp(0, 255).to(torch.uint8)


def unpack(stored: Tensor) -> Tensor:
    """Return what a network sees: stored ripples in units of 10 dB."""
    return (stored.float() - MIDDLE) * (STEP / 10)


def _cepstrum(mid: Tensor, fft: int, top: float) -> Tensor:
    """Return (batch, lags, moments) of mono recordings (batch, time)."""
    frames = F.pad(mid, (fft // 2, fft // 2)).unfold(-1, fft, HOP)
    few = max(1, AT_ONCE // (fft * len(mid)))
    starts = range(0, frames.shape[1], few)
    parts = [_ripples(frames[:, start : start + few], fft, top) for start in starts]
    return torch.cat(parts, 1).transpose(1, 2)


def _ripples(frames: Tensor, fft: int, top: float) -> Tensor:
    """Return the cepstra (batch, moments, lags) of frames (batch, moments, fft)."""
    window, cosines = _constants(fft, top)
    bins, width = len(cosines), int(ENVELOPE_HZ * fft / RATE) // 2 * 2 + 1
    spectrum = torch.fft.rfft(frames * window.to(frames))[..., :bins]
    power = spectrum.real.square() + spectrum.imag.square()
    level = power.clamp_(min=1e-12).log10_().mul_(10)
    level = level.maximum(level.amax(-1, keepdim=True) - RANGE_DB)
    padded = F.pad(level, (width // 2, width // 2), mode="reflect")
    ripple = level - F.avg_pool1d(padded, width, 1)
    cepstra: Tensor = ripple @ cosines.to(frames)
    return cepstra


@lru_cache(maxsize=4)
def _constants(fft: int, top: float) -> tuple[Tensor, Tensor]:
    """Return the window (fft,) and the transform (bins, lags), which fades towards the top."""
    bins = int(top * fft / RATE) + 1
    hertz = torch.arange(bins, dtype=torch.float64)[:, None] * (RATE / fft)
    lags = torch.linspace(SHORTEST, LONGEST, LAGS, dtype=torch.float64)
    fade = torch.hann_window(2 * bins, dtype=torch.float64)[bins:, None]
    cosines = torch.cos(2 * torch.pi * hertz * lags) * fade * (4 / bins)
    return torch.hann_window(fft), cosines.float()
