"""The state-variable filter on a GPU, see :mod:`graphophone.dsp.svf`."""

from typing import Any

import torch
from numba import cuda
from torch import Tensor

from graphophone.dsp import svf_adjoint_loops, svf_loops
from graphophone.dsp.cuda.kernels import device, kernel, launch
from graphophone.dsp.memory import recall
from graphophone.dsp.svf_loops import BLOCK

turned = device(svf_loops.turned)
back = device(svf_adjoint_loops.moving, "_moving")


class _Filter(torch.autograd.Function):
    """The filter on lanes: signal (time, lanes), controls (1 or time, lanes)."""

    @staticmethod
    def forward(ctx: Any, audio: Tensor, *controls: Tensor) -> Tensor:
        state = recall(lambda: silence(audio))
        ctx.save_for_backward(audio, *controls)
        out, ctx.starts = run(audio, controls, state)
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, ...]:
        audio, *controls = ctx.saved_tensors
        return gradient(audio, controls, ctx.starts, grad.contiguous())


def silence(audio: Tensor) -> Tensor:
    """Return the states (2, lanes) of filters that have not heard anything."""
    return audio.new_zeros((2, audio.shape[1]), dtype=torch.float64)


def run(audio: Tensor, controls: Any, state: Tensor) -> tuple[Tensor, Tensor]:
    """Filter a signal, and take the states along; return it and the states before each block."""
    blocks = -(-len(audio) // BLOCK)
    out, starts = torch.empty_like(audio), state.new_empty((blocks, *state.shape))
    launch(_run, audio.shape[1], audio, *controls, state, starts, out)
    return out, starts


def gradient(audio: Tensor, controls: Any, starts: Tensor, grad: Tensor) -> tuple[Tensor, ...]:
    """Return the gradients of a signal and of its controls."""
    into = tuple(torch.zeros_like(t) for t in (audio, *controls))
    felt = starts.new_zeros((2, audio.shape[1]))
    states = starts.new_empty((2, BLOCK, audio.shape[1]))
    launch(_back, audio.shape[1], audio, *controls, starts, grad, felt, states, *into)
    return into


@kernel
def _run(
    audio: Any,
    g: Any,
    k: Any,
    through: Any,
    band: Any,
    low: Any,
    state: Any,
    starts: Any,
    out: Any,
) -> None:
    lane = cuda.grid(1)
    if lane < audio.shape[1]:
        by_g, by_k = int(g.shape[0] > 1), int(k.shape[0] > 1)
        by_0, by_1, by_2 = int(through.shape[0] > 1), int(band.shape[0] > 1), int(low.shape[0] > 1)
        p, q = state[0, lane], state[1, lane]
        for t in range(audio.shape[0]):
            if t % BLOCK == 0:
                starts[t // BLOCK, 0, lane], starts[t // BLOCK, 1, lane] = p, q
            gain, damping, m0 = g[t * by_g, lane], k[t * by_k, lane], through[t * by_0, lane]
            m1, m2 = band[t * by_1, lane], low[t * by_2, lane]
            p, q, made = turned(audio[t, lane], p, q, gain, damping, m0, m1, m2)
            out[t, lane] = made
        state[0, lane], state[1, lane] = p, q


@kernel
def _back(
    audio: Any,
    g: Any,
    k: Any,
    through: Any,
    band: Any,
    low: Any,
    starts: Any,
    grad: Any,
    felt: Any,
    states: Any,
    to_audio: Any,
    to_g: Any,
    to_k: Any,
    to_through: Any,
    to_band: Any,
    to_low: Any,
) -> None:
    lane = cuda.grid(1)
    if lane < audio.shape[1]:
        controls = g, k, through, band, low
        into = to_audio, to_g, to_k, to_through, to_band, to_low
        for block in range(starts.shape[0] - 1, -1, -1):
            start = block * BLOCK
            stop = min(start + BLOCK, audio.shape[0])
            room = states[0], states[1], starts[block]
            back(lane, 0.0, audio, controls, start, stop, room, grad, felt, into)
