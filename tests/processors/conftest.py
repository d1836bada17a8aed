"""What the contract suites need: signals and knobs for any processor, whatever its ports."""

from collections.abc import Mapping
from random import Random

import pytest
import torch
from torch import Tensor

from graphophone.spec import AnyProcessor, ProcessorSpec


class Rig:
    """Plugs noise into every inlet and turns every knob."""

    def signals(
        self,
        spec: ProcessorSpec,
        *,
        batch: int = 3,
        samples: int = 512,
        seed: int = 0,
        dtype: torch.dtype = torch.float32,
    ) -> dict[str, Tensor]:
        """Noise that is loud first and soft later, so that every ballistic has work to do."""
        generator = torch.Generator().manual_seed(seed)
        fade = torch.logspace(0, -2.5, samples, dtype=torch.float64)
        return {
            inlet.name: (
                0.3
                * fade
                * torch.randn(batch, 2, samples, generator=generator, dtype=torch.float64)
            ).to(dtype)
            for inlet in spec.audio_inlets
        }

    def knobs(
        self,
        spec: ProcessorSpec,
        *settings: Mapping[str, float],
        dtype: torch.dtype = torch.float32,
    ) -> dict[str, Tensor]:
        """One batch item for each setting; knobs it does not name stand at their defaults."""
        return {
            name: torch.tensor([s.get(name, p.default) for s in settings], dtype=dtype)[
                :, None, None
            ]
            for name, p in spec.params.items()
        }

    def drawn(
        self, spec: ProcessorSpec, *, batch: int = 3, dtype: torch.dtype = torch.float32
    ) -> dict[str, Tensor]:
        """A random setting for each batch item, with delays short enough for a clip."""
        rng = Random(spec.name)
        settings = (
            {name: p.draw(rng, 0.1, 0.5) for name, p in spec.params.items()} for _ in range(batch)
        )
        return self.knobs(spec, *settings, dtype=dtype)

    def run(
        self,
        processor: AnyProcessor,
        audio: Mapping[str, Tensor],
        knobs: Mapping[str, Tensor],
        *,
        rate: int = 8_000,
        samples: int = 512,
    ) -> dict[str, Tensor]:
        """All outlets of one call; ``samples`` only matters to generators."""
        return processor.outputs(audio, knobs, sample_rate=rate, samples=samples)


@pytest.fixture(scope="session")
def rig() -> Rig:
    return Rig()
