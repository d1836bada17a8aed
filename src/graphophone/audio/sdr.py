"""How much of a recording is another one: the scale-invariant signal-to-distortion ratio."""

import torch
from torch import Tensor

LIMIT_DB = 100.0
"""Where it ends: equal recordings have no distortion to divide by."""


def si_sdr(estimate: Tensor, target: Tensor) -> Tensor:
    """Return the ratio in dB, one an item, between -100 and 100 dB.

    The part of the estimate that is the target times the best gain, over the rest of it
    (J. Le Roux, S. Wisdom, H. Erdogan and J. R. Hershey, SDR: half-baked or well done?, ICASSP
    2019). Both channels are one long signal, so balance counts, and polarity does not.

    Args:
        estimate: Shape (batch, channel, time).
        target: The same shape, or a batch of one.
    """
    found, wanted = estimate.double().flatten(1), target.double().flatten(1)
    power = wanted.square().sum(1)
    tiny = torch.finfo(torch.float64).tiny
    gain = (found * wanted).sum(1) / power.clamp_min(tiny)
    part = gain.square() * power
    rest = (found - gain[:, None] * wanted).square().sum(1)
    limit = 10 ** (LIMIT_DB / 10)
    ratio = part / (rest + part / limit).clamp_min(tiny)
    return 10 * ratio.clamp(1 / limit, limit).log10()
