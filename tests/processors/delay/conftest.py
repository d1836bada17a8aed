"""Signals and knobs that the tests of delays share."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from graphophone.spec import AnyProcessor


class Bench:
    """Makes signals and controls, batch of one, double precision unless told otherwise."""

    def noise(self, samples: int, *, seed: int = 0) -> Tensor:
        generator = torch.Generator().manual_seed(seed)
        return 0.1 * torch.randn(1, 2, samples, generator=generator, dtype=torch.float64)

    def impulse(self, samples: int, *, left: float = 1.0, right: float = 1.0) -> Tensor:
        audio = torch.zeros(1, 2, samples, dtype=torch.float64)
        audio[0, :, 0] = torch.tensor([left, right])
        return audio

    def sine(self, frequency: float, samples: int, rate: int) -> Tensor:
        time = torch.arange(samples, dtype=torch.float64) / rate
        return 0.1 * torch.sin(2 * torch.pi * frequency * time).expand(1, 2, -1).contiguous()

    def knobs(
        self, processor: AnyProcessor, dtype: torch.dtype = torch.float64, **values: float
    ) -> dict[str, Tensor]:
        """All knobs, at their defaults where no value is given."""
        settings = processor.spec.defaults() | values
        return {n: torch.full((1, 1, 1), v, dtype=dtype) for n, v in settings.items()}


@pytest.fixture(scope="session")
def bench() -> Bench:
    return Bench()


def relative_error(actual: Any, expected: Any) -> float:
    actual, expected = np.asarray(actual, dtype=np.float64), np.asarray(expected)
    return float(np.linalg.norm(actual - expected) / np.linalg.norm(expected))


@pytest.fixture(scope="session")
def error() -> Callable[[Any, Any], float]:
    """Relative error, L2 over the clip."""
    return relative_error
