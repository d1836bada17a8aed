"""Moving signals between planes and lanes on a GPU, see :mod:`graphophone.dsp.routing`."""

import numpy as np
import torch
from torch import Tensor

from graphophone.dsp.compile import Array


def _gathered(buffer: Tensor, starts: Array, planes: Array, factors: Array, out: Tensor) -> None:
    """Write sums of planes (planes, time, 2) as lanes (time, sums, 2): first terms, then second."""
    counts = np.diff(starts)
    for term in range(counts.max()):
        sums = np.flatnonzero(counts > term)
        which = starts[sums] + term
        weights = torch.from_numpy(factors[which]).to(buffer.device, buffer.dtype)
        chosen = torch.from_numpy(planes[which]).to(buffer.device)
        more = (buffer[chosen] * weights[:, None, None]).transpose(0, 1)
        if term == 0:
            out.copy_(more)
        else:
            out[:, torch.from_numpy(sums).to(buffer.device)] += more


def _scattered(audio: Tensor, factors: Tensor, planes: Array, buffer: Tensor) -> None:
    """Write lanes (time, 2 * clips), each clip times its factor, into planes."""
    clips = audio.view(len(audio), -1, 2) * factors.to(audio.dtype)[:, None]
    buffer[torch.from_numpy(planes).to(buffer.device)] = clips.transpose(0, 1)
