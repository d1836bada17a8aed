"""A few examples in a row: what a worker makes at a time, and what a kill may lose.

Workers know no folder: :func:`make_piece` is a function from a job to an archive, so the same one
runs here, in other processes and on other computers. Finished pieces wait under ``pieces/``
until all of a shard are there.
"""

from dataclasses import dataclass
from itertools import count
from pathlib import Path

import torch

from graphophone.errors import FormatError
from graphophone.generation import archive, heap
from graphophone.generation.disk import clear_temporary, put, remove
from graphophone.generation.example import files
from graphophone.generation.index import Indexer
from graphophone.generation.recipe import Recipe, Store, make_item, stock_of
from graphophone.sources import Supply

FOLDER = "pieces"
TRIM_EVERY = 20
"""Pieces that a process makes before it gives back what its heap has free."""
_made = count(1)


@dataclass(frozen=True, slots=True)
class Job:
    """Examples to be made.

    Attributes:
        recipe: What they are.
        store: What is kept of them.
        supply: What they are drawn from, bare.
        start: Number of the first.
        stop: One more than that of the last.
    """

    recipe: Recipe
    store: Store
    supply: Supply
    start: int
    stop: int


def make_piece(job: Job) -> bytes:
    """Make examples one after the other and return them as an archive."""
    torch.set_num_threads(1)  # workers share the cores already
    stock = stock_of(job.supply)
    packed = archive.pack(
        (f"{archive.key(index)}.{suffix}", content)
        for index in range(job.start, job.stop)
        for suffix, content in files(make_item(job.recipe, index, stock), job.store).items()
    )
    if next(_made) % TRIM_EVERY == 0:
        heap.trim()
    return packed


class Pieces:
    """The finished pieces of a set.

    Args:
        out: Folder of the set.
    """

    def __init__(self, out: Path) -> None:
        self.folder = out / FOLDER

    def put(self, start: int, stop: int, content: bytes) -> None:
        """Keep a piece."""
        self.folder.mkdir(exist_ok=True)
        put(self._path(start, stop), [content])

    def keep(self, start: int, stop: int, path: Path) -> None:
        """Take an archive for a piece, and away from where it was."""
        self.folder.mkdir(exist_ok=True)
        path.replace(self._path(start, stop))

    def read(self, start: int, stop: int) -> bytes:
        """Return a piece without its archive's end."""
        return self._path(start, stop).read_bytes().removesuffix(archive.END)

    def drop(self, start: int, stop: int) -> None:
        """Forget a piece."""
        self._path(start, stop).unlink(missing_ok=True)

    def found(self) -> list[tuple[int, int]]:
        """Return first and last-but-one number of the whole pieces, without overlap, sorted.

        What a killed run left half done is removed, as is what cannot be read: it is made again.
        """
        clear_temporary(self.folder)
        kept: list[tuple[int, int]] = []
        for path in sorted(self.folder.glob("*.tar")):
            start, _, stop = path.stem.partition("-")
            span = int(start), int(stop)
            if (kept and span[0] < kept[-1][1]) or not self._is_whole(*span):
                path.unlink()
            else:
                kept.append(span)
        return kept

    def finish(self) -> None:
        """Remove the folder once it is empty."""
        remove(self.folder)

    def _is_whole(self, start: int, stop: int) -> bool:
        indexer = Indexer(start)
        try:
            indexer.add(self.read(start, stop))
        except FormatError:
            return False
        return len(indexer.finish()) == stop - start

    def _path(self, start: int, stop: int) -> Path:
        return self.folder / f"{archive.key(start)}-{archive.key(stop)}.tar"


def gaps(wanted: range, there: list[tuple[int, int]], most: int) -> list[tuple[int, int]]:
    """Return what is missing of a range, cut at multiples of ``most``."""
    missing, at = [], wanted.start
    for start, stop in [*there, (wanted.stop, wanted.stop)]:
        start, stop = max(start, wanted.start), min(stop, wanted.stop)
        while at < start:
            end = min(start, (at // most + 1) * most)
            missing.append((at, end))
            at = end
        at = max(at, stop)
    return missing
