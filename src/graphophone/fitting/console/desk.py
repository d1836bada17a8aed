"""A console as numbers: where the knobs of all strips stand, and how much of each is heard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from graphophone.errors import UsageError
from graphophone.fitting.console.strip import TYPES, defaults, strips
from graphophone.tensors import Audio

HALF = 0.5
"""How much of each processor is heard at first: both ways from there have a slope."""


@dataclass(frozen=True)
class Desk:
    """A strip for each source and each subgroup.

    Attributes:
        sources: Names, in the order of the first rows.
        groups: Which sources meet in each subgroup; the rows behind.
        travel: Knobs, (rows, ``len(KNOBS)``), from 0 to 1.
        shares: How much of each processor is heard, (rows, ``len(TYPES)``), from 0 to 1.
        kept: Which processors are still there, the same shape.
    """

    sources: tuple[str, ...]
    groups: tuple[tuple[int, ...], ...]
    travel: Tensor
    shares: Tensor
    kept: Tensor

    @classmethod
    def of(
        cls, sources: Sequence[str], groups: Mapping[str, Sequence[str]] | None = None
    ) -> "Desk":
        """Return an untouched console.

        Args:
            sources: Names of the dry recordings.
            groups: Names of the sources of each subgroup; one for all where there are none.

        Raises:
            UsageError: A group has a source that is not there, or a source is in no group or two.
        """
        groups = groups or {"all": list(sources)}
        met = [name for members in groups.values() for name in members]
        if unknown := sorted(set(met) - set(sources)):
            raise UsageError(
                f"a group has the source {unknown[0]!r}, but there are {', '.join(sources)}"
            )
        if sorted(met) != sorted(sources):
            wrong = next(name for name in sources if met.count(name) != 1)
            raise UsageError(
                f"each source must be in one group, but {wrong!r} is in {met.count(wrong)}"
            )
        return _fresh(
            tuple(sources),
            tuple(tuple(sources.index(n) for n in members) for members in groups.values()),
        )

    @property
    def heard(self) -> Tensor:
        """How much of each processor is heard that is still there."""
        return self.shares * self.kept

    def without(self, row: int, column: int) -> "Desk":
        """Return the console without one processor."""
        kept = self.kept.clone()
        kept[row, column] = False
        return replace(self, kept=kept)

    def sound(self, dry: Audio, rate: int) -> Tensor:
        """Mix some sources.

        Args:
            dry: Shape (sources, 2, time).
            rate: Samples a second.

        Returns:
            Shape (1, 2, time).
        """
        return self.mixed(self.tracks(dry, rate), rate)

    def tracks(self, dry: Audio, rate: int, rows: slice = slice(None)) -> Tensor:
        """Return what some sources are behind their strips."""
        own = slice(len(self.sources))
        travel, heard = self.travel[own][rows], self.heard[own][rows]
        return strips(dry[rows], travel, heard, rate)

    def mixed(self, tracks: Audio, rate: int) -> Tensor:
        """Return the mix of sources that have gone through their strips."""
        return self.buses(self.sums(tracks), rate).sum(0, keepdim=True)

    def sums(self, tracks: Audio) -> Tensor:
        """Return what enters each subgroup, (groups, 2, time)."""
        return torch.stack([tracks[list(members)].sum(0) for members in self.groups])

    def buses(self, sums: Audio, rate: int, rows: slice = slice(None)) -> Tensor:
        """Return what some subgroups are behind their strips."""
        own = slice(len(self.sources), None)
        return strips(sums[rows], self.travel[own][rows], self.heard[own][rows], rate)


def untouched(desk: Desk) -> Desk:
    """Return the console as it was before anything was moved or left out."""
    return _fresh(desk.sources, desk.groups)


def _fresh(sources: tuple[str, ...], groups: tuple[tuple[int, ...], ...]) -> Desk:
    rows = len(sources) + len(groups)
    return Desk(
        sources,
        groups,
        defaults(rows),
        torch.full((rows, len(TYPES)), HALF, dtype=torch.float64),
        torch.ones(rows, len(TYPES), dtype=torch.bool),
    )
