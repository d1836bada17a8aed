"""Sets of examples on disk: made in parallel, resumed after any end, made again from a seed alone.

A set is a folder. ``dataset.json`` says what it is (:mod:`.manifest`). ``shard-00000.tar`` is a
WebDataset archive of consecutive examples (:mod:`.example`), ``shard-00000.json`` its index
(:mod:`.index`). While the set is made, ``pieces/`` holds examples whose shard is not complete
(:mod:`.pieces`). Every file is written under a temporary name and renamed when it is whole, so
a run that was killed goes on with the examples that are missing.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from graphophone.errors import FormatError, UsageError
from graphophone.generation import archive, engines
from graphophone.generation.census import count_ghosts
from graphophone.generation.disk import alone, clear_temporary, make_room, size
from graphophone.generation.engines import Engine
from graphophone.generation.example import digest, files
from graphophone.generation.ghosts import Census
from graphophone.generation.index import Index, Indexer, digests
from graphophone.generation.manifest import NAME, Manifest, claim
from graphophone.generation.pieces import Job, Pieces, gaps, make_piece
from graphophone.generation.recipe import Recipe, Store, make_item, stock_of, supply_of
from graphophone.generation.recordings import keep_recordings, read_recordings
from graphophone.generation.shards import SHARD, Fault, Shard, plan
from graphophone.sources import Supply

PIECE = 10
"""Examples that a worker makes at a time, half a second of work or so."""

Progress = Callable[[int, int, int], None]
"""Called with examples there, examples in all, and bytes on disk."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run of the generator reports.

    Attributes:
        items: Examples in the set.
        ghost_redraws: Graphs and knobs that were drawn again, in the whole set.
        checksum: Over graphs and provenance of the whole set.
        ghosts: Redraws, thresholds, and the ghosts that remain, counted on a sample or, in an
            audible set, on all; they stand in ``ghosts.json`` too.
        bytes: That its archives take.
        made: How many of its examples this run has made; the others were there.
        seconds: How long it took.
        repaired: Damaged files whose examples were made again.
        recordings: What real recordings were found to be; None where there are none.
    """

    items: int
    ghost_redraws: int
    checksum: str
    ghosts: Census
    bytes: int
    made: int = 0
    seconds: float = 0.0
    repaired: tuple[Fault, ...] = ()
    recordings: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """A set that is being made.

    Attributes:
        recipe: What it is.
        pieces: Where finished pieces wait.
        whole: Indices of the finished archives by their number.
        spans: Finished pieces by the number of their archive.
    """

    recipe: Recipe
    pieces: Pieces
    whole: dict[int, Index]
    spans: dict[int, list[tuple[int, int]]]


def generate(
    recipe: Recipe,
    out: Path,
    *,
    store: Store = "features",
    workers: int | None = 1,
    engine: Engine = "local",
    data: Path | None = None,
    strict: bool = False,
    repair: bool = False,
    thorough: bool = True,
    shard: int = SHARD,
    piece: int = PIECE,
    note: Callable[[str], None] | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Make a set, or what is missing of it.

    Args:
        recipe: What the set is.
        out: Folder of the set; a folder with another set in it is refused.
        store: What to keep of an example.
        workers: How many work at a time; the set is the same for any. None for all cores.
        engine: Who they are: processes here (``local``), or a Ray cluster.
        data: Folder of real recordings, where the recipe asks for them.
        strict: Whether to refuse recordings with a fault, not to leave them out.
        repair: Whether to make damaged archives again; they are refused otherwise.
        thorough: Whether to read finished archives through for damage, not to measure them only.
        shard: Examples in an archive of a new set.
        piece: Examples that a worker makes at a time, and a kill may lose; no bit depends on it.
        note: Told, before the work begins, what the recordings are and how much room it takes.
        progress: Called as pieces are finished.

    Returns:
        Number of examples, time, redraws and the checksum over graphs and provenance.

    Raises:
        UsageError: Stems are to be kept of a task that has none.
        FormatError: ``out`` holds a set of another recipe, mix or version, or a damaged archive, or
            there are no recordings to make one from.
        StorageError: There is no room for the set, or another run is making it.
        WorkerError: A worker died.
    """
    begin = time.monotonic()
    if store == "stems" and recipe.task == "singing":
        raise UsageError("a voice has no stems: store 'dry' keeps what is heard of it")
    recipe.read_mix()  # if it is wrong, it says so before anything is written
    manifest = claim(out, Manifest(recipe, store, shard))
    supply: Supply | None = None
    if not (out / NAME).exists():  # if recordings are missing, it says so and writes nothing
        supply = supply_of(recipe, data, strict=strict, workers=workers)
        make_room(out, recipe.task, store, recipe.count)
        out.mkdir(parents=True, exist_ok=True)
    with alone(out):
        clear_temporary(out)
        shards = plan(out, recipe.count, manifest.shard)
        pieces = Pieces(out)
        whole, faults = _survey(shards, pieces, repair=repair, thorough=thorough)
        work = Work(recipe, pieces, whole, _sorted(pieces.found(), manifest.shard))
        spans = _missing(work, shards, piece)
        missing = sum(stop - start for start, stop in spans)
        jobs: list[Job] = []
        if missing:
            supply = supply or supply_of(recipe, data, strict=strict, workers=workers)
            keep_recordings(out, supply.survey, note)
            jobs = [Job(recipe, store, supply.bare(), *span) for span in spans]
            _check_same(work, jobs[0].supply, out)
            needed, free = make_room(out, recipe.task, store, missing)
            if note:
                note(f"{missing} examples will take about {size(needed)}; {size(free)} are free")
        unfinished = len(whole) < len(shards)
        if unfinished:
            Manifest(recipe, store, manifest.shard).write(out)
            _make(work, shards, jobs, workers, engine, progress)
            pieces.finish()
        summary = replace(
            _summary(work.whole, count_ghosts(out)),
            made=missing,
            seconds=time.monotonic() - begin,
            repaired=tuple(faults),
            recordings=read_recordings(out),
        )
        made = {n: getattr(summary, n) for n in ("items", "checksum", "ghost_redraws", "bytes")}
        if unfinished or manifest.made != made:
            Manifest(recipe, store, manifest.shard, made).write(out)
    return summary


