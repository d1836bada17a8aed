"""Sets of examples on disk: made in shards, in parallel, and made again from a seed alone.

A set is a folder: ``dataset.json`` says what it is; ``shard-00000.jsonl`` holds a line an
example (index, graph, provenance); ``shard-00000.mel.npy`` and ``shard-00000.cepstra.npy`` hold
the packed features of the same examples, ``shard-00000.npz`` their audio where it was asked for.
A shard is written under a temporary name and renamed when it is whole, so a stopped run goes on
with the shards that are missing.
"""

import hashlib
import io
import json
import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch

from graphophone.audio.features import RATE, SEGMENT
from graphophone.audio.heard import Packed
from graphophone.codec.json import to_json
from graphophone.errors import FormatError
from graphophone.generation.ghosts import Census
from graphophone.generation.item import Item, Task, generate_item
from graphophone.generation.mix import Mix, parse_mix, read_mix
from graphophone.processors import CATALOGUE_HASH
from graphophone.sources import Pool, open_pool
from graphophone.sources.pools import KINDS

Store = Literal["graphs", "features", "audio"]
MANIFEST = "dataset.json"
GHOSTS = "ghosts.json"
SHARD = 50
"""Examples in a shard: what a worker takes at a time, and what a kill may lose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that decides the examples of a set.

    Attributes:
        task: ``singing`` or ``drums``.
        mix: Name of a mix of the package (:mod:`graphophone.generation.mix`), or of ``mix_text``.
        count: Number of examples.
        seed: Seed of the set; the first examples of a larger set are those of a smaller one.
        sources: ``real``, ``procedural`` or ``mixed``.
        split: ``train``, ``seen`` or ``unseen``.
        kinds: Categories of real recordings to draw from; empty for the split's own choice.
        copies: Share of examples that store a spoiled copy of the wet sound.
        audible: Whether every graph is rendered without each of its nodes, and drawn again if
            one is not missed.
        mix_text: TOML of a mix of one's own, so that the recipe alone is enough to draw from it.

    Raises:
        FormatError: ``copies`` is not a share.
    """

    task: Task
    mix: str
    count: int
    seed: int
    sources: Literal["real", "procedural", "mixed"] = "procedural"
    split: Literal["train", "seen", "unseen"] = "train"
    kinds: tuple[str, ...] = ()
    copies: float = 0.0
    audible: bool = False
    mix_text: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.copies <= 1:
            raise FormatError(f"copies must be a share from 0 to 1, got {self.copies:g}")

    def read_mix(self) -> Mix:
        """Return the mix.

        Raises:
            FormatError: The text is no mix.
            UsageError: There is no mix of this name.
        """
        return parse_mix(self.mix_text, self.mix) if self.mix_text else read_mix(self.mix)


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run of the generator reports.

    Attributes:
        items: Examples in the set.
        made: How many of them this run has made; the others were there.
        seconds: How long it took.
        ghost_redraws: Graphs and knobs that were drawn again, in the whole set.
        checksum: Over graphs and provenance of the whole set.
        ghosts: Redraws, thresholds, and the ghosts that remain, counted on a sample or, in an
            audible set, on all; they stand in ``ghosts.json`` too.
    """

    items: int
    made: int
    seconds: float
    ghost_redraws: int
    checksum: str
    ghosts: Census


def generate(
    recipe: Recipe,
    out: Path,
    *,
    store: Store = "features",
    workers: int = 1,
    data: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Summary:
    """Make a set, or what is missing of it.

    Args:
        recipe: What the set is.
        out: Folder of the set; a folder with another set in it is refused.
        store: Whether to keep graphs alone, features too, or audio too.
        workers: Number of processes; the set is the same for any.
        data: Folder of real recordings, where the recipe asks for them.
        progress: Called with (shards done, shards in all).

    Returns:
        Number of examples, time, redraws and the checksum over graphs and provenance.

    Raises:
        FormatError: ``out`` holds a set of another recipe, mix or catalogue, or there are no
            recordings to make one from.
    """
    begin = time.monotonic()
    recipe.read_mix()  # if it is wrong, it says so before anything is written
    if not (out / MANIFEST).exists():
        _pool(recipe, data)  # if recordings are missing, it says so before anything is written
    out.mkdir(parents=True, exist_ok=True)
    _claim(out, recipe, store)
    shards = [range(i, min(i + SHARD, recipe.count)) for i in range(0, recipe.count, SHARD)]
    missing = [s for s in shards if not (out / _name(s, ".jsonl")).exists()]
    done = len(shards) - len(missing)
    jobs = [(recipe, out, store, data, shard) for shard in missing]
    for _ in _map(jobs, workers):
        done += 1
        if progress:
            progress(done, len(shards))
    checksum, census = hashlib.sha256(), Census()
    for shard in shards:
        for line in (out / _name(shard, ".jsonl")).read_bytes().splitlines():
            item = json.loads(line)
            census.add(item["provenance"], item["redraws"])
            checksum.update(line)
    _put(out / GHOSTS, json.dumps(census.to_json(), indent=2).encode())
    return Summary(
        items=recipe.count,
        made=sum(map(len, missing)),
        seconds=time.monotonic() - begin,
        ghost_redraws=census.redraws + census.redrawn,
        checksum="sha256:" + checksum.hexdigest(),
        ghosts=census,
    )


def make_shard(recipe: Recipe, out: Path, store: Store, data: Path | None, indices: range) -> None:
    """Make one shard and put it in place; what a worker process runs."""
    torch.set_num_threads(1)  # processes share the cores already
    pool, mix = _pool(recipe, data), recipe.read_mix()
    lines, heard, audio = [], [], {}
    for index in indices:
        item = generate_item(
            recipe.task,
            mix,
            recipe.seed,
            index,
            pool,
            recipe.copies,
            audible=recipe.audible,
        )
        lines.append(json.dumps(_record(index, item), separators=(",", ":")))
        if store != "graphs":
            heard.append(Packed.of(item.wet[None]))
        if store == "audio":
            audio[f"{index}/wet"] = item.wet.numpy()
            audio |= {f"{index}/{name}": clip.numpy() for name, clip in item.dry.items()}
    if heard:
        for name, parts in zip(Packed._fields, zip(*heard, strict=True), strict=True):
            buffer = io.BytesIO()
            np.save(buffer, torch.cat(parts).numpy())
            _put(out / _name(indices, f".{name}.npy"), buffer.getvalue())
    if audio:
        buffer = io.BytesIO()
        np.savez(buffer, **audio)  # type: ignore[arg-type]
        _put(out / _name(indices, ".npz"), buffer.getvalue())
    # The graphs come last: their file says that the shard is whole.
    _put(out / _name(indices, ".jsonl"), ("\n".join(lines) + "\n").encode())


def _pool(recipe: Recipe, data: Path | None) -> Pool:
    return open_pool(
        recipe.task,
        sources=recipe.sources,
        split=recipe.split,
        data=data,
        kinds=recipe.kinds or KINDS,
    )


def _record(index: int, item: Item) -> dict[str, Any]:
    return {
        "index": index,
        "graph": to_json(item.graph),
        "provenance": item.provenance,
        "redraws": item.redraws,
    }


def _map(
    jobs: list[tuple[Recipe, Path, Store, Path | None, range]], workers: int
) -> Iterator[None]:
    """Run jobs here or in processes, yielding as each ends."""
    if workers <= 1 or len(jobs) <= 1:
        for job in jobs:
            make_shard(*job)
            yield
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as executor:
        for future in as_completed([executor.submit(make_shard, *job) for job in jobs]):
            future.result()
            yield


def _claim(out: Path, recipe: Recipe, store: Store) -> None:
    """Write the manifest, or make sure that the one there belongs to the same set."""
    path = out / MANIFEST
    manifest = {
        "graphophone": 1,
        "catalogue": CATALOGUE_HASH,
        "mix": recipe.read_mix().digest,
        "recipe": json.loads(json.dumps(asdict(recipe))),
        "store": store,
        "rate": RATE,
        "samples": SEGMENT,
        "shard": SHARD,
    }
    if path.exists():
        there = json.loads(path.read_text())
        # A larger count continues the same set; its last shard is made again if it was cut.
        # Sets from before there were copies have none.
        mine, other = (
            {**m, "recipe": {"copies": 0.0, **m["recipe"], "count": 0}} for m in (manifest, there)
        )
        if mine != other:
            raise FormatError(f"{out} holds another set; choose an empty folder for this one")
        before = there["recipe"]["count"]
        if before % SHARD and before != recipe.count:
            last = range(before // SHARD * SHARD, before)
            (out / _name(last, ".jsonl")).unlink(missing_ok=True)
    _put(path, json.dumps(manifest, indent=2).encode())


def _name(indices: range, suffix: str) -> str:
    return f"shard-{indices.start // SHARD:05}{suffix}"


def _put(path: Path, content: bytes) -> None:
    """Write under a temporary name, then rename: a file is whole or absent."""
    temporary = path.with_name(path.name + ".part")
    temporary.write_bytes(content)
    temporary.replace(path)
