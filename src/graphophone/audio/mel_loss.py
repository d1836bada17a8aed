"""How different two recordings are in the bands of the ear: left, right, mid and side.

After C. J. Steinmetz, J. Pons, S. Pascual and J. Serra, Automatic multitrack mixing with a
differentiable mixing console of neural audio effects (ICASSP 2021), for the sums and differences
of channels, and S. Lee et al., Searching for music mixing graphs (DAFx 2024), for their weights.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from graphophone.audio.features import filterbank
from graphophone.audio.losses import magnitudes

SIZES = (512, 1_024, 4_096)
BANDS = 96
WEIGHTS = (0.25, 0.25, 0.25, 0.25)
"""Of left, right, mid and side: half, a quarter and a quarter."""
OFFSET = 1e-5
A_CORNERS = (20.598997, 107.65265, 737.86223, 12_194.217)
"""Poles of the A-weighting in Hz (IEC 61672-1, Annex E)."""


def mel_distance(estimate: Tensor, target: Tensor, rate: int) -> Tensor:
    """Return one distance an item: spectral convergence and the difference of logarithms.

    Magnitudes are A-weighted and read in 96 mel bands. Per size of window and signal it is
    ||dS|| / ||S|| + mean |d ln(S + 1e-5)|, S being the target's, so a quiet side counts as much as
    a loud one, unless the target is silent there.

    Args:
        estimate: Shape (batch, 2, time).
        target: The same shape, or a batch of one.
        rate: Samples a second.
    """
    total = torch.zeros(len(estimate), dtype=estimate.dtype)
    weights = torch.tensor(WEIGHTS, dtype=estimate.dtype)
    for size in SIZES:
        found, wanted = _bands(estimate, size, rate), _bands(target, size, rate)
        rest = (found - wanted).square().sum((2, 3)).clamp_min(1e-24).sqrt()
        whole = wanted.square().sum((2, 3)).clamp_min(OFFSET**2).sqrt()
        logs = ((found + OFFSET).log() - (wanted + OFFSET).log()).abs().mean((2, 3))
        total = total + ((rest / whole + logs) * weights).sum(1)
    return total / len(SIZES)


def a_weighting(frequency: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the gain of the A-weighting, 1 at 1 kHz (IEC 61672-1, equation E.1)."""

    def gain(f: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        s = f**2
        a, b, c, d = (corner**2 for corner in A_CORNERS)
        curve: npt.NDArray[np.float64] = d * s**2 / ((s + a) * np.sqrt((s + b) * (s + c)) * (s + d))
        return curve

    weights: npt.NDArray[np.float64] = gain(frequency) / gain(np.array([1_000.0]))
    return weights


def _bands(audio: Tensor, size: int, rate: int) -> Tensor:
    """Return A-weighted mel bands (batch, 4, bands, frames) of left, right, mid and side."""
    left, right = audio.unbind(1)
    four = torch.stack((left, right, (left + right) / 2**0.5, (left - right) / 2**0.5), 1)
    spectrum = magnitudes(four.flatten(0, 1), size)
    bank = _bank(size, rate).to(spectrum)
    bands: Tensor = bank @ spectrum
    return bands.reshape(*four.shape[:2], *bands.shape[1:])


@lru_cache(maxsize=8)
@torch.inference_mode(mode=False)  # or no gradient would go through what is kept
def _bank(size: int, rate: int) -> Tensor:
    """Return (bands, bins): mel triangles over A-weighted bins."""
    bins = np.arange(size // 2 + 1) * rate / size
    return (filterbank(BANDS, size, rate) * torch.from_numpy(a_weighting(bins))[:, None]).T.float()
