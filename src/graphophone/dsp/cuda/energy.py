"""Energies of clips on a GPU, see :mod:`graphophone.dsp.energy`."""

from torch import Tensor


class _Energy:
    """The sum on lanes (time, lanes), as many of them side by side as a clip has channels."""

    @staticmethod
    def apply(audio: Tensor, batch: int) -> Tensor:
        """Sum squares up, first over time."""
        return audio.double().square().sum(0).view(batch, -1).sum(1)
