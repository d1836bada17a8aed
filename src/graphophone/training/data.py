"""Examples of one or more sources, in an order that the seed and the step alone decide.

A source is a set on disk (:mod:`.stored`) or made while training (:mod:`.streamed`). Both are
asked by number, some batches ahead, so that examples are there when they are needed.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from graphophone.generation.shards import Fault
from graphophone.training.rows import Array, Batch, Row, collate

BUCKET = 16
"""Batches among which examples are sorted by length."""
AHEAD = 4
"""Batches that are being prepared while one is learned from."""


@runtime_checkable
class ExampleSource(Protocol):
    """A supply of examples, each of which is known by an epoch and a number.

    Attributes:
        lengths: Tokens of each example of an epoch; 0 where that is not known before it is
            made. There are as many examples as lengths.
        faults: What was left out: archives that are damaged, recordings with a fault.
    """

    lengths: Array
    faults: list[Fault]

    def expect(self, numbers: Sequence[int], epoch: int) -> None:
        """Begin to prepare examples that will be asked for."""
        ...

    def rows(self, numbers: Sequence[int], epoch: int) -> list[Row]:
        """Return examples."""
        ...

    def close(self) -> None:
        """Stop preparing."""
        ...


class Examples:
    """All examples of one or more sources, one after the other.

    Args:
        sources: Where they come from; they are closed with this.
        by_step: Whether graphs come in the order of steps (:mod:`graphophone.codec.steps`).
    """

    def __init__(self, sources: Sequence[ExampleSource], *, by_step: bool = False) -> None:
        self.sources, self.by_step = tuple(sources), by_step
        self.lengths = np.concatenate([source.lengths for source in sources])
        self._starts = np.cumsum([0, *(len(source.lengths) for source in sources)])

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def faults(self) -> list[Fault]:
        """Archives that were left out as damaged."""
        return [fault for source in self.sources for fault in source.faults]

    def batch(self, indices: Sequence[int], epoch: int = 0) -> Batch:
        """Gather examples of an epoch."""
        rows: dict[int, Row] = {}
        for source, places, numbers in self._shared(indices):
            rows |= dict(zip(places, source.rows(numbers, epoch), strict=True))
        ordered = [rows[place] for place in range(len(indices))]
        if self.by_step:
            ordered = [row._replace(answer=row.answer.by_step()) for row in ordered]
        return collate(ordered)

    def expect(self, indices: Sequence[int], epoch: int = 0) -> None:
        """Let the sources prepare what :meth:`batch` will be asked for."""
        for source, _, numbers in self._shared(indices):
            source.expect(numbers, epoch)

    def epoch(self, seed: int, epoch: int, size: int) -> list[Array]:
        """Return the indices of every batch of an epoch.

        Batches hold examples of similar length and come in random order. Examples that do not
        fill a batch are left out of this epoch, unless there are too few for a single one.
        """
        rng = np.random.default_rng((seed, epoch))
        order = rng.permutation(len(self))
        chunk = size * BUCKET
        batches: list[Array] = []
        for start in range(0, len(order), chunk):
            part = order[start : start + chunk]
            part = part[np.argsort(self.lengths[part], kind="stable")]
            batches += [part[i : i + size] for i in range(0, len(part) - size + 1, size)]
        if not batches:
            return [order]
        return [batches[i] for i in rng.permutation(len(batches))]

    def order(self, seed: int, size: int, first_step: int) -> Iterator[tuple[int, Array]]:
        """Yield epoch and indices of batches for ever, from a step on."""
        epoch, step = 0, 0
        while True:
            batches = self.epoch(seed, epoch, size)
            for indices in batches[max(0, first_step - step) :]:
                yield epoch, indices
            step += len(batches)
            epoch += 1

    def batches(self, seed: int, size: int, first: int, last: int) -> Iterator[Batch]:
        """Yield the batches of the steps from ``first`` to before ``last``."""
        order = self.order(seed, size, first)
        coming: deque[tuple[int, list[int]]] = deque()
        for step in range(first, last):
            while len(coming) < min(AHEAD + 1, last - step):
                epoch, indices = next(order)
                coming.append((epoch, indices.tolist()))
                self.expect(coming[-1][1], epoch)
            epoch, wanted = coming.popleft()
            yield self.batch(wanted, epoch)

    def close(self) -> None:
        """Close the sources."""
        for source in self.sources:
            source.close()

    def _shared(
        self, indices: Sequence[int]
    ) -> Iterator[tuple[ExampleSource, list[int], list[int]]]:
        """Yield each source with the places of its examples among ``indices`` and their numbers."""
        wanted = np.asarray(indices)
        whose = np.searchsorted(self._starts, wanted, "right") - 1
        for number in np.unique(whose):
            places = np.flatnonzero(whose == number)
            local = wanted[places] - self._starts[number]
            yield self.sources[number], places.tolist(), local.tolist()
