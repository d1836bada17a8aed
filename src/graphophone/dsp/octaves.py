"""Ten bells in a row whose product has wanted gains at ten octaves.

Method: V. Välimäki and J. Liski, Accurate Cascade Graphic Equalizer, IEEE Signal Processing
Letters 24(2), 2017. Decibels of a bell are nearly proportional to its own gain, so the gains that
the bells need follow from those that are wanted by one matrix, fitted at the centres and between.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from graphophone.dsp import svf
from graphophone.dsp.compile import Array
from graphophone.tensors import Audio, Control

CENTRES = tuple(31.25 * 2**i for i in range(10))
"""Octaves in Hz."""

LEAK = 0.3
"""Share of a bell's decibels that it still has at the centres beside it."""

PROTOTYPE_DB = 17.0
"""Gain at which the overlap of bells is measured: that of a band whose neighbours pull too."""

CORRECTIONS = 3
"""How often what is heard is compared with what is wanted: the overlap is not quite linear."""

NYQUIST_SHARE = 0.45
"""Bands with a centre above this fraction of the sample rate do nothing."""


def equalised(audio: Audio, *, gains: Sequence[Control], sample_rate: int) -> Audio:
    """Give a signal ten gains.

    Args:
        audio: Signal, any number of channels.
        gains: Wanted decibels at each of :data:`CENTRES`, static.
        sample_rate: Samples per second.

    Returns:
        Signal of the same shape and dtype as ``audio``.
    """
    centres = tuple(f for f in CENTRES if f < NYQUIST_SHARE * sample_rate)
    wanted = torch.cat([g.double() for g in gains[: len(centres)]], dim=2)
    needed = _needed(wanted, centres, sample_rate)
    g = _corners(centres, sample_rate)[0].to(audio.device)
    k = _damping(needed, centres, sample_rate)
    band = k * (torch.exp(needed * (math.log(10) / 20)) - 1)
    out = audio
    for i in range(len(centres)):
        one = slice(i, i + 1)
        out = svf.filtered(
            out, g=g[one].expand(len(audio), 1, 1), k=k[..., one], through=1.0, band=band[..., one]
        )
    return out


def _corners(centres: tuple[float, ...], sample_rate: int) -> tuple[Tensor, Tensor]:
    """Return each bell's integrator gain, and its damping over the root of its fraction.

    They are made anew for each call: a tensor that was kept from a rendering without gradients
    could serve none with them.
    """
    g = [math.tan(math.pi * f / sample_rate) for f in centres]
    reach = [min(1.5 * f, 0.49 * sample_rate) for f in centres]  # between the centres beside it
    scale = [
        2 * math.tan(math.pi * r / sample_rate) / math.sin(2 * math.pi * f / sample_rate)
        for f, r in zip(centres, reach, strict=True)
    ]
    return torch.tensor(g, dtype=torch.float64), torch.tensor(scale, dtype=torch.float64)


def _damping(gain_db: Tensor, centres: tuple[float, ...], sample_rate: int) -> Tensor:
    """Return the dampings with which bells leak :data:`LEAK` of their decibels to neighbours.

    For a bell of gain G with G**c at the neighbour at the distance w, the half bandwidth is
    sqrt(|G**2c - 1| / |G**2 - G**2c|) tan(w / 2) (eq. 8 and 9); with x = 2 ln G the fraction is
    c phi(c x) / ((1 - c) phi((1 - c) x) exp(c x)), phi(u) = (exp(u) - 1) / u, smooth at no gain.

    Args:
        gain_db: Gains of the bells, shape (..., bells).
        centres: Their frequencies.
        sample_rate: Samples per second.
    """
    x = gain_db * (math.log(10) / 10)
    fraction = LEAK * _phi(LEAK * x) / ((1 - LEAK) * _phi((1 - LEAK) * x) * torch.exp(LEAK * x))
    return torch.sqrt(fraction) * _corners(centres, sample_rate)[1].to(x.device)


def _phi(u: Tensor) -> Tensor:
    """Return (exp(u) - 1) / u, 1 at zero."""
    small = u.abs() < 1e-4
    return torch.where(small, 1 + u / 2 + u * u / 6, torch.expm1(u) / torch.where(small, 1.0, u))


def _needed(wanted: Tensor, centres: tuple[float, ...], sample_rate: int) -> Tensor:
    """Return the decibels that the bells need, shape (batch, channel, bells) as ``wanted``."""
    found = _solver(centres, sample_rate)
    points, lines, solver = (torch.from_numpy(a).to(wanted.device) for a in found)
    target = _through(wanted, lines)
    ones = lines.new_ones(1, len(centres))
    needed = wanted.new_zeros(wanted.shape)
    for _ in range(1 + CORRECTIONS):
        bells = _decibels(needed, centres, points, sample_rate)
        needed = needed + _through(target - _through(bells, ones)[..., 0], solver)
    return needed


def _through(rows: Tensor, matrix: Tensor) -> Tensor:
    """Return ``rows @ matrix.T``, added up from the first column to the last.

    A library's product adds up in an order that depends on how many rows there are, and then
    the bits of a clip would depend on the company it keeps.
    """
    total = rows[..., :1] * matrix[:, 0]
    for column in range(1, matrix.shape[1]):
        total = total + rows[..., column : column + 1] * matrix[:, column]
    return total


@lru_cache(maxsize=16)
def _solver(centres: tuple[float, ...], sample_rate: int) -> tuple[Array, Array, Array]:
    """Return the points of the fit, what is wanted there, and the least squares solution.

    Points are the centres and the middles between them (eq. 12 and 15); what is wanted in a
    middle is the mean of its neighbours, and a middle counts half.
    """
    points = np.array(sorted((*centres, *(math.sqrt(a * b) for a, b in pairwise(centres)))))
    lines = np.zeros((len(points), len(centres)))
    for row in range(len(points)):
        lines[row, row // 2] += 0.5
        lines[row, (row + 1) // 2] += 0.5
    weights = np.where(np.isin(points, centres), 1.0, 0.5)[:, None]
    prototype = torch.full((len(centres),), PROTOTYPE_DB, dtype=torch.float64)
    overlap = _decibels(prototype, centres, torch.from_numpy(points), sample_rate) / PROTOTYPE_DB
    return points, lines, np.linalg.pinv(overlap.numpy() * weights) * weights[:, 0]


def _decibels(
    gain_db: Tensor, centres: tuple[float, ...], points: Tensor, sample_rate: int
) -> Tensor:
    """Return the response of each bell at each point.

    Args:
        gain_db: Gains of the bells, shape (..., bells).
        centres: Their frequencies.
        points: Where to look, in Hz.
        sample_rate: Samples per second.

    Returns:
        Decibels, shape (..., points, bells).
    """
    at = torch.tensor(centres, dtype=torch.float64, device=points.device)
    w = torch.tan(math.pi * points / sample_rate)[:, None] / torch.tan(math.pi * at / sample_rate)
    k = _damping(gain_db, centres, sample_rate)
    over = torch.exp(gain_db * (math.log(10) / 20)) * k
    still = (1 - w * w) ** 2
    ratio = (still + (over[..., None, :] * w) ** 2) / (still + (k[..., None, :] * w) ** 2)
    return 10 / math.log(10) * torch.log(ratio)
