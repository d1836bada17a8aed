"""Examples from data sets on disk, in an order that the seed and the step alone decide.

A set is a folder of shards (:mod:`graphophone.generation.dataset`). Its graphs are turned into
tokens and travels once and kept beside the shard as ``.tokens.npz``; features are read through
a memory map, so a set may be larger than memory.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from graphophone.audio.heard import Packed
from graphophone.codec.json import from_json
from graphophone.codec.tokens import Tokens, Vocabulary, encode, sequence
from graphophone.codec.travel import travels, width
from graphophone.errors import FormatError
from graphophone.graph.model import Graph, Node
from graphophone.graph.order import decoding_order, segments
from graphophone.models.batch import TokenBatch
from graphophone.models.shapes import Flags, Ids, PackedCepstra, PackedMel, Travels
from graphophone.processors import CATALOGUE_HASH, SPECS
from graphophone.spec import SOURCES

Array = np.ndarray[Any, np.dtype[Any]]
ARRAYS = ("offsets", "tokens", "places", "travel", "flags")
VERSION = 2
"""Of these arrays; those of another version are made anew."""
BUCKET = 16
"""Batches among which examples are sorted by length."""


class Batch(NamedTuple):
    """Examples of one update.

    Attributes:
        mel: Packed spectrograms (batch, 2, bands, frames).
        cepstra: Packed cepstra (batch, 2, lags, moments), where the model hears ripples.
        tokens: Sequences with start and end.
        places: Where each node stands (batch, length): 0 on the mixing bus, else one more than
            the number of the source whose track it is on; -1 for all other tokens.
        travel: Knob travels (batch, length, knobs), for the same tokens.
        live: Which of them count.
        circular: Which of them wrap around.
    """

    mel: PackedMel
    cepstra: PackedCepstra | None
    tokens: TokenBatch
    places: Ids
    travel: Travels
    live: Flags
    circular: Flags


@dataclass(frozen=True)
class Shard:
    """One shard: sequences of all its examples end to end, and its features.

    Attributes:
        offsets: Where each example's tokens begin; one more entry than there are examples.
        tokens: Types, kinds, sources and targets (4, all tokens), int16.
        places: Where each node stands (all tokens), as in :class:`Batch`, int8.
        travel: Knob travels (all tokens, knobs).
        flags: Bit 0 says live, bit 1 circular (all tokens, knobs).
        heard_paths: Files of the features: spectrograms and, where they are wanted, cepstra.
    """

    offsets: Array
    tokens: Array
    places: Array
    travel: Array
    flags: Array
    heard_paths: tuple[Path, ...]

    @cached_property
    def heard(self) -> tuple[Array, ...]:
        """Packed features, mapped from disk."""
        return tuple(np.load(path, mmap_mode="r") for path in self.heard_paths)

    @property
    def lengths(self) -> Array:
        """Number of tokens of each example."""
        return np.diff(self.offsets)


class Examples:
    """All examples of one or more data sets.

    Args:
        folders: The sets.
        vocabulary: Kinds of nodes and edges to number tokens by.
        cepstra: Whether to read cepstra beside spectrograms.

    Raises:
        FormatError: A folder holds no data set, or one of another catalogue.
    """

    def __init__(
        self, folders: Sequence[Path], vocabulary: Vocabulary, *, cepstra: bool = False
    ) -> None:
        self.vocabulary = vocabulary
        wanted = Packed._fields if cepstra else Packed._fields[:1]
        self.shards = [s for folder in folders for s in open_set(folder, vocabulary, wanted)]
        self.lengths = np.concatenate([shard.lengths for shard in self.shards])
        self._starts = np.cumsum([0, *(len(shard.lengths) for shard in self.shards)])

    def __len__(self) -> int:
        return len(self.lengths)

    def batch(self, indices: Sequence[int]) -> Batch:
        """Gather examples."""
        length = max(int(self.lengths[i]) for i in indices)
        knobs = self.shards[0].travel.shape[1]
        rows, heard = [], []
        travel = np.zeros((len(indices), length, knobs), np.float32)
        flags = np.zeros(travel.shape, np.uint8)
        places = np.full(travel.shape[:2], -1, np.int64)
        for row, index in enumerate(indices):
            where = int(np.searchsorted(self._starts, index, "right")) - 1
            shard, local = self.shards[where], index - self._starts[where]
            span = slice(shard.offsets[local], shard.offsets[local + 1])
            rows.append(Tokens(*(tuple(part.tolist()) for part in shard.tokens[:, span])))
            travel[row, : len(rows[-1])] = shard.travel[span]
            flags[row, : len(rows[-1])] = shard.flags[span]
            places[row, : len(rows[-1])] = shard.places[span]
            heard.append([np.asarray(part[local]) for part in shard.heard])
        mel, *cepstra = (torch.from_numpy(np.stack(p)) for p in zip(*heard, strict=True))
        return Batch(
            mel,
            cepstra[0] if cepstra else None,
            TokenBatch.of(rows),
            torch.from_numpy(places),
            torch.from_numpy(travel),
            torch.from_numpy(flags & 1 > 0),
            torch.from_numpy(flags & 2 > 0),
        )

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

    def stream(self, seed: int, size: int, first_step: int) -> Iterator[Array]:
        """Yield the indices of batches for ever, from a step on."""
        epoch, step = 0, 0
        while True:
            batches = self.epoch(seed, epoch, size)
            if step + len(batches) > first_step:
                yield from batches[max(0, first_step - step) :]
            step += len(batches)
            epoch += 1


def open_set(folder: Path, vocabulary: Vocabulary, wanted: Sequence[str] = ("mel",)) -> list[Shard]:
    """Open every shard of a set, turning graphs into tokens where that was not done yet."""
    manifest = folder / "dataset.json"
    if not manifest.exists():
        raise FormatError(f"{folder} holds no data set: it has no dataset.json")
    catalogue = json.loads(manifest.read_text()).get("catalogue")
    if catalogue != CATALOGUE_HASH:
        raise FormatError(
            f"{folder} was made with catalogue {catalogue}, this version has {CATALOGUE_HASH}"
        )
    lines = sorted(folder.glob("shard-*.jsonl"))
    if not lines:
        raise FormatError(f"{folder} holds no shards")
    return [open_shard(path, vocabulary, wanted) for path in lines]


def open_shard(lines: Path, vocabulary: Vocabulary, wanted: Sequence[str] = ("mel",)) -> Shard:
    """Open one shard by its file of graphs; ``wanted`` names fields of packed features."""
    heard = tuple(lines.with_name(lines.name.replace(".jsonl", f".{n}.npy")) for n in wanted)
    for path in heard:
        if not path.exists():
            raise FormatError(f"{path} is missing: the set was stored without features")
    cache = lines.with_name(lines.name.replace(".jsonl", ".tokens.npz"))
    text = lines.read_bytes()
    made_by = json.dumps([VERSION, vocabulary.to_json()]).encode()
    key = hashlib.sha256(text + made_by).hexdigest()
    if cache.exists():
        with np.load(cache) as arrays:
            if str(arrays["key"]) == key:
                return Shard(**{name: arrays[name] for name in ARRAYS}, heard_paths=heard)
    arrays_new = tokenise(text, vocabulary)
    temporary = cache.with_name(f"{cache.name}.{os.getpid()}.tmp")
    with temporary.open("wb") as file:
        np.savez(file, key=np.array(key), **arrays_new)  # type: ignore[arg-type]
    temporary.replace(cache)
    return Shard(**arrays_new, heard_paths=heard)


def tokenise(lines: bytes, vocabulary: Vocabulary) -> dict[str, Array]:
    """Turn the graphs of a shard into the arrays of :class:`Shard`."""
    rows, places, values, flags, offsets = [], [], [], [], [0]
    for line in lines.splitlines():
        graph = from_json(json.loads(line)["graph"], SPECS)
        tokens, travel = encode(graph, vocabulary, SPECS), travels(graph, SPECS)
        rows.append(np.array([tokens.types, tokens.kinds, tokens.sources, tokens.targets]))
        places.append(places_of(graph))
        values.append(travel.values)
        flags.append(travel.live.astype(np.uint8) + 2 * travel.circular.astype(np.uint8))
        offsets.append(offsets[-1] + len(tokens))
    return {
        "offsets": np.array(offsets, np.int64),
        "tokens": np.concatenate(rows, axis=1).astype(np.int16),
        "places": np.concatenate(places),
        "travel": np.concatenate(values).astype(np.float32).reshape(-1, width(SPECS)),
        "flags": np.concatenate(flags),
    }


def places_of(graph: Graph) -> Array:
    """Say of each token of a graph where its node stands, as in :class:`Batch`."""
    track = segments(graph, SPECS)
    place = {0: 0} | {
        track[i]: 1 + SOURCES.index(graph.nodes[i].source or "") for i in graph.inputs
    }
    nodes = iter(decoding_order(graph, SPECS).nodes)
    said = [
        place[track[next(nodes)]] if isinstance(item, Node) else -1
        for item in sequence(graph, SPECS)
    ]
    return np.array([-1, *said, -1], np.int8)
