"""How signals lie in memory: time-major, all channels of all clips side by side as lanes.

A recurrence cannot be computed ahead in time, but as many lanes as a processor's vector
registers hold can be computed at once. So a compiled loop runs over time outside and over lanes
inside, on arrays of shape (time, lanes), and the ordinary ``(batch, channel, time)`` tensors
are views over such memory. Arithmetic on views keeps their layout, so nothing is transposed on the
way through a graph; a tensor that lies otherwise is copied once.
"""

import torch
from torch import Tensor

from graphophone.dsp.compile import as_array
from graphophone.dsp.rows import to_lanes, to_rows
from graphophone.tensors import Audio, Control


def lanes(audio: Audio) -> Tensor:
    """Return (time, lanes), contiguous: a view if the signal is time-major, else a copy.

    Lane ``batch_index * channels + channel`` is that channel of that clip.
    """
    batch, channels, time = audio.shape
    flat = audio.permute(2, 0, 1)
    if flat.is_contiguous():
        return flat.view(time, batch * channels)
    if audio.requires_grad or audio.device.type != "cpu":
        return flat.reshape(time, batch * channels).contiguous()
    if audio.is_contiguous():
        out = torch.empty((time, batch * channels), dtype=audio.dtype)
        to_lanes(as_array(audio.reshape(batch * channels, time)), as_array(out))
        return out
    return flat.contiguous().view(time, batch * channels)


def as_clips(audio: Audio) -> Audio:
    """Return a signal as a copy whose clips lie one behind the other, each channel in one piece."""
    batch, channels, time = audio.shape
    if audio.device.type != "cpu":
        return audio.contiguous()
    out = torch.empty((batch, channels, time), dtype=audio.dtype)
    to_rows(as_array(lanes(audio)), as_array(out.view(batch * channels, time)))
    return out


def signal(flat: Tensor, channels: int) -> Audio:
    """Return (time, lanes) as (batch, channel, time), a view."""
    return flat.view(flat.shape[0], -1, channels).permute(1, 2, 0)


def per_lane(value: Control | float, audio: Audio) -> Tensor:
    """Return a control as float64 of shape (1, lanes), or (time, lanes) if it moves; contiguous.

    Args:
        value: Static, or one value a sample; shared by both channels or not.
        audio: The signal it goes with.
    """
    batch, channels, _ = audio.shape
    if isinstance(value, float | int):
        shape = 1, batch * channels
        return torch.full(shape, float(value), dtype=torch.float64, device=audio.device)
    wide = value.double().permute(2, 0, 1).expand(-1, batch, channels)
    return wide.reshape(value.shape[2], batch * channels).contiguous()


def scaled(audio: Audio, factor: Tensor) -> Audio:
    """Multiply each clip by a factor of its own.

    Args:
        audio: Clips.
        factor: Of no axis, of shape (batch,), or a control.
    """
    if factor.numel() == 1:
        return audio * factor.to(audio.dtype).reshape(())
    # Over flat lanes one row of factors serves all times; broadcasting over the three axes of a
    # view would run in steps of two samples.
    control = factor if factor.ndim == 3 else factor[:, None, None]
    return signal(lanes(audio) * per_lane(control, audio).to(audio.dtype), audio.shape[1])
