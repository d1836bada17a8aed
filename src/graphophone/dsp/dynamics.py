"""Compressors and expanders: from a level to a gain, with a soft knee, and from there to sound."""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from graphophone.dsp.ballistics import coefficient
from graphophone.dsp.compile import Array, as_array, detached
from graphophone.dsp.device import apply
from graphophone.dsp.dynamics_loops import run, run_back
from graphophone.dsp.gain_loops import silence
from graphophone.dsp.lanes import lanes, signal
from graphophone.dsp.level import window
from graphophone.dsp.memory import recall
from graphophone.dsp.tiles import tiles
from graphophone.tensors import Audio, Control

HARD_KNEE_DB = 1e-3
"""Narrowest knee; a corner this sharp cannot be heard and spares a division by zero."""
CLOSED_DB = -80.0
"""Gain of a closed gate; opening it in decibels needs a finite place to start from."""
PER_DB = math.log2(10) / 20
"""Doublings of amplitude in a decibel."""
Law = tuple[float, float]
"""1 if a level above the threshold changes the gain or -1 if one below does; and the lowest gain
in doublings."""
COMPRESS: Law = (1.0, -math.inf)
EXPAND: Law = (-1.0, CLOSED_DB * PER_DB)


def compress(
    audio: Audio,
    key: Audio,
    *,
    threshold: Control,
    ratio: Control,
    attack: Control,
    release: Control,
    knee: Control,
    sample_rate: int,
) -> Audio:
    """Turn ``audio`` down while the level of ``key`` is above a threshold.

    Args:
        audio: Signal to process.
        key: Signal whose level decides; all its channels steer one gain.
        threshold: Level in dBFS, static.
        ratio: How many dB above the threshold become one, static.
        attack: Time constant in seconds of a falling gain, static.
        release: Time constant in seconds of a rising gain, static.
        knee: Width in dB of the soft transition, static.
        sample_rate: Samples per second.

    Returns:
        ``audio`` with its gain reduced, same shape.
    """
    slope = 1 / ratio.double() - 1
    rise, fall = release, attack  # the level's attack lets the gain fall
    return _steered(audio, key, COMPRESS, sample_rate, threshold, knee, slope, rise, fall)


def expand(
    audio: Audio,
    key: Audio,
    *,
    threshold: Control,
    ratio: Control,
    attack: Control,
    release: Control,
    knee: Control,
    sample_rate: int,
) -> Audio:
    """Turn ``audio`` down while the level of ``key`` is below a threshold.

    Before the first sample there was silence, so it starts as closed as silence makes it.

    Args:
        audio: Signal to process.
        key: Signal whose level decides; all its channels steer one gain.
        threshold: Level in dBFS, static.
        ratio: How many dB one dB below the threshold becomes, static.
        attack: Time constant in seconds of a rising gain, static.
        release: Time constant in seconds of a falling gain, static.
        knee: Width in dB of the soft transition, static.
        sample_rate: Samples per second.

    Returns:
        ``audio`` with its gain reduced by up to 80 dB, same shape.
    """
    slope = 1 - ratio.double()
    return _steered(audio, key, EXPAND, sample_rate, threshold, knee, slope, attack, release)


def _steered(
    audio: Audio,
    key: Audio,
    law: Law,
    sample_rate: int,
    threshold: Control,
    knee: Control,
    slope: Control,
    rise: Control,
    fall: Control,
) -> Audio:
    """Set ``audio``'s gain by the level of ``key``.

    Args:
        audio: Signal to process.
        key: Signal whose level decides.
        law: Which levels change the gain, and how far.
        sample_rate: Samples per second.
        threshold: Level in dBFS.
        knee: Width in dB of the soft transition.
        slope: Change of the gain in dB for one dB beyond the threshold.
        rise: Time constant in seconds of a rising gain.
        fall: Time constant in seconds of a falling gain.

    Returns:
        The signal with another gain, same shape as ``audio``.
    """
    knobs = (
        threshold.double() * PER_DB,
        knee.double().clamp(min=HARD_KNEE_DB) * PER_DB,
        slope,
        coefficient(rise, sample_rate),
        coefficient(fall, sample_rate),
    )
    controls = torch.cat([k.expand(len(audio), 1, 1) for k in knobs], 1)[..., 0].T.contiguous()
    flat = lanes(audio)
    heard = flat if key is audio else lanes(key)
    out: Tensor = apply(_Steer, flat, heard, controls, law, window(sample_rate))
    return signal(out, audio.shape[1])


class _Steer(torch.autograd.Function):
    """All of it on lanes: signal and key (time, lanes), which may be one; controls (5, clips).

    Peaks are kept for the way back, if there will be one, and the state before each tile; levels,
    targets and gains are computed again.
    """

    @staticmethod
    def forward(
        ctx: Any, audio: Tensor, key: Tensor, controls: Tensor, law: Law, window: int
    ) -> Tensor:
        x, heard, settings = map(detached, (audio, key, controls))
        time, clips = len(x), settings.shape[1]
        begin = silence(settings, law)
        past, state = recall(lambda: (np.zeros(clips * (window - 1), heard.dtype), begin))
        wanted = any(ctx.needs_input_grad)
        peaks: Array = np.empty((time if wanted else 0, clips), heard.dtype)
        starts = np.empty((tiles(time, clips) if wanted else 0, clips))
        ctx.save_for_backward(audio, key, controls)
        ctx.law, ctx.window, ctx.kept = law, window, (peaks, starts, state is begin)
        out = torch.empty_like(audio)
        run(x, heard, settings, law, window, past, state, peaks, starts, as_array(out))
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        audio, key, controls = ctx.saved_tensors
        grads = torch.empty_like(audio), torch.zeros_like(key), torch.empty_like(controls)
        x, heard, settings = map(detached, ctx.saved_tensors)
        peaks, starts, began = ctx.kept
        y, into = detached(grad.contiguous()), tuple(map(as_array, grads))
        run_back(x, heard, settings, ctx.law, ctx.window, peaks, starts, began, y, into)
        return *grads, None, None
