"""Signals, knobs and a measuring device that the tests of filters share."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from graphophone.spec import AnyProcessor


class Bench:
    """Makes noise and static knobs, and measures filters."""

    def noise(self, samples: int = 2_000, *, batch: int = 1, seed: int = 0) -> Tensor:
        generator = torch.Generator().manual_seed(seed)
        return 0.1 * torch.randn(batch, 2, samples, generator=generator, dtype=torch.float64)

    def knob(self, value: float) -> Tensor:
        return torch.full((1, 1, 1), value, dtype=torch.float64)

    def sweep(self, processor: AnyProcessor, knob: str, samples: int = 2_000) -> Tensor:
        """Control that swings over a knob's whole travel, at another rate in each channel."""
        time = torch.arange(samples, dtype=torch.float64)
        travel = 0.5 + 0.5 * torch.sin(time * torch.tensor([[0.011], [0.017]]))
        return processor.spec.params[knob].from_travel(travel.unsqueeze(0))

    def response(
        self, processor: AnyProcessor, rate: int, samples: int, **knobs: float
    ) -> Callable[[float], Any]:
        """Measure the complex response by an impulse; the answer takes frequencies in Hz.

        Frequencies must fall on a bin, a multiple of ``rate / samples``.
        """
        impulse = torch.zeros(1, 2, samples, dtype=torch.float64)
        impulse[..., 0] = 1
        controls = {name: self.knob(value) for name, value in knobs.items()}
        outlets = processor.outputs({"in": impulse}, controls, sample_rate=rate, samples=samples)
        spectra = {name: np.fft.rfft(out[0, 0].numpy()) for name, out in outlets.items()}

        def at(frequency: float) -> Any:
            index = round(frequency * samples / rate)
            values = {name: spectrum[index] for name, spectrum in spectra.items()}
            return values.get("out", values)

        return at


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
