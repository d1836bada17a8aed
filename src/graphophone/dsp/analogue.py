"""Second-order filters with the magnitude response of an analogue prototype.

The bilinear transform gives a digital filter the response of its prototype at other frequencies:
those of the prototype, all the way to infinity, are squeezed below half the sample rate, so a
filter sounds otherwise at another rate. Here the squared magnitude is mapped instead. With
``x = tan(w / 2)**2``, w in radians a sample, the square of w is nearly ``4 x / (1 + rho x)``:
exactly so at 0 and, by the choice of rho, at the filter's own corner. Up to a seventh of the sample
rate it is right to 0.9 % of the frequency for corners anywhere, beyond half the rate too, and to
0.1 % for low ones. Under that map the squared magnitude of any second-order prototype is again
one of a second-order section (:mod:`.analogue_loops`), which is stable.

Matching magnitudes at chosen frequencies is due to S. J. Orfanidis, Digital parametric equalizer
design with prescribed Nyquist-frequency gain, J. Audio Eng. Soc. 45(6), 1997, and M. Vicanek,
Matched second order digital filters (2016); the map of the frequency axis as a whole is ours.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from graphophone.dsp import (
    analogue_adjoint_loops,
    analogue_loops,
    svf,
    svf_adjoint_loops,
    svf_loops,
)
from graphophone.dsp.allocation import empty
from graphophone.dsp.compile import as_array, detached
from graphophone.dsp.device import apply
from graphophone.dsp.lanes import lanes, per_lane, signal
from graphophone.dsp.memory import recall
from graphophone.tensors import Audio, Control


class Section(NamedTuple):
    """Coefficients of a state-variable filter, see :func:`graphophone.dsp.svf.filtered`."""

    g: Control
    k: Control
    through: Control
    band: Control
    low: Control

    def filtered(self, audio: Audio) -> Audio:
        """Filter a signal."""
        return svf.filtered(audio, **self._asdict())


def filtered(
    audio: Audio,
    *,
    frequency: Control,
    k: Control | float,
    through: Control | float = 0.0,
    band: Control | float = 0.0,
    low: Control | float = 0.0,
    shift: Control | float = 1.0,
    tune: Control | float = 1.0,
    sample_rate: int,
) -> Audio:
    """Filter by an analogue prototype, see :func:`section`.

    Args:
        audio: Signal, any number of channels.
        frequency: Knob in Hz.
        k: Damping.
        through: Share of the input.
        band: Share of the band-pass output.
        low: Share of the low-pass output.
        shift: Corner of the prototype over ``frequency``.
        tune: Frequency at which the response is exact over ``frequency``.
        sample_rate: Samples per second.

    Returns:
        Filtered signal, same shape and dtype as ``audio``.
    """
    values = (frequency, shift, tune, k, through, band, low)
    controls = [_as_control(v, frequency) for v in values]
    if any(c.shape[2] > 1 for c in controls):
        channels = audio.shape[1]
        out: Tensor = apply(_Moving, lanes(audio), channels, sample_rate, *controls)
        return signal(out, channels)
    made = apply(_Section, sample_rate, *controls)
    return Section(*made).filtered(audio)


def section(
    frequency: Control,
    *,
    k: Control | float,
    through: Control | float = 0.0,
    band: Control | float = 0.0,
    low: Control | float = 0.0,
    shift: Control | float = 1.0,
    tune: Control | float = 1.0,
    sample_rate: int,
) -> Section:
    """Return the digital section for ``through + (band * s + low) / (s**2 + k * s + 1)``.

    There ``s`` is 1j at the corner, ``frequency * shift``. The numerator's first and last
    coefficient, ``through`` and ``through + low``, must not be negative.

    Args:
        frequency: Knob in Hz; static or per sample, as all others.
        k: Damping, the inverse of the quality factor.
        through: Share of the input in the output.
        band: Share of the band-pass output, whose peak gain is ``1 / k``.
        low: Share of the low-pass output.
        shift: Corner of the prototype over ``frequency``.
        tune: Frequency at which the response is exact over ``frequency``; beyond 0.318 of the
            sample rate it is exact nowhere, so that what lies far below keeps right.
        sample_rate: Samples per second.

    Returns:
        Coefficients in float64, static or one a sample.
    """
    values = (frequency, shift, tune, k, through, band, low)
    made = apply(_Section, sample_rate, *(_as_control(v, frequency) for v in values))
    return Section(*made)


def _as_control(value: Control | float, like: Control) -> Tensor:
    if isinstance(value, Tensor):
        return value.double()
    return torch.full((1, 1, 1), value, dtype=torch.float64, device=like.device)


def band_pass_lead(made: Section, frequency: Control, k: Control, sample_rate: int) -> Control:
    """Return by how many samples a band-pass comes before its prototype at the centre.

    It has the least phase that goes with its magnitudes. A loop that is to keep time has to be
    that much longer.

    Args:
        made: The section for ``band = k``.
        frequency: Its centre in Hz, static.
        k: Damping of the prototype, whose group delay is 2 / k over the centre.
        sample_rate: Samples per second.
    """
    angle = frequency.double() * (2 * math.pi / sample_rate)
    tangent = torch.tan(0.5 * angle.clamp(max=analogue_loops.TUNED_TO))
    over = tangent / made.g
    share, middle = made.through, made.band + made.through * made.k
    turn = made.k * (1 + over**2) / ((1 - over**2) ** 2 + (made.k * over) ** 2)
    back = share * middle / (middle**2 + (share * over) ** 2)
    return 2 / (k * angle) - (turn - back) * (1 + tangent**2) / (2 * made.g)


class _Section(torch.autograd.Function):
    """The design on controls of shapes that broadcast, (batch or 1, channel or 1, time or 1)."""

    @staticmethod
    def forward(ctx: Any, sample_rate: int, *controls: Tensor) -> tuple[Tensor, ...]:
        shape = _common(*(c.shape for c in controls))
        ctx.save_for_backward(*controls)
        ctx.sample_rate, ctx.shape = sample_rate, shape
        return _designed(controls, shape, sample_rate).unbind()

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        return None, *_to_controls(torch.stack(grads), ctx.saved_tensors, ctx.sample_rate)


class _Moving(torch.autograd.Function):
    """A filter that moves, on lanes: signal (time, lanes), controls as for :class:`_Section`.

    Only what is handed in is kept for the gradient: sections of every sample and states would take
    most of the memory that a graph learns in.
    """

    @staticmethod
    def forward(
        ctx: Any, audio: Tensor, channels: int, sample_rate: int, *controls: Tensor
    ) -> Tensor:
        state = recall(lambda: np.zeros((2, audio.shape[1])))
        ctx.save_for_backward(audio, *controls)
        ctx.start, ctx.channels, ctx.sample_rate = state.copy(), channels, sample_rate
        shape = _common(*(c.shape for c in controls))
        if shape[1] > 1:  # neighbours in a row of sections are channels of different clips
            shape = _common((audio.shape[1] // channels, 1, 1), shape)
        rows, out = tuple(_rows(c, shape) for c in controls), torch.empty_like(audio)
        analogue_loops.run(rows, sample_rate, detached(audio), state, as_array(out))
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        audio, *controls = ctx.saved_tensors
        shape = _common(*(c.shape for c in controls))
        clips = signal(audio, ctx.channels)
        made = _designed(controls, shape, ctx.sample_rate)
        wide = tuple(detached(per_lane(one, clips)) for one in made)
        x, again = detached(audio), np.empty(audio.shape)
        starts = np.empty((-(-len(x) // svf_loops.BLOCK), *ctx.start.shape))
        g, k, through, band, low = wide
        svf_loops.moving(x, g, k, through, band, low, ctx.start.copy(), starts, again)
        to_audio = torch.zeros_like(audio)
        to_wide = tuple(torch.zeros(audio.shape, dtype=torch.float64) for _ in wide)
        into = (as_array(to_audio), *map(as_array, to_wide))
        svf_adjoint_loops.moving(x, wide, starts, detached(grad.contiguous()), into)
        to_made = torch.stack([signal(g, ctx.channels).sum_to_size(shape) for g in to_wide])
        return to_audio, None, None, *_to_controls(to_made, controls, ctx.sample_rate)


def _designed(controls: Sequence[Tensor], shape: Sequence[int], sample_rate: int) -> Tensor:
    """Return sections of that shape, (5, batch, channel, time)."""
    out = empty((analogue_loops.OUTPUTS, shape[0] * shape[1], shape[2]), torch.float64)
    analogue_loops.design(tuple(_rows(c, shape) for c in controls), sample_rate, as_array(out))
    return out.view(-1, *shape)


def _to_controls(grads: Tensor, controls: Sequence[Tensor], sample_rate: int) -> list[Tensor]:
    """Return the gradients of controls from those of sections (5, batch, channel, time)."""
    shape = grads.shape[1:]
    rows = [_rows(c, shape) for c in controls]
    into = [torch.zeros(c.shape, dtype=torch.float64) for c in rows]
    grad = detached(grads.reshape(len(grads), shape[0] * shape[1], shape[2]).contiguous())
    analogue_adjoint_loops.gradient(tuple(rows), sample_rate, grad, tuple(map(as_array, into)))
    return [
        made.view(*shape[:2], -1).sum_to_size(control.shape)
        for made, control in zip(into, controls, strict=True)
    ]


def _common(*shapes: Sequence[int]) -> tuple[int, ...]:
    """Return the shape to which shapes of three axes broadcast."""
    return tuple(max(sizes) for sizes in zip(*shapes, strict=True))


def _rows(control: Tensor, shape: Sequence[int]) -> Any:
    """Return a control as (rows, 1) or (rows, time), contiguous."""
    wide = control.expand(*shape[:2], -1)
    return detached(wide.reshape(shape[0] * shape[1], -1).contiguous())
