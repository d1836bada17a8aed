"""The archives of a set: which are there, which are damaged, and how one is put together."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from graphophone.errors import FormatError
from graphophone.generation import archive
from graphophone.generation.disk import put
from graphophone.generation.index import Index, Indexer, check
from graphophone.generation.pieces import Pieces

SHARD = 500
"""Examples in an archive: tens of megabytes of features, which is easily moved and checked."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A file that is not as it should be.

    Attributes:
        file: Its name in the folder of the set.
        reason: What is wrong with it, in words that follow the name.
    """

    file: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file} {self.reason}"


@dataclass(frozen=True, slots=True)
class Shard:
    """One archive of a set.

    Attributes:
        folder: Of the set.
        number: Of the archive.
        examples: Numbers of the examples that belong into it.
    """

    folder: Path
    number: int
    examples: range

    @property
    def tar(self) -> Path:
        """The archive."""
        return self.folder / f"shard-{self.number:05}.tar"

    @property
    def index(self) -> Path:
        """Its index, which is written last: an archive that has one is whole."""
        return self.folder / f"shard-{self.number:05}.json"

    def open(self, *, thorough: bool = False) -> "Index | Fault | None":
        """Return the index of a sound archive, what is wrong, or ``None`` if it is not there.

        Args:
            thorough: Whether to read the whole archive, not its size alone.
        """
        if not self.index.exists():
            return None
        try:
            index = Index.read(self.index)
        except FormatError as error:
            return Fault(self.index.name, str(error).removeprefix(f"{self.index} "))
        first, last = self.examples.start, self.examples.stop - 1
        if index.start != first or not 0 < len(index) <= len(self.examples):
            end = index.start + len(index) - 1
            says = f"lists examples {index.start} to {end}"
            return Fault(self.index.name, f"{says} where {first} to {last} belong")
        reason = check(index, self.tar, thorough=thorough)
        return Fault(self.tar.name, reason) if reason else index

    def assemble(self, pieces: Pieces, spans: list[tuple[int, int]]) -> Index:
        """Put the archive together from its pieces, which are removed when it is in place."""
        indexer = Indexer(self.examples.start)
        put(self.tar, self._parts(pieces, spans, indexer))
        index = indexer.finish()
        put(self.index, [json.dumps(index.to_json(), separators=(",", ":")).encode()])
        for span in spans:
            pieces.drop(*span)
        return index

    def take_apart(self, index: Index, pieces: Pieces) -> None:
        """Make a piece of an archive that holds fewer examples than now belong into it."""
        self.index.unlink()
        pieces.keep(index.start, index.start + len(index), self.tar)

    def remove(self) -> None:
        """Remove the archive; its index goes first, so that it never stands for nothing."""
        self.index.unlink(missing_ok=True)
        self.tar.unlink(missing_ok=True)

    def _parts(
        self, pieces: Pieces, spans: list[tuple[int, int]], indexer: Indexer
    ) -> Iterator[bytes]:
        for span in spans:
            part = pieces.read(*span)
            indexer.add(part)
            yield part
        yield archive.END


def plan(folder: Path, count: int, size: int) -> list[Shard]:
    """Return the archives of a set of ``count`` examples, ``size`` in each but the last."""
    starts = range(0, count, size)
    return [Shard(folder, n, range(i, min(i + size, count))) for n, i in enumerate(starts)]
