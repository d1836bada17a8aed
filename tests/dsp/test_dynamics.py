"""Compression and expansion: gradients to every knob, blocks, and how results lie in memory."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from graphophone.dsp.dynamics import compress, excess, expand
from graphophone.dsp.memory import Memory

RATE = 1_000
both = pytest.mark.parametrize("run", [compress, expand])


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def knobs(batch: int) -> dict[str, Tensor]:
    """Other ones for each clip; thresholds amid the levels of noise."""
    middle = {"threshold": 3.0, "ratio": 3.0, "attack": 0.004, "release": 0.015, "knee": 4.0}
    return {
        name: value * (1 + 0.3 * torch.tanh(noise(batch, 1, 1, seed=i)))
        for i, (name, value) in enumerate(middle.items())
    }


@both
@pytest.mark.parametrize("sidechain", [False, True])
def test_gradients_are_those_of_finite_differences(
    run: Callable[..., Tensor], sidechain: bool
) -> None:
    """Clips of two levels, so that both branches and all parts of the knee are taken."""
    fade = torch.logspace(0.3, -0.6, 45, dtype=torch.float64)
    audio, key = noise(2, 2, 45) * fade, noise(2, 2, 45, seed=9) * fade
    settings = knobs(2)

    def outcome(audio: Tensor, key: Tensor, *values: Tensor) -> Tensor:
        named = dict(zip(settings, values, strict=True))
        return run(audio, key if sidechain else audio, **named, sample_rate=RATE)

    values = (audio, key, *settings.values())
    for value in values:
        value.requires_grad_()
    assert torch.autograd.gradcheck(outcome, values)
    outcome(*values).square().sum().backward()
    assert all(value.grad is not None and value.grad.any() for value in settings.values())


def test_the_knee_has_its_gradient_in_all_three_parts() -> None:
    over = torch.tensor([-9.0, -2.0, 0.5, 2.5, 8.0], dtype=torch.float64).view(1, 1, -1)
    knee = torch.full((1, 1, 1), 6.0, dtype=torch.float64)
    assert torch.autograd.gradcheck(excess, (over.requires_grad_(), knee.requires_grad_()))


@both
@pytest.mark.parametrize("block", [1, 7, 64, 200])
def test_blocks_are_the_whole(run: Callable[..., Tensor], block: int) -> None:
    audio, key, settings = noise(2, 2, 300), noise(2, 2, 300, seed=9), knobs(2)
    whole, memory = run(audio, key, **settings, sample_rate=RATE), Memory()
    parts = []
    for start in range(0, 300, block):
        span = slice(start, start + block)
        with memory.block():
            parts.append(run(audio[..., span], key[..., span], **settings, sample_rate=RATE))
    torch.testing.assert_close(torch.cat(parts, -1), whole, rtol=0, atol=1e-12)


@both
@pytest.mark.parametrize("batch", [1, 3])
def test_time_major_memory_stays_time_major(run: Callable[..., Tensor], batch: int) -> None:
    audio = noise(60, batch, 2).permute(1, 2, 0)
    out = run(audio, audio, **knobs(batch), sample_rate=RATE)
    assert out.permute(2, 0, 1).is_contiguous()
