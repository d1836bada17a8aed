"""Attack and release on a GPU, see :mod:`graphophone.dsp.ballistics`."""

from typing import Any

import torch
from numba import cuda
from torch import Tensor

from graphophone.dsp import ballistics_loops
from graphophone.dsp.cuda.kernels import device, kernel, launch
from graphophone.dsp.memory import recall

follow = device(ballistics_loops.follow, "_follow")
back = device(ballistics_loops.follow_back, "_back")


def followed(target: Tensor, rise: Tensor, fall: Tensor, start: Tensor) -> Tensor:
    """Smooth a target (time, lanes), see :class:`_Follow`."""
    out: Tensor = _Follow.apply(target, rise, fall, start)  # type: ignore[no-untyped-call]
    return out


class _Follow(torch.autograd.Function):
    """The smoother on lanes: target (time, lanes), coefficients and start (1, lanes)."""

    @staticmethod
    def forward(ctx: Any, target: Tensor, rise: Tensor, fall: Tensor, start: Tensor) -> Tensor:
        begin = start.detach().clone()
        state = recall(lambda: begin)
        ctx.first = state is begin
        ctx.save_for_backward(target, rise, fall, state.clone())
        path = _path(target, rise, fall, state)
        state.copy_(path[-1:])
        return path[1:].to(target.dtype, copy=True)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        target, rise, fall, state = ctx.saved_tensors
        before = _path(target, rise, fall, state)[:-1]
        upwards = target > before
        left = torch.where(upwards, 1 - rise, 1 - fall)
        felt, carry = grad.to(torch.float64, copy=True).contiguous(), torch.zeros_like(state)
        launch(_back, target.shape[1], left, felt, carry)
        share = felt * (target - before)
        to_rise = torch.where(upwards, share, 0.0).sum(0, keepdim=True)
        to_fall = torch.where(upwards, 0.0, share).sum(0, keepdim=True)
        to_target = (felt * (1 - left)).to(target.dtype)
        return to_target, to_rise, to_fall, carry if ctx.first else None


def _path(target: Tensor, rise: Tensor, fall: Tensor, state: Tensor) -> Tensor:
    """Return the smoothed target after the state that it starts from, (1 + time, lanes)."""
    upper, lower = 1 - rise, 1 - fall
    sign = torch.where(upper <= lower, 1.0, -1.0).to(upper.dtype)
    sides = torch.cat((upper, sign * (1 - upper), lower, sign * (1 - lower), sign))
    path = state.new_empty((len(target) + 1, target.shape[1]))
    path[:1] = state
    launch(_follow, target.shape[1], target, sides, path)
    return path


@kernel
def _follow(target: Any, sides: Any, path: Any) -> None:
    lane = cuda.grid(1)
    if lane < target.shape[1]:
        follow(lane, 0.0, target, sides, path)


@kernel
def _back(left: Any, grads: Any, carry: Any) -> None:
    lane = cuda.grid(1)
    if lane < grads.shape[1]:
        back(lane, 0.0, left, grads, carry)
