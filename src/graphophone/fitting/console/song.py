"""A song in pieces: what a console is fitted to, a few seconds at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import torch
from torch import Tensor

from graphophone.audio.mel_loss import mel_distance
from graphophone.fitting.console.desk import Desk
from graphophone.fitting.pair import Pair
from graphophone.tensors import Audio

SECONDS = 3.8
WARM_SECONDS = 1.0
"""A piece, and how much of it only gets reverbs and levels going, as in Lee et al. 2024."""
HEARD = 1e-3
"""A piece counts as sounding from this share of the mean power on."""


@dataclass(frozen=True)
class Piece:
    """A few seconds of a song.

    Attributes:
        dry: Shape (sources, 2, time).
        wet: Shape (1, 2, time) without what is not compared.
        lead: Samples that are rendered and not compared.
        rate: Samples a second.
    """

    dry: Tensor
    wet: Tensor
    lead: int
    rate: int

    def distance(self, sound: Audio) -> Tensor:
        """Return how far a mix (1, 2, time) is from the wet one, (1,)."""
        return mel_distance(sound[..., self.lead :], self.wet, self.rate)


class Song:
    """Stems and their mix.

    Only pieces of it are ever rendered, so what a fit needs beside them does not grow with it.

    Args:
        pair: The recordings.
        seconds: Length of a piece.
        warm: How much of each is not compared.
    """

    def __init__(self, pair: Pair, seconds: float = SECONDS, warm: float = WARM_SECONDS) -> None:
        self.pair, self.rate = pair, pair.rate
        self.length = min(round(seconds * pair.rate), pair.wet.shape[1])
        self.warm = min(round(warm * pair.rate), self.length // 2)

    def piece(self, first: int) -> Piece:
        """Return the piece that begins at a sample; of the first one all is compared."""
        cut = slice(first, first + self.length)
        lead = self.warm if first else 0
        dry = torch.stack([clip[:, cut] for clip in self.pair.dry.values()])
        return Piece(dry, self.pair.wet[None, :, cut][..., lead:], lead, self.rate)

    def drawn(self, rng: Random) -> Piece:
        """Draw a piece that sounds."""
        last, wet = self.pair.wet.shape[1] - self.length, self.pair.wet
        floor = HEARD * float(wet.square().mean())
        for _ in range(20):
            first = rng.randint(0, last)
            if float(wet[:, first + self.warm : first + self.length].square().mean()) > floor:
                break
        return self.piece(first)

    def pieces(self, most: int | None = None) -> Iterator[Piece]:
        """Yield pieces whose compared parts lie one after the other, or as many spread evenly."""
        last, step = self.pair.wet.shape[1] - self.length, self.length - self.warm
        firsts = [*range(0, last, step), last] if last else [0]
        if most is not None and len(firsts) > most:
            firsts = [firsts[(2 * i + 1) * len(firsts) // (2 * most)] for i in range(most)]
        yield from map(self.piece, firsts)

    def distance(self, desk: Desk, most: int | None = None) -> float:
        """Return the mean distance of a console's mix."""
        found = []
        with torch.inference_mode():
            for piece in self.pieces(most):
                found.append(float(piece.distance(desk.sound(piece.dry, self.rate))[0]))
        return sum(found) / len(found)