def _survey(
    shards: list[Shard], pieces: Pieces, *, repair: bool, thorough: bool
) -> tuple[dict[int, Index], list[Fault]]:
    """Return the indices of the finished archives, and the damaged ones, which are removed."""
    states = {shard: shard.open(thorough=thorough) for shard in shards}
    faults = {shard: state for shard, state in states.items() if isinstance(state, Fault)}
    for shard, fault in faults.items():
        if not repair:
            raise FormatError(
                f"{shard.folder}: {fault}; --repair makes the examples of damaged archives "
                "again and keeps the others"
            )
        shard.remove()
    whole: dict[int, Index] = {}
    for shard, state in states.items():
        if isinstance(state, Index):
            if len(state) == len(shard.examples):
                whole[shard.number] = state
            else:  # the set is to become larger
                shard.take_apart(state, pieces)
    return whole, list(faults.values())


def _sorted(spans: list[tuple[int, int]], shard: int) -> dict[int, list[tuple[int, int]]]:
    """Return spans of examples by the number of their archive."""
    found: dict[int, list[tuple[int, int]]] = {}
    for span in spans:
        found.setdefault(span[0] // shard, []).append(span)
    return found


def _missing(work: Work, shards: list[Shard], piece: int) -> list[tuple[int, int]]:
    """Return the examples that are neither in a finished archive nor in a piece."""
    return [
        span
        for shard in shards
        if shard.number not in work.whole
        for span in gaps(shard.examples, work.spans.get(shard.number, []), piece)
    ]


def _check_same(work: Work, supply: Supply, out: Path) -> None:
    """Make an example that is there once more, so that no set is made by two generators."""
    index: Index | None = next(iter(work.whole.values()), None)
    if index is None and work.spans:
        span = min(work.spans.values())[0]
        indexer = Indexer(span[0])
        indexer.add(work.pieces.read(*span))
        index = indexer.finish()
    if index is None:
        return
    item = make_item(work.recipe, index.start, stock_of(supply))
    if digest(files(item, "graphs")) != index.digests[0]:
        raise FormatError(
            f"{out} was begun by another version or with other recordings: example {index.start} "
            "comes out differently now; choose an empty folder and make the set again"
        )


def _make(
    work: Work,
    shards: list[Shard],
    jobs: list[Job],
    workers: int | None,
    engine: Engine,
    progress: Progress | None,
) -> None:
    """Run the jobs, and put each archive together when its last piece is there."""
    by_number = {shard.number: shard for shard in shards}
    size_of = len(shards[0].examples)
    total = work.recipe.count
    there = total - sum(job.stop - job.start for job in jobs)
    taken = sum(index.size for index in work.whole.values())

    def finish(number: int) -> None:
        spans = sorted(work.spans.get(number, []))
        if sum(stop - start for start, stop in spans) == len(by_number[number].examples):
            work.whole[number] = by_number[number].assemble(work.pieces, spans)
            work.spans.pop(number)

    for number in sorted(work.spans):  # a run may have been killed between the last two steps
        finish(number)
    for job, content in engines.run(engine, make_piece, jobs, workers):
        work.pieces.put(job.start, job.stop, content)
        number = job.start // size_of
        work.spans.setdefault(number, []).append((job.start, job.stop))
        finish(number)
        there += job.stop - job.start
        taken += len(content) - len(archive.END)
        if progress:
            progress(there, total, taken)


def _summary(whole: dict[int, Index], census: Census) -> Summary:
    """Return what the archives of a finished set say of it."""
    indices = [whole[number] for number in sorted(whole)]
    checksum = hashlib.sha256()
    for part in digests(indices):
        checksum.update(part)
    return Summary(
        items=sum(map(len, indices)),
        ghost_redraws=sum(index.redraws for index in indices),
        checksum="sha256:" + checksum.hexdigest(),
        ghosts=census,
        bytes=sum(index.size for index in indices),
    )
