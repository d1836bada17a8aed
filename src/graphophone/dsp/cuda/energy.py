"""Energies of clips on a GPU, see :mod:`graphophone.dsp.energy`."""

import torch
from torch import Tensor


class _Energy:
    """The sum on lanes (time, lanes), as many of them side by side as a clip has channels."""

    @staticmethod
    def apply(audio: Tensor, batch: int) -> Tensor:
        """Sum squares up, first over time."""
        return torch.linalg.vecdot(audio.double(), audio.double(), dim=0).view(batch, -1).sum(1)
