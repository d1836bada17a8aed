"""Phase is counted, not remembered."""

import math

import pytest
import torch

from graphophone.dsp.memory import Memory
from graphophone.dsp.oscillator import sine


def test_each_item_and_channel_has_its_own_sine() -> None:
    frequency = torch.tensor([1.0, 2.0]).reshape(2, 1, 1)
    phase = torch.tensor([[0.0, 0.25], [0.5, 0.75]]).reshape(2, 2, 1)
    out = sine(frequency, phase, samples=4, sample_rate=8)
    expected = [
        [[0.0, 0.7071, 1.0, 0.7071], [1.0, 0.7071, 0.0, -0.7071]],
        [[0.0, -1.0, 0.0, 1.0], [-1.0, 0.0, 1.0, 0.0]],
    ]
    torch.testing.assert_close(out, torch.tensor(expected), atol=1e-4, rtol=0)


def knobs(channels: int) -> tuple[torch.Tensor, torch.Tensor]:
    frequency = torch.tensor([[[0.3]], [[17.0]]], dtype=torch.float64)
    phase = torch.linspace(0.1, 0.9, 2 * channels, dtype=torch.float64)
    return frequency, phase.reshape(2, channels, 1)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("block", [1, 7, 100, 1_000])
def test_blocks_are_the_whole(channels: int, block: int) -> None:
    frequency, phase = knobs(channels)
    whole, memory = sine(frequency, phase, samples=300, sample_rate=1_000), Memory()
    parts = []
    for start in range(0, 300, block):
        with memory.block():
            size = min(block, 300 - start)
            parts.append(sine(frequency, phase, samples=size, sample_rate=1_000))
    torch.testing.assert_close(torch.cat(parts, -1), whole, rtol=0, atol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("count", [1, 2, 19])
def test_it_is_the_sine_of_its_phase(dtype: torch.dtype, count: int) -> None:
    frequency = torch.logspace(-1, 3.3, count, dtype=torch.float64).reshape(-1, 1, 1).to(dtype)
    phase = torch.linspace(-2, 3, 2 * count, dtype=torch.float64).reshape(-1, 2, 1).to(dtype)
    out = sine(frequency, phase, samples=1_300, sample_rate=44_100)
    time = torch.arange(1_300, dtype=torch.float64)
    expected = torch.sin(2 * math.pi * (frequency.double() * time / 44_100 + phase.double()))
    error = 1e-6 if dtype == torch.float32 else 1e-12
    torch.testing.assert_close(out.double(), expected, rtol=0, atol=error)


def test_neither_company_nor_a_cut_changes_a_bit() -> None:
    frequency = torch.logspace(-1, 3.3, 19, dtype=torch.float64).reshape(-1, 1, 1)
    phase, memory = frequency.cos(), Memory()
    together = sine(frequency, phase, samples=1_300, sample_rate=44_100)
    for i in range(19):
        alone = sine(frequency[i : i + 1], phase[i : i + 1], samples=1_300, sample_rate=44_100)
        assert torch.equal(alone, together[i : i + 1])
    for start in range(0, 1_300, 100):
        with memory.block():
            part = sine(frequency, phase, samples=100, sample_rate=44_100)
        assert torch.equal(part, together[..., start : start + 100])


def test_the_last_block_of_an_hour_is_as_exact_as_the_first() -> None:
    """A frequency that divides the rate repeats itself after every block of a second."""
    frequency, phase = torch.full((1, 1, 1), 5.0), torch.full((1, 1, 1), 0.3)
    memory = Memory()
    for _ in range(3_600):
        with memory.block():
            last = sine(frequency, phase, samples=100, sample_rate=100)
    first = sine(frequency, phase, samples=100, sample_rate=100)
    torch.testing.assert_close(last, first, rtol=0, atol=1e-6)


@pytest.mark.parametrize("channels", [1, 2])
def test_gradients_are_those_of_finite_differences(channels: int) -> None:
    frequency, phase = (knob.requires_grad_() for knob in knobs(channels))
    assert torch.autograd.gradcheck(
        lambda f, p: sine(f, p, samples=20, sample_rate=1_000), (frequency, phase)
    )


def test_a_wrapped_phase_has_the_gradient_of_the_one_it_stands_for() -> None:
    phase = torch.tensor([[[-0.8]], [[0.2]], [[7.2]]], dtype=torch.float64, requires_grad=True)
    frequency = torch.full((3, 1, 1), 2.0, dtype=torch.float64)
    sine(frequency, phase, samples=1, sample_rate=8).sum().backward()
    expected = torch.full((3, 1, 1), 2 * math.pi * math.cos(0.4 * math.pi), dtype=torch.float64)
    torch.testing.assert_close(phase.grad, expected)


@pytest.mark.parametrize("channels", [1, 2])
def test_the_result_is_time_major(channels: int) -> None:
    out = sine(*knobs(channels), samples=50, sample_rate=1_000)
    assert out.shape == (2, channels, 50)
    assert out.permute(2, 0, 1).is_contiguous()
