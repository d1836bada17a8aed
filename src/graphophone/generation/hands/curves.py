"""Distortions of other makes: arctangents, cubics, exponentials, folds, and a tone control."""

import math
from collections.abc import Mapping
from random import Random

import torch
from scipy.signal import butter, sosfilt
from torch import Tensor

from graphophone.generation.hands.hand import Hand, knob
from graphophone.tensors import Audio


def _cubic(x: Tensor) -> Tensor:
    x = x.clamp(-1, 1)
    return 1.5 * x - 0.5 * x**3


def _exponential(x: Tensor) -> Tensor:
    return x.sign() * (1 - torch.exp(-x.abs()))


def _fold(x: Tensor) -> Tensor:
    return torch.sin(x.clamp(-1.5 * math.pi, 1.5 * math.pi))


SHAPES = (
    lambda x: torch.atan(x) * (2 / math.pi),
    torch.tanh,
    _cubic,
    _exponential,
    _fold,
    lambda x: x.clamp(-1, 1),
)


def curve(rng: Random, type_: str) -> Hand:
    """Draw a curve, and perhaps a low-pass behind it."""
    shape = rng.choice(SHAPES)
    tone = rng.choice((None, None, 3_000 * 5 ** rng.random()))

    def bend(audio: Audio, controls: Mapping[str, Tensor], rate: int) -> Audio:
        bias = knob(controls, "asymmetry")
        driven = audio * 10 ** (knob(controls, "gain") / 20)
        bent = shape(driven + bias) - shape(torch.tensor(bias))
        if tone is None or tone > 0.4 * rate:
            return bent
        sections = butter(1, tone, fs=rate, output="sos")
        return torch.from_numpy(sosfilt(sections, bent.numpy())).to(audio.dtype)

    return bend
