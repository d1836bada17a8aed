"""Examples from a set on disk, which may be larger than memory.

Archives are mapped into memory, and features unpacked by threads of their own some batches
ahead. Graphs are turned into arrays once and kept beside the archive as ``.tokens.npz``.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np

from graphophone.audio.dry import beside
from graphophone.audio.heard import Packed
from graphophone.codec.json import from_json
from graphophone.codec.tokens import Vocabulary
from graphophone.errors import FormatError
from graphophone.generation.reading import Damaged, Opened, dry_features, open_set, unpacked
from graphophone.generation.shards import Fault
from graphophone.processors import SPECS
from graphophone.training.rows import Answer, Array, Row, answer_of

VERSION = 3
"""Of the kept arrays; those of another version are made anew."""
THREADS = 2
"""Threads that unpack; the interpreter's lock is released while they do."""


class Stored:
    """Examples of one set.

    Args:
        folder: Where it lies.
        vocabulary: Kinds of nodes and edges to number tokens by.
        cepstra: Whether to read cepstra beside spectrograms.
        given: What of the dry sound stands below spectrograms (:mod:`graphophone.audio.dry`).
        damaged: Whether a damaged archive is an error or is left out; then all of them are
            read through.

    Raises:
        FormatError: The folder holds no data set, one of another version or without features,
            or a damaged one.
    """

    def __init__(
        self,
        folder: Path,
        vocabulary: Vocabulary,
        *,
        cepstra: bool = False,
        given: str = "wet",
        damaged: Damaged = "refuse",
    ) -> None:
        stored = open_set(folder, damaged=damaged, thorough=damaged == "skip")
        self.folder, self.faults, self._shards = folder, stored.faults, stored.shards
        if not len(stored):
            raise FormatError(f"{folder} holds no sound archive")
        self._answers = [answers(shard, vocabulary) for shard in self._shards]
        self.lengths: Array = np.concatenate([np.diff(offsets) for offsets, _ in self._answers])
        self._starts = np.cumsum([0, *(len(shard.index) for shard in self._shards)])
        self._given = given
        self._wanted = Packed._fields if cepstra else Packed._fields[:1]
        self._check(0)
        self._threads = ThreadPoolExecutor(THREADS)
        self._ahead: dict[int, Future[Row]] = {}

    def expect(self, numbers: Sequence[int], epoch: int = 0) -> None:
        """Begin to unpack examples; each epoch has the same ones."""
        for number in numbers:
            if number not in self._ahead:
                self._ahead[number] = self._threads.submit(self._row, number)

    def rows(self, numbers: Sequence[int], epoch: int = 0) -> list[Row]:
        """Return examples.

        Raises:
            FormatError: The features of one are damaged.
        """
        self.expect(numbers)
        return [self._ahead.pop(number).result() for number in numbers]

    def close(self) -> None:
        """Stop unpacking."""
        self._threads.shutdown(cancel_futures=True)

    def _row(self, number: int) -> Row:
        where = int(np.searchsorted(self._starts, number, "right")) - 1
        place = number - int(self._starts[where])
        offsets, whole = self._answers[where]
        span = slice(int(offsets[place]), int(offsets[place + 1]))
        files = self._shards[where].files(place)
        try:
            mel, *rest = (unpacked(files, name)[0].numpy() for name in self._wanted)
            mel = beside(mel, dry_features(files, self._given), self._given)
        except FormatError as error:
            shard = self._shards[where]
            what = f"example {shard.index.start + place}"
            raise FormatError(f"{shard.shard.tar}, {what}: {error}") from None
        answer = Answer(
            whole.tokens[:, span], whole.places[span], whole.travel[span], whole.flags[span]
        )
        return Row(answer, mel, rest[0] if rest else None)

    def _check(self, number: int) -> None:
        """Make sure that there are features."""
        self._row(number)


def answers(shard: Opened, vocabulary: Vocabulary) -> tuple[Array, Answer]:
    """Return the graphs of an archive as arrays, end to end, and where each begins.

    They are read from the file beside it if that was made of the same graphs in the same way.

    Raises:
        FormatError: A graph is not the one that the index tells of.
    """
    cache = shard.shard.tar.with_suffix(".tokens.npz")
    made_of = json.dumps([VERSION, vocabulary.to_json(), shard.index.digests])
    key = hashlib.sha256(made_of.encode()).hexdigest()
    if cache.exists():
        with np.load(cache) as arrays:
            if str(arrays["key"]) == key:
                return arrays["offsets"], Answer(*(arrays[name] for name in Answer._fields))
    parts = [_answer(shard, place, vocabulary) for place in range(len(shard.index))]
    whole = Answer(
        np.concatenate([part.tokens for part in parts], axis=1),
        *(np.concatenate(column) for column in list(zip(*parts, strict=True))[1:]),
    )
    offsets = np.cumsum([0, *(len(part.places) for part in parts)])
    temporary = cache.with_name(f"{cache.name}.{os.getpid()}.tmp")
    with temporary.open("wb") as file:
        np.savez(file, key=np.array(key), offsets=offsets, **whole._asdict())
    temporary.replace(cache)
    return offsets, whole


def _answer(shard: Opened, place: int, vocabulary: Vocabulary) -> Answer:
    found = shard.record(place)
    if isinstance(found, Fault):
        raise FormatError(f"{shard.shard.folder}: {found}")
    return answer_of(from_json(found.graph, SPECS), vocabulary)
