"""Sine waves on a GPU, see :mod:`graphophone.dsp.oscillator`."""

import math

import torch
from torch import Tensor


class _Sine:
    """The waves on lanes: cycles per sample and at the start (lanes,), result (time, lanes)."""

    @staticmethod
    def apply(step: Tensor, begin: Tensor, start: int, samples: int, dtype: torch.dtype) -> Tensor:
        """Return the waves."""
        time = torch.arange(start, start + samples, dtype=torch.float64, device=step.device)
        cycles = time[:, None] * step + begin
        return torch.sin(2 * math.pi * (cycles - cycles.detach().floor())).to(dtype)
