"""Examples that are made while training, by processes of their own; none is seen twice.

Example ``n`` of epoch ``e`` is number ``e * count + n`` of the recipe's set, so a run that was
killed goes on with the very examples that it would have seen.
"""

from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from graphophone.audio.dry import beside, dry_mels
from graphophone.audio.heard import Packed
from graphophone.codec.tokens import Vocabulary
from graphophone.errors import WorkerError
from graphophone.generation.engines import processes
from graphophone.generation.recipe import Recipe, make_item, stock_of, supply_of
from graphophone.generation.shards import Fault
from graphophone.sources import Supply
from graphophone.training.rows import Array, Row, answer_of


class Order(NamedTuple):
    """An example to be made.

    Attributes:
        recipe: Of the set.
        number: Of the example in the set.
        supply: What it is drawn from, bare.
        vocabulary: Kinds of nodes and edges to number tokens by.
        cepstra: Whether to return cepstra beside the spectrogram.
        given: What of the dry sound stands below the spectrogram (:mod:`graphophone.audio.dry`).
    """

    recipe: Recipe
    number: int
    supply: Supply
    vocabulary: Vocabulary
    cepstra: bool
    given: str = "wet"


class Streamed:
    """Examples of a set that is nowhere.

    Args:
        recipe: What they are; its count is that of an epoch.
        vocabulary: Kinds of nodes and edges to number tokens by.
        cepstra: Whether to return cepstra beside spectrograms.
        given: What of the dry sound stands below spectrograms (:mod:`graphophone.audio.dry`).
        workers: Processes that make them.
        data: Folder of real recordings, where the recipe asks for them.
        strict: Whether to refuse recordings with a fault, not to leave them out.

    Attributes:
        faults: Recordings that were left out.

    Raises:
        FormatError: There are no recordings to make them from, or faulty ones are refused.
    """

    def __init__(
        self,
        recipe: Recipe,
        vocabulary: Vocabulary,
        *,
        cepstra: bool = False,
        given: str = "wet",
        workers: int = 1,
        data: Path | None = None,
        strict: bool = False,
    ) -> None:
        self.recipe, self.vocabulary, self.cepstra = recipe, vocabulary, cepstra
        self.given = given
        supply = supply_of(recipe, data, strict=strict, workers=workers)
        found = supply.survey.findings if supply.survey else ()
        self.faults = [Fault(f.file, f"is left out: {f.reason}") for f in found]
        self.supply = supply.bare()
        self.lengths: Array = np.zeros(recipe.count, np.int64)
        self._workers = workers
        self._processes: ProcessPoolExecutor | None = None
        self._ahead: dict[int, Future[Row]] = {}

    def expect(self, numbers: Sequence[int], epoch: int) -> None:
        """Begin to make examples."""
        if self._processes is None:
            self._processes = processes(self._workers)
        for index in (epoch * self.recipe.count + number for number in numbers):
            if index not in self._ahead:
                order = Order(
                    self.recipe, index, self.supply, self.vocabulary, self.cepstra, self.given
                )
                self._ahead[index] = self._processes.submit(make_row, order)

    def rows(self, numbers: Sequence[int], epoch: int) -> list[Row]:
        """Return examples.

        Raises:
            WorkerError: A process died.
        """
        try:
            self.expect(numbers, epoch)
            first = epoch * self.recipe.count
            return [self._ahead.pop(first + number).result() for number in numbers]
        except BrokenProcessPool:
            raise WorkerError(
                "a process that makes examples died, perhaps for want of memory; run the same "
                "command again to go on, or with fewer data.workers"
            ) from None

    def close(self) -> None:
        """End the processes."""
        if self._processes is not None:
            self._processes.shutdown(cancel_futures=True)


def make_row(order: Order) -> Row:
    """Make one example; what a process runs."""
    torch.set_num_threads(1)  # processes share the cores already
    item = make_item(order.recipe, order.number, stock_of(order.supply))
    mel, cepstra = (part[0].numpy() for part in Packed.of(item.wet[None]))
    mel = beside(mel, dry_mels(item.dry, order.given), order.given)
    answer = answer_of(item.graph, order.vocabulary)
    return Row(answer, mel, cepstra if order.cepstra else None)
