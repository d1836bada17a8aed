"""Sets in memory, in which a test can plant what it likes."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import torch

from graphophone.audio.heard import Packed
from graphophone.codec.json import to_json
from graphophone.errors import FormatError
from graphophone.generation.reading import Record, StoredSet
from graphophone.generation.recipe import Recipe
from graphophone.graph.build import GraphBuilder
from graphophone.processors import SPECS
from graphophone.tensors import Stereo

COUNT = 12


def graph(*types: str) -> dict[str, Any]:
    builder = GraphBuilder(SPECS)
    last = builder.add("in", source="voice")
    for type_ in types:
        node = builder.add(type_)
        builder.connect(last, node)
        last = node
    builder.connect(last, builder.add("out"))
    return to_json(builder.graph())


class Example(Record):
    """One whose features and sounds are tensors, not files."""

    def put(self, heard: Packed | None, sounds: dict[str, Stereo]) -> "Example":
        vars_ = {"heard": heard, "sounds": sounds}
        object.__setattr__(self, "members", vars_)
        return self

    def heard(self) -> Packed:
        if (packed := self.members["heard"]) is None:
            raise FormatError("there is no mel: the set was stored without features")
        return packed  # type: ignore[return-value]

    def sounds(self) -> dict[str, Stereo]:
        return self.members["sounds"]  # type: ignore[return-value]


class Made(StoredSet):
    """A set in memory."""

    def __init__(self, records: list[Record], store: str = "audio") -> None:
        vars(self).update(made=records, store=store, faults=[])

    @property
    def recipe(self) -> Recipe:  # type: ignore[override]
        return Recipe(task="singing", mix="wide", count=COUNT, seed=3)

    @property
    def manifest(self) -> dict[str, Any]:  # type: ignore[override]
        return {"store": vars(self)["store"], "recipe": asdict(self.recipe)}

    def records(self) -> Iterator[Record]:
        yield from vars(self)["made"]


def clip(level: float = 0.1) -> Stereo:
    return torch.full((2, 400), level)


def packed(level: int = 100) -> Packed:
    return Packed(
        torch.full((1, 2, 256, 5), level, dtype=torch.uint8),
        torch.full((1, 2, 176, 5), level, dtype=torch.uint8),
    )


def example(index: int, **other: Any) -> Example:
    """An example with as many bells, as loud, and as often redrawn as its index says."""
    said = {
        "graph": graph(*["bell"] * index),
        "provenance": {"kind": "procedural", "group": "alto", "motifs": ["equaliser"] * index},
        "redraws": COUNT - index,
        "heard": packed(100 + index),
        "sounds": {"wet": clip(0.01 * (index + 1)), "dry.voice": clip()},
    } | other
    made = Example(index, said["graph"], said["provenance"], said["redraws"], {})
    return made.put(said["heard"], said["sounds"])


def examples(**planted: Any) -> list[Record]:
    """Twelve examples, the sixth of which is as told."""
    return [example(i, **(planted if i == 5 else {})) for i in range(COUNT)]
