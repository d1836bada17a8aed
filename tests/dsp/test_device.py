"""A primitive gives the same whether its way back is noted or not; it is where it is wanted."""

from typing import Any

import torch
from torch import Tensor

from graphophone.dsp.device import apply

Seen = list[tuple[bool, ...]]


class _Doubled(torch.autograd.Function):
    """Twice a tensor, which is told what it was asked for by a list."""

    @staticmethod
    def forward(ctx: Any, tensor: Tensor, seen: Seen) -> Tensor:
        ctx.save_for_backward(tensor)
        ctx.anything = "may be noted"
        seen.append(tuple(ctx.needs_input_grad))
        return 2 * tensor

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        return 2 * grad, None


def _plain(tensor: Tensor) -> Tensor:
    return 2 * tensor


def test_a_gradient_is_noted_where_a_tensor_asks_for_it() -> None:
    seen: Seen = []
    tensor = torch.ones(3, requires_grad=True)
    made: Tensor = apply(_Doubled, tensor, seen)
    made.sum().backward()
    assert tensor.grad is not None
    assert tensor.grad.tolist() == [2, 2, 2]
    assert seen == [(True, False)]


def test_nothing_is_noted_where_nobody_asks() -> None:
    seen: Seen = []
    plain: Tensor = apply(_Doubled, torch.ones(3), seen)
    with torch.no_grad():
        stopped: Tensor = apply(_Doubled, torch.ones(3, requires_grad=True), seen)
    with torch.inference_mode():
        inferred: Tensor = apply(_Doubled, torch.ones(3), seen)
    assert seen == 3 * [(False, False)]
    for made in (plain, stopped, inferred):
        assert made.tolist() == [2, 2, 2]
        assert not made.requires_grad
        assert made.grad_fn is None


def test_a_function_is_called() -> None:
    tensor = torch.ones(3, requires_grad=True)
    made: Tensor = apply(_plain, tensor)
    assert made.requires_grad
