"""How signals lie in memory: time-major, all channels of all clips side by side as lanes.

A recurrence cannot be computed ahead in time, but as many lanes as a processor's vector
registers hold can be computed at once. So a compiled loop runs over time outside and over lanes
inside, on arrays of shape (time, lanes), and the ordinary ``(batch, channel, time)`` tensors
are views over such memory. Arithmetic on views keeps their layout, so nothing is transposed on the
way through a graph; a tensor that lies otherwise is copied once.
"""

import torch
from torch import Tensor

from graphophone.dsp.compile import Array, as_array, kernel
from graphophone.tensors import Audio, Control

TILE, SHORTEST = 8192, 64
"""Elements that are transposed together, and of each lane at least so many samples: whole cache
lines in both directions."""


def lanes(audio: Audio) -> Tensor:
    """Return (time, lanes), contiguous: a view if the signal is time-major, else a copy.

    Lane ``batch_index * channels + channel`` is that channel of that clip.
    """
    batch, channels, time = audio.shape
    flat = audio.permute(2, 0, 1)
    if flat.is_contiguous() or audio.requires_grad or audio.device.type != "cpu":
        return flat.reshape(time, batch * channels).contiguous()
    if audio.is_contiguous():
        out = torch.empty((time, batch * channels), dtype=audio.dtype)
        to_lanes(as_array(audio.reshape(batch * channels, time)), 0, as_array(out))
        return out
    return flat.contiguous().view(time, batch * channels)


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
        return torch.full((1, batch * channels), float(value), dtype=torch.float64)
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


@kernel
def to_lanes(rows: Array, start: int, columns: Array) -> None:
    """Write rows, one a lane, from a sample on, as columns (time, lanes).

    Four or two lanes at once, so that vectors are written.
    """
    time, count = columns.shape
    flat, samples = columns.reshape(-1), max(SHORTEST, TILE // max(1, count))
    if count == 2:  # one stereo clip: the compiler makes the most of a distance that it knows
        left, right = rows[0, start:], rows[1, start:]
        for t in range(time):
            flat[2 * t], flat[2 * t + 1] = left[t], right[t]
        return
    for first in range(0, time, samples):
        stop, lane = min(time, first + samples), 0
        while lane + 4 <= count:
            a, b = rows[lane, start:], rows[lane + 1, start:]
            c, d = rows[lane + 2, start:], rows[lane + 3, start:]
            for t in range(first, stop):
                at = t * count + lane
                flat[at], flat[at + 1], flat[at + 2], flat[at + 3] = a[t], b[t], c[t], d[t]
            lane += 4
        for i in range(lane, count):
            for t in range(first, stop):
                flat[t * count + i] = rows[i, start + t]


@kernel
def to_rows(columns: Array, rows: Array, start: int) -> None:
    """Do the reverse."""
    time, count = columns.shape
    flat, samples = columns.reshape(-1), max(SHORTEST, TILE // max(1, count))
    if count == 2:
        left, right = rows[0, start:], rows[1, start:]
        for t in range(time):
            left[t], right[t] = flat[2 * t], flat[2 * t + 1]
        return
    for first in range(0, time, samples):
        stop, lane = min(time, first + samples), 0
        while lane + 4 <= count:
            a, b = rows[lane, start:], rows[lane + 1, start:]
            c, d = rows[lane + 2, start:], rows[lane + 3, start:]
            for t in range(first, stop):
                at = t * count + lane
                a[t], b[t], c[t], d[t] = flat[at], flat[at + 1], flat[at + 2], flat[at + 3]
            lane += 4
        for i in range(lane, count):
            for t in range(first, stop):
                rows[i, start + t] = flat[t * count + i]
