"""Short clips for graphs that were drawn at random."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

Clips = Callable[..., dict[str, Tensor]]


@pytest.fixture
def clips() -> Clips:
    """Noise bursts for every source that a random graph may have, at the reference level."""

    def make(
        seed: int, samples: int, batch: int = 1, dtype: torch.dtype = torch.float64
    ) -> dict[str, Tensor]:
        generator = torch.Generator().manual_seed(seed)
        fade = torch.logspace(0, -1.5, samples, dtype=torch.float64)  # something for ballistics
        return {
            name: (
                0.2
                * fade
                * torch.randn(batch, 2, samples, generator=generator, dtype=torch.float64)
            ).to(dtype)
            for name in ("voice", "kick", "snare", "hat")
        }

    return make
