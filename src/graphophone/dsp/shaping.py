"""Memoryless curves: saturation and quantisation, one sample at a time."""

import math

import torch

from graphophone.tensors import Audio, Control

REACH = 15.0
"""Where tanh(x) is 1 to the last bit of a double or nearly so; beyond, exp would overflow."""


def saturate(audio: Audio, *, hardness: Control, bias: Control) -> Audio:
    """Bend a signal with ``f(x + bias) - f(bias)``, f between tanh and a hard clip.

    Both parts are written so that zero gives exactly zero:
    tanh(x + a) - tanh(a) = e (1 - b^2) / (e (1 + b) + 2) with e = exp(2 x) - 1 and b = tanh(a),
    and clip(x + a) - clip(a) is x held within [-1 - a, 1 - a] as long as a is within [-1, 1].

    Args:
        audio: Signal; the curve bends at about 1.
        hardness: 0 is tanh, 1 is the hard clip, and between them their weighted sum.
        bias: Offset before the curve, in [-1, 1].

    Returns:
        Bent signal, within [-1 - f(bias), 1 - f(bias)].
    """
    grown = torch.expm1((2 * audio).clamp(-2 * REACH, 2 * REACH))
    offset = torch.tanh(bias)
    soft = grown / (grown * (1 + offset) + 2)
    hard = torch.minimum(torch.maximum(audio, -1 - bias), 1 - bias)
    return soft * ((1 - hardness) * (1 - offset * offset)) + hard * hardness


def quantise(audio: Audio, *, bits: Control) -> Audio:
    """Round to the nearest of 2^bits levels a full scale apart, zero being one of them.

    Args:
        audio: Signal whose full scale is [-1, 1].
        bits: Word length; the levels are 2^(1 - bits) apart. Need not be a whole number.

    Returns:
        Staircase version of the signal (a mid-tread quantiser, half to even).
    """
    levels = torch.exp(math.log(2) * (bits - 1))
    return torch.round(audio * levels) / levels
