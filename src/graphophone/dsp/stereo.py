"""Placing sounds between two channels."""

import math

import torch

from graphophone.tensors import Audio, Control


def balance(audio: Audio, *, pan: Control) -> Audio:
    """Weigh left against right so that the sum of both gains' squares stays 2.

    Args:
        audio: Two channels.
        pan: -1 is left, 0 leaves both as they are, 1 is right.

    Returns:
        Two channels with gains sqrt(2) cos and sqrt(2) sin of (pan + 1) pi / 4.
    """
    angle = (pan + 1) * (math.pi / 4)
    left, right = torch.cos(angle[:, :1]), torch.sin(angle[:, -1:])
    return audio * (math.sqrt(2) * torch.cat((left, right), dim=1))


def widen(audio: Audio, *, width: Control) -> Audio:
    """Scale the difference of both channels.

    Args:
        audio: Two channels.
        width: Gain of the difference: 0 is mono, 1 leaves the signal as it is.

    Returns:
        Two channels whose half sum is unchanged.
    """
    stay, cross = 0.5 * (1 + width), 0.5 * (1 - width)
    return audio * stay + audio.flip(1) * cross


def split(audio: Audio) -> tuple[Audio, Audio]:
    """Return what both channels share and what sets them apart, each as dual mono.

    Each holds half the sum or half the difference twice, so that their energies add up to
    the input's.
    """
    left, right = audio[:, :1], audio[:, 1:]
    mid, side = 0.5 * (left + right), 0.5 * (left - right)
    return torch.cat((mid, mid), dim=1), torch.cat((side, side), dim=1)


def merge(mid: Audio, side: Audio) -> Audio:
    """Undo :func:`split`; channels that have become different keep to their own side."""
    return torch.cat((mid[:, :1] + side[:, :1], mid[:, 1:] - side[:, 1:]), dim=1)
