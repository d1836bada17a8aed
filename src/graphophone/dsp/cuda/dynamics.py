"""Compressors and expanders on a GPU, see :mod:`graphophone.dsp.dynamics`."""

import torch
from torch import Tensor

from graphophone.dsp.cuda.ballistics import followed
from graphophone.dsp.cuda.level import peaks
from graphophone.dsp.gain_loops import FLOOR


class _Steer:
    """All of it on lanes: signal and key (time, lanes), which may be one; controls (5, clips).

    Peaks and ballistics have their own gradients; the law between them has no memory.
    """

    @staticmethod
    def apply(
        audio: Tensor, key: Tensor, controls: Tensor, law: tuple[float, float], window: int
    ) -> Tensor:
        """Turn a signal down as the level of the key says."""
        clips = controls.shape[1]
        heard = peaks(key, key.shape[1] // clips, window).double()
        *_, rise, fall = controls[:, None]
        silent = _gains(torch.full_like(rise, FLOOR), controls, law)
        gains = followed(_gains(heard, controls, law), rise, fall, silent)
        factors = torch.exp2(gains).to(audio.dtype)[..., None]
        return (audio.view(len(audio), clips, -1) * factors).view_as(audio)


def _gains(levels: Tensor, controls: Tensor, law: tuple[float, float]) -> Tensor:
    """Return the gains that levels lead to, as :func:`graphophone.dsp.gain_loops.aim` does."""
    (threshold, knee, slope, *_), (side, lowest) = controls[:, None], law
    audible = torch.where(levels > FLOOR, levels, FLOOR)
    beyond = side * torch.log2(audible) + (0.5 * knee - side * threshold)
    within = torch.minimum(beyond, knee).clamp(min=0)
    gains = (beyond - 0.5 * within) * within * (slope / knee)
    return torch.where(gains > lowest, gains, lowest)
