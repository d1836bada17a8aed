"""Knobs and shares of a whole console by gradient, a few seconds of the song at a time."""

from dataclasses import dataclass, replace
from random import Random

import torch
from torch import Tensor

from graphophone.fitting.console.desk import Desk
from graphophone.fitting.console.song import Song
from graphophone.fitting.console.strip import KNOBS, TYPES
from graphophone.processors import ALL_SPECS

RATE = 1e-2
"""Travel of a step at most, as in Lee et al. 2024."""
FADER = KNOBS.index(("gain_pan", "gain"))
LOWEST_DB = -30.0
"""Where a fader stands of a source that seems not to be in the mix."""
PIECES = 8


@dataclass
class Tuning:
    """A console on its way, with what the optimiser knows.

    Adam (D. P. Kingma and J. Ba, ICLR 2015) moves all knobs of all strips and the shares of their
    processors. It is written out, so that all that it knows is two pairs of tensors.

    Attributes:
        desk: Where it stands.
        step: Steps done.
        first: Running mean of the slopes of travels and shares, and
        second: of their squares.
    """

    desk: Desk
    step: int
    first: tuple[Tensor, Tensor]
    second: tuple[Tensor, Tensor]

    @classmethod
    def of(cls, desk: Desk) -> "Tuning":
        """Begin with a console."""
        zeros = torch.zeros_like(desk.travel), torch.zeros_like(desk.shares)
        return cls(desk, 0, zeros, zeros)

    def advance(self, song: Song, seed: int, rate: float = RATE) -> float:
        """Do one step on a piece that seed and number of the step decide; return its distance."""
        piece = song.drawn(Random(f"console/{seed}/{self.step}"))
        moving = tuple(t.clone().requires_grad_() for t in (self.desk.travel, self.desk.shares))
        desk = replace(self.desk, travel=moving[0], shares=moving[1])
        distance = piece.distance(desk.sound(piece.dry, song.rate))[0]
        slopes = torch.autograd.grad(distance, moving, allow_unused=True)
        self.step += 1
        moved, first, second = [], [], []
        for at, slope, one, two in zip(moving, slopes, self.first, self.second, strict=True):
            known = torch.zeros_like(at) if slope is None else slope.nan_to_num(0.0, 0.0, 0.0)
            one = 0.9 * one + 0.1 * known
            two = 0.999 * two + 0.001 * known.square()
            way = one / (1 - 0.9**self.step)
            size = (two / (1 - 0.999**self.step)).sqrt() + 1e-8
            moved.append((at.detach() - rate * way / size).clamp(0, 1))
            first.append(one)
            second.append(two)
        self.desk = replace(self.desk, travel=moved[0], shares=moved[1])
        self.first, self.second = (first[0], first[1]), (second[0], second[1])
        return float(distance.detach())


def balanced(desk: Desk, song: Song) -> Desk:
    """Set the faders of the sources to the levels with which they sum up to the mix best.

    Least squares on the waveforms of some pieces.
    """
    count = len(desk.sources)
    inner = torch.zeros(count, count, dtype=torch.float64)
    towards = torch.zeros(count, dtype=torch.float64)
    for piece in song.pieces(PIECES):
        flat = piece.dry[..., piece.lead :].flatten(1).double()
        inner += flat @ flat.T
        towards += flat @ piece.wet.flatten().double()
    inner += 1e-6 * inner.diagonal().mean() * torch.eye(count, dtype=torch.float64)
    gains = torch.linalg.solve(inner, towards).clamp_min(10 ** (LOWEST_DB / 20))
    fader = ALL_SPECS["gain_pan"].params["gain"]
    travel, shares = desk.travel.clone(), desk.shares.clone()
    levels = (20 * gains.log10()).clamp(fader.low, fader.high)
    travel[:count, FADER] = fader.to_travel(levels)
    shares[:, TYPES.index("gain_pan")] = 1.0
    return replace(desk, travel=travel, shares=shares)
