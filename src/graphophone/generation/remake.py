"""Examples of a stored set made again from its seed: to hear them, and to ask more of them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from graphophone.audio.features import RATE
from graphophone.codec.json import to_json
from graphophone.generation.item import Item
from graphophone.generation.reading import Record, StoredSet
from graphophone.generation.recipe import make_item, supply_of
from graphophone.generation.recordings import keep_recordings, read_recordings
from graphophone.render.render import freeze
from graphophone.sources import Stock


@dataclass(frozen=True)
class Remaker:
    """Makes examples of a set again.

    Attributes:
        stored: The set.
        stock: What its examples are drawn from.
    """

    stored: StoredSet
    stock: Stock

    @classmethod
    def of(cls, stored: StoredSet, data: Path | None = None) -> "Remaker":
        """Open what a set is drawn from.

        Raises:
            FormatError: It draws on recordings that are not here, or not all of them.
        """
        supply = supply_of(stored.recipe, data, workers=None)
        if read_recordings(stored.folder) is not None:
            keep_recordings(stored.folder, supply.survey)  # that they are the same
        return cls(stored, supply.stock())

    def item(self, index: int) -> Item:
        """Make the example at an index again."""
        return make_item(self.stored.recipe, index, self.stock)


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
