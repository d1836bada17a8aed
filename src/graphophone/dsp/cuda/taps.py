"""Several echoes from one delay line on a GPU, see :mod:`graphophone.dsp.taps`."""

import torch
from torch import Tensor

from graphophone.dsp.memory import recall


class _Taps:
    """Signal (time, lanes), delays and gains (taps, lanes)."""

    @staticmethod
    def apply(audio: Tensor, delay: Tensor, gain: Tensor, longest: float) -> Tensor:
        """Return the sum of all taps."""
        past = recall(lambda: audio.new_zeros((int(longest) + 2, audio.shape[1])))
        line = torch.cat((past.clone(), audio))
        past.copy_(line.detach()[len(audio) :])
        time = torch.arange(len(past), len(line), device=audio.device)[:, None]
        total = torch.zeros_like(audio, dtype=torch.float64)
        for samples, factor in zip(delay.clamp(0.0, longest), gain, strict=True):
            whole = samples.detach().floor()
            at = time - whole.long()
            near, far = line.gather(0, at).double(), line.gather(0, at - 1).double()
            total = total + factor * (near + (samples - whole) * (far - near))
        return total.to(audio.dtype)
