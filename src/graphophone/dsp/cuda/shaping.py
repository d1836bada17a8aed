"""Memoryless curves on a GPU, see :mod:`graphophone.dsp.shaping`."""

import torch
from torch import Tensor

from graphophone.dsp.shaping import REACH


class _Saturate:
    """The curve on lanes: signal (time, lanes), both controls (1, lanes) or (time, lanes)."""

    @staticmethod
    def apply(audio: Tensor, hardness: Tensor, bias: Tensor) -> Tensor:
        """Bend a signal."""
        wide = audio.double()
        growth, offset = torch.expm1(2 * wide.clamp(-REACH, REACH)), torch.tanh(bias)
        soft = growth * (1 - offset * offset) / (growth * (1 + offset) + 2)
        hard = torch.maximum(torch.minimum(wide, 1 - bias), -1 - bias)
        return (soft * (1 - hardness) + hard * hardness).to(audio.dtype)


class _Quantise:
    """The staircase on lanes: signal (time, lanes), levels (1, lanes) or (time, lanes)."""

    @staticmethod
    def apply(audio: Tensor, levels: Tensor) -> Tensor:
        """Round a signal; the levels have a gradient, the choice of one has none."""
        exact = levels.to(audio.dtype)
        return torch.round(audio * exact).detach() / exact
