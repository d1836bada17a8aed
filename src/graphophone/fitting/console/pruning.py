"""Processors that the mix can do without: tried one by one, many at once, or both in turn.

After S. Lee et al., Searching for music mixing graphs: a pruning approach (DAFx 2024), section 4.
"""

from dataclasses import replace
from random import Random

import torch
from torch import Tensor

from graphophone.errors import UsageError
from graphophone.fitting.console.desk import Desk
from graphophone.fitting.console.song import Piece, Song

METHODS = ("brute-force", "dry-wet", "hybrid")
PIECES = 3
"""Pieces of a song that a trial is listened to on."""
FRACTION = 0.5
"""Share of the processors that is tried to leave out at once at first."""


def pruned(
    desk: Desk, song: Song, limit: float, seed: int, method: str = "hybrid", pieces: int = PIECES
) -> tuple[Desk, float]:
    """Leave processors out as long as the distance stays within a limit.

    ``brute-force`` tries each processor once, in an order that is drawn, and leaves it out where
    the limit allows. ``dry-wet`` takes those that are heard least, many at once: where that is too
    much, half as many, and so on down to one. ``hybrid`` does the second, then the first with what
    is left.

    Args:
        desk: The console.
        song: Stems and mix.
        limit: Distance that must not be passed on the pieces that are listened to.
        seed: Decides the order.
        method: One of ``METHODS``.
        pieces: How many pieces are listened to.

    Returns:
        The console with fewer processors, and its distance.

    Raises:
        UsageError: There is no such method.
    """
    if method not in METHODS:
        raise UsageError(f"a method must be one of {', '.join(METHODS)}, got {method!r}")
    with torch.inference_mode():
        trial = Trial(desk, song, pieces)
        if method != "brute-force":
            _by_share(trial, limit)
        if method != "dry-wet":
            _one_by_one(trial, limit, Random(f"prune/{seed}/{int(desk.kept.sum())}"))
    # What was made in inference mode cannot be followed by a gradient; a copy can.
    return replace(trial.desk, kept=trial.desk.kept.clone()), trial.distance


class Trial:
    """A console whose sounds are kept, so that leaving one processor out costs one strip and a bus.

    Args:
        desk: The console.
        song: Stems and mix.
        pieces: How many pieces are listened to.
    """

    def __init__(self, desk: Desk, song: Song, pieces: int) -> None:
        self.rate = song.rate
        self.pieces: list[Piece] = list(song.pieces(pieces))
        self.enter(desk)

    def enter(self, desk: Desk) -> None:
        """Take a console and render all of it."""
        self.desk = desk
        self.tracks = [desk.tracks(piece.dry, self.rate) for piece in self.pieces]
        self.buses = [desk.buses(desk.sums(t), self.rate) for t in self.tracks]
        self.distance = self._mean([bus.sum(0, keepdim=True) for bus in self.buses])

    def of(self, desk: Desk) -> float:
        """Return the distance of any console."""
        return self._mean([desk.sound(piece.dry, self.rate) for piece in self.pieces])

    def without(self, row: int, column: int) -> tuple[Desk, float, list[Tensor], list[Tensor]]:
        """Leave one processor out.

        Returns:
            The console, its distance, and the tracks and buses that it makes.
        """
        desk, count = self.desk.without(row, column), len(self.desk.sources)
        tracks, buses = [], []
        if row < count:
            bus = next(i for i, members in enumerate(desk.groups) if row in members)
        else:
            bus = row - count
        for piece, old, sums in zip(self.pieces, self.tracks, self.buses, strict=True):
            new = old
            if row < count:
                new = old.clone()
                new[row : row + 1] = desk.tracks(piece.dry, self.rate, slice(row, row + 1))
            out = sums.clone()
            rows = slice(bus, bus + 1)
            out[rows] = desk.buses(desk.sums(new), self.rate, rows)
            tracks.append(new)
            buses.append(out)
        return desk, self._mean([b.sum(0, keepdim=True) for b in buses]), tracks, buses

    def _mean(self, sounds: list[Tensor]) -> float:
        found = [float(p.distance(s)[0]) for p, s in zip(self.pieces, sounds, strict=True)]
        return sum(found) / len(found)


def _by_share(trial: Trial, limit: float) -> None:
    left = int(trial.desk.kept.sum())
    count = int(FRACTION * left)
    while count >= 1 and left:
        desk = trial.desk
        shares = desk.shares.masked_fill(~desk.kept, 2.0).flatten()
        kept = desk.kept.clone().flatten()
        kept[shares.argsort(stable=True)[:count]] = False
        fewer = replace(desk, kept=kept.view_as(desk.kept))
        if trial.of(fewer) <= limit:
            trial.enter(fewer)
            left = int(trial.desk.kept.sum())
            count = min(count, left)
        else:
            count //= 2


def _one_by_one(trial: Trial, limit: float, rng: Random) -> None:
    order = trial.desk.kept.nonzero().tolist()
    rng.shuffle(order)
    for row, column in order:
        desk, distance, tracks, buses = trial.without(row, column)
        if distance <= limit:
            trial.desk, trial.distance = desk, distance
            trial.tracks, trial.buses = tracks, buses
