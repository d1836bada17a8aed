"""Curves: exact and differentiable from the softest to the loudest sample."""

import math

import pytest
import torch
from torch import Tensor

from graphophone.dsp import shaping


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def knob(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64).view(-1, 1, 1)


def frames(audio: Tensor) -> Tensor:
    return audio.permute(2, 0, 1).contiguous().permute(1, 2, 0)


@pytest.mark.parametrize("bias", [-1.0, -0.3, 0.0, 0.9, 1.0])
def test_the_soft_curve_is_tanh_to_the_last_bits(bias: float) -> None:
    """Against the addition theorem, which loses nothing near zero."""
    audio = (noise(1, 2, 3_000) * torch.logspace(-12, 2, 3_000, dtype=torch.float64)).clamp(-9, 9)
    tanh, offset = torch.tanh(audio), torch.tanh(knob(bias))
    expected = tanh * (1 - offset**2) / (1 + tanh * offset)
    actual = shaping.saturate(audio, hardness=knob(0), bias=knob(bias))
    torch.testing.assert_close(actual, expected, rtol=1e-12, atol=0)


def test_no_sound_stays_none_and_any_loudness_is_bounded() -> None:
    audio = torch.tensor([0.0, 1e300, -1e300, torch.inf, -torch.inf]).double().expand(1, 2, 5)
    out = shaping.saturate(audio, hardness=knob(0.5), bias=knob(0.0))
    expected = torch.tensor([0.0, 1.0, -1.0, 1.0, -1.0], dtype=torch.float64).expand(1, 2, 5)
    torch.testing.assert_close(out, expected, rtol=0, atol=1e-12)
    assert not out[..., 0].any()


@pytest.mark.parametrize("moving", [(), ("hardness",), ("bias",), ("hardness", "bias")], ids=str)
@pytest.mark.parametrize("channels", [1, 2])
def test_gradients_are_those_of_finite_differences(moving: tuple[str, ...], channels: int) -> None:
    audio = 2 * noise(2, 2, 30)
    shapes = {name: (2, channels, 30 if name in moving else 1) for name in ("hardness", "bias")}
    hardness = torch.sigmoid(noise(*shapes["hardness"], seed=1))
    bias = 0.9 * torch.tanh(noise(*shapes["bias"], seed=2))
    inputs = [tensor.requires_grad_() for tensor in (audio, hardness, bias)]
    assert torch.autograd.gradcheck(lambda x, h, a: shaping.saturate(x, hardness=h, bias=a), inputs)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
def test_gradients_are_finite_at_any_loudness(dtype: torch.dtype) -> None:
    loud = torch.tensor([0.0, 1e-38, 1.0, 14.9, 15.1, 80.0, 1e30]).to(dtype)
    audio = torch.cat((loud, -loud)).expand(3, 2, 14).clone().requires_grad_()
    hardness = knob(0.0, 0.5, 1.0).to(dtype).requires_grad_()
    bias = knob(-1.0, 0.0, 1.0).to(dtype).requires_grad_()
    shaping.saturate(audio, hardness=hardness, bias=bias).sum().backward()  # type: ignore[no-untyped-call]
    for tensor in (audio, hardness, bias):
        assert tensor.grad is not None
        assert tensor.grad.isfinite().all()


def test_static_and_moving_controls_agree_for_any_number_of_lanes() -> None:
    for batch in (1, 3, 300):
        audio = noise(batch, 2, 41)
        hardness, bias = torch.rand(batch, 2, 1).double(), torch.rand(batch, 1, 1).double()
        still = shaping.saturate(audio, hardness=hardness, bias=bias)
        moved = shaping.saturate(audio, hardness=hardness.expand(-1, -1, 41), bias=bias)
        torch.testing.assert_close(moved, still, rtol=1e-12, atol=0)


@pytest.mark.parametrize("moving", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
def test_a_staircase_has_as_many_levels_as_it_says(dtype: torch.dtype, moving: bool) -> None:
    """Half to even, in any company."""
    bits = torch.linspace(2, 9, 19, dtype=dtype).view(-1, 1, 1).expand(-1, 1, 700 if moving else 1)
    audio = noise(19, 2, 700).to(dtype)
    levels = torch.exp(math.log(2) * (bits - 1))
    audio[..., 0] = 0.5 / levels[..., 0]
    together = shaping.quantise(audio, bits=bits)
    torch.testing.assert_close(together, (audio * levels).round() / levels)
    for i in range(19):
        one = slice(i, i + 1)
        assert torch.equal(shaping.quantise(audio[one], bits=bits[one]), together[one])


@pytest.mark.parametrize("moving", [False, True])
def test_a_staircase_has_the_gradient_of_its_levels(moving: bool) -> None:
    audio, bits = noise(3, 2, 40), knob(3.3, 5.7, 4.1).expand(-1, 1, 40 if moving else 1)
    leaf, weights = bits.clone().requires_grad_(), noise(3, 2, 40, seed=1)
    (shaping.quantise(audio, bits=leaf) * weights).sum().backward()  # type: ignore[no-untyped-call]

    def height(bits: Tensor) -> Tensor:
        step = (audio * torch.exp2(knob(3.3, 5.7, 4.1) - 1)).round()
        return step / torch.exp2(bits - 1) * weights

    expected = (height(bits + 1e-6) - height(bits - 1e-6)) / 2e-6
    expected = expected.sum(1, keepdim=True)
    torch.testing.assert_close(leaf.grad, expected if moving else expected.sum(2, keepdim=True))


def test_a_staircase_has_no_gradient_to_the_signal() -> None:
    audio = noise(1, 2, 20).requires_grad_()
    shaping.quantise(audio, bits=knob(4)).sum().backward()  # type: ignore[no-untyped-call]
    assert audio.grad is not None
    assert not audio.grad.any()


def test_results_are_time_major_when_signals_are() -> None:
    audio = frames(noise(3, 2, 50))
    saturated = shaping.saturate(audio, hardness=knob(0, 0.5, 1), bias=knob(0, 0.5, 1))
    quantised = shaping.quantise(audio, bits=knob(4, 5, 6))
    for out in (saturated, quantised):
        assert out.permute(2, 0, 1).is_contiguous()
