"""Topology-preserving state-variable filter (trapezoidal integrators).

Method: V. Zavalishin, The Art of VA Filter Design, rev. 2.1.2 (2018), ch. 4. The state lives in
two integrators, so coefficients may change every sample without clicks or instability.
"""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from graphophone.dsp import svf_adjoint_loops, svf_loops
from graphophone.dsp.compile import as_array, detached
from graphophone.dsp.device import apply
from graphophone.dsp.lanes import lanes, per_lane, signal
from graphophone.dsp.memory import recall
from graphophone.tensors import Audio, Control

BUTTERWORTH = math.sqrt(2)
"""Damping of a maximally flat second-order filter."""

BUTTERWORTH_4 = (2 * math.cos(math.pi / 8), 2 * math.cos(3 * math.pi / 8))
"""Dampings of the two sections of a maximally flat fourth-order filter."""


def amplitude_root(gain_db: Control) -> Control:
    """Return the square root of the amplitude ratio that ``gain_db`` decibels stand for."""
    return torch.exp(gain_db.double() * (math.log(10.0) / 40))


def filtered(
    audio: Audio,
    *,
    g: Control,
    k: Control | float,
    through: Control | float = 0.0,
    band: Control | float = 0.0,
    low: Control | float = 0.0,
) -> Audio:
    """Run a second-order filter and mix its input, band-pass and low-pass outputs.

    The analogue prototype is ``through + (band * s + low) / (s**2 + k * s + 1)``.

    Args:
        audio: Signal, any number of channels.
        g: Integrator gain, the tangent of half the angle at the corner; static or per sample.
        k: Damping, the inverse of the quality factor; static or per sample.
        through: Share of the input in the output.
        band: Share of the band-pass output, whose peak gain is ``1 / k``.
        low: Share of the low-pass output.

    Returns:
        Filtered signal, same shape and dtype as ``audio``.
    """
    flat = lanes(audio)
    controls = [per_lane(c, audio) for c in (g, k, through, band, low)]
    out: Tensor = apply(_Filter, flat, *controls)
    return signal(out, audio.shape[1])


class _Filter(torch.autograd.Function):
    """The filter on lanes: signal (time, lanes), controls (1 or time, lanes)."""

    @staticmethod
    def forward(ctx: Any, audio: Tensor, *controls: Tensor) -> Tensor:
        state = recall(lambda: np.zeros((2, audio.shape[1])))
        ctx.save_for_backward(audio, *controls)
        blocks = -(-len(audio) // svf_loops.BLOCK) if any(ctx.needs_input_grad) else 0
        ctx.starts = np.empty((blocks, *state.shape))
        out = torch.empty_like(audio)
        g, k, through, band, low = map(detached, controls)
        run = svf_loops.static if all(len(c) == 1 for c in controls) else svf_loops.moving
        run(detached(audio), g, k, through, band, low, state, ctx.starts, as_array(out))
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, ...]:
        x, *controls = map(detached, ctx.saved_tensors)
        grads = tuple(torch.zeros_like(t) for t in ctx.saved_tensors)
        into = tuple(map(as_array, grads))
        still = all(len(c) == 1 for c in controls)
        run = svf_adjoint_loops.static if still else svf_adjoint_loops.moving
        run(x, tuple(controls), ctx.starts, detached(grad.contiguous()), into)
        return grads
