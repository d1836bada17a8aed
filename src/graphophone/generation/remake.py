"""Examples of a stored set made again from its seed: to hear them, and to ask more of them."""

import json
import multiprocessing
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch

from graphophone.audio.features import RATE
from graphophone.codec.json import to_json
from graphophone.generation import engines
from graphophone.generation.item import Item
from graphophone.generation.reading import Record, StoredSet
from graphophone.generation.recipe import Recipe, make_item, stock_of, supply_of
from graphophone.generation.recordings import keep_recordings, read_recordings
from graphophone.render.render import freeze
from graphophone.sources import Supply

LEAST = 5
"""Examples that are worth a process of their own, which takes seconds to begin."""

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Order:
    """An example to be made again.

    Attributes:
        recipe: Of the set.
        supply: What it is drawn from, bare.
        index: Its number.
    """

    recipe: Recipe
    supply: Supply
    index: int


@dataclass(frozen=True)
class Remaker:
    """Makes examples of a set again.

    Attributes:
        stored: The set.
        supply: What its examples are drawn from, bare.
    """

    stored: StoredSet
    supply: Supply

    @classmethod
    def of(cls, stored: StoredSet, data: Path | None = None) -> "Remaker":
        """Open what a set is drawn from.

        Raises:
            FormatError: It draws on recordings that are not here, or not all of them.
        """
        supply = supply_of(stored.recipe, data, workers=None)
        if read_recordings(stored.folder) is not None:
            keep_recordings(stored.folder, supply.survey)  # that they are the same
        return cls(stored, supply.bare())

    def item(self, index: int) -> Item:
        """Make the example at an index again."""
        return item_of(Order(self.stored.recipe, self.supply, index))

    def items(self, indices: Sequence[int], workers: int | None = 1) -> dict[int, Item]:
        """Make examples again, in processes where they are many.

        Args:
            indices: Their numbers.
            workers: Most processes; None for one a core.

        Raises:
            WorkerError: A process died.
        """
        return self._each(item_of, indices, workers)

    def scales(self, indices: Sequence[int], workers: int | None = 1) -> dict[int, float]:
        """Return the largest scale of each example; arguments and errors as of :meth:`items`."""
        return self._each(scale_of, indices, workers)

    def _each(
        self, work: Callable[[Order], R], indices: Sequence[int], workers: int | None
    ) -> dict[int, R]:
        orders = [Order(self.stored.recipe, self.supply, index) for index in indices]
        some = max(1, min(workers or os.cpu_count() or 1, len(orders) // LEAST))
        found = {order.index: one for order, one in engines.local(work, orders, some)}
        return {index: found[index] for index in indices}


def item_of(order: Order) -> Item:
    """Make an example; what a process runs."""
    if multiprocessing.parent_process() is not None:
        torch.set_num_threads(1)  # processes share the cores already
    return make_item(order.recipe, order.index, stock_of(order.supply))


def scale_of(order: Order) -> float:
    """Make an example and return its largest scale in dB; what a process runs."""
    return largest_scale_db(item_of(order))


def difference(record: Record, item: Item) -> str:
    """Say in which an example made again differs from the stored one; empty if in nothing."""
    if json.loads(json.dumps(to_json(item.graph))) != record.graph:
        return "has another graph when it is made again from its seed"
    if json.loads(json.dumps(item.provenance)) != record.provenance:
        return "has another provenance when it is made again from its seed"
    return ""


def largest_scale_db(item: Item) -> float:
    """Return the energy rule's largest scale in a graph, up or down; at most 24 dB."""
    scales = [node.scale_db for node in freeze(item.graph, item.dry, RATE).nodes]
    return max((abs(scale) for scale in scales if scale is not None), default=0.0)


def spread(count: int, size: int) -> Sequence[int]:
    """Choose at most ``size`` of ``count`` indices, evenly from the first to the last."""
    size = min(size, count)
    return [i * (count - 1) // max(size - 1, 1) for i in range(size)]
