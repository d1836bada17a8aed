"""Two channels mixed, on a GPU, see :mod:`graphophone.dsp.stereo`."""

import torch
from torch import Tensor


class _Mixer:
    """Pairs of lanes mixed: signal (time, lanes), weights (1 or time, clips)."""

    @staticmethod
    def apply(audio: Tensor, a: Tensor, b: Tensor, c: Tensor, d: Tensor) -> Tensor:
        """Return two weighted sums of each pair."""
        left, right = audio[:, ::2], audio[:, 1::2]
        return torch.stack((a * left + b * right, c * left + d * right), 2).flatten(1)
