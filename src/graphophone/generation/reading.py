"""Reading sets of examples: checked, in order or at random, without unpacking."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from mmap import mmap
from pathlib import Path
from typing import Any, Literal

import torch

from graphophone.audio.dry import DRY_NAMES, Mel
from graphophone.audio.heard import Packed
from graphophone.errors import FormatError
from graphophone.generation.example import (
    DRY,
    FEATURES,
    GRAPH,
    PROVENANCE,
    SCALES,
    digest,
    feature,
    sound,
)
from graphophone.generation.index import Index, Place, at_random, mapped, will_read
from graphophone.generation.manifest import Manifest, read_manifest
from graphophone.generation.recipe import Recipe
from graphophone.generation.shards import Fault, Shard, plan
from graphophone.tensors import Stereo

Damaged = Literal["refuse", "skip"]


class Files(Mapping[str, bytes]):
    """Files of one example by suffix, read from its archive when they are asked for.

    Args:
        content: The archive.
        places: Where each file is.
    """

    def __init__(self, content: mmap, places: Mapping[str, Place]) -> None:
        self._content, self._places = content, places

    def __getitem__(self, suffix: str) -> bytes:
        offset, size = self._places[suffix]
        will_read(self._content, offset, size)
        return self._content[offset : offset + size]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


@dataclass(frozen=True, slots=True)
class Record:
    """One example as it is stored.

    Attributes:
        index: Its number in the set.
        graph: The answer as JSON.
        provenance: Where the dry clips came from.
        redraws: Graphs and knobs thrown away because something could not be heard.
        members: All its files by suffix, such as ``mel.png``, ``wet.flac``, ``dry.voice.flac``.
    """

    index: int
    graph: dict[str, Any]
    provenance: dict[str, Any]
    redraws: int
    members: Mapping[str, bytes]

    def heard(self) -> Packed:
        """Return the packed features, each (1, 2, bands or lags, time).

        Raises:
            FormatError: There are none, or they are damaged.
        """
        return Packed(*(unpacked(self.members, name) for name in Packed._fields))

    def sounds(self) -> dict[str, Stereo]:
        """Return the clips that are stored, ``wet`` and ``dry.NAME``, each (2, time).

        Raises:
            FormatError: One of them is damaged.
        """
        scales = json.loads(self.members[SCALES]) if SCALES in self.members else {}
        return {
            suffix.removesuffix(".flac"): sound(self.members[suffix], scale)
            for suffix, scale in scales.items()
        }


class Opened:
    """A sound archive and its index.

    Args:
        shard: Which.
        index: What it holds.
    """

    def __init__(self, shard: Shard, index: Index) -> None:
        self.shard, self.index = shard, index

    @cached_property
    def content(self) -> mmap:
        """The archive, mapped into memory."""
        return at_random(mapped(self.shard.tar))

    def release(self) -> None:
        """Let go of the archive; what was read from it stays valid, and it can be read again."""
        self.__dict__.pop("content", None)

    def files(self, place: int) -> Files:
        """Return the files of its example number ``place``, counted from its first."""
        return Files(self.content, self.index.places[place])

    def record(self, place: int) -> "Record | Fault":
        """Return an example, or what is wrong with it."""
        members = self.files(place)
        number = self.index.start + place
        if (
            not {GRAPH, PROVENANCE} <= members.keys()
            or digest(members) != self.index.digests[place]
        ):
            reason = f"does not hold example {number} as its index says"
            return Fault(self.shard.tar.name, reason)
        told = json.loads(members[PROVENANCE])
        graph = json.loads(members[GRAPH])
        return Record(number, graph, told["provenance"], int(told["redraws"]), members)


class StoredSet:
    """A set of examples on disk; :func:`open_set` opens one.

    Attributes:
        folder: Where it lies.
        shards: Its sound archives, in order.
        faults: What is missing or damaged, and so left out; more may turn up in reading.
    """

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        shards: list[Opened],
        faults: list[Fault],
        damaged: Damaged,
    ) -> None:
        self.folder, self.shards, self.faults = folder, shards, faults
        self._manifest, self._damaged = manifest, damaged

    @property
    def recipe(self) -> Recipe:
        """What decides its examples."""
        return self._manifest.recipe

    @property
    def manifest(self) -> dict[str, Any]:
        """All that ``dataset.json`` says."""
        return self._manifest.to_json()

    def __len__(self) -> int:
        return sum(len(shard.index) for shard in self.shards)

    def records(self) -> Iterator[Record]:
        """Yield the examples in order; graph and provenance are compared with the index.

        An archive is let go of once it was read, so a long set takes no more memory than a
        short one.

        Raises:
            FormatError: An example is damaged, and such were not to be skipped.
        """
        for shard in self.shards:
            for place in range(len(shard.index)):
                found = shard.record(place)
                if isinstance(found, Record):
                    yield found
                elif self._damaged == "skip":
                    self.faults.append(found)
                else:
                    raise FormatError(f"{self.folder}: {found}")
            shard.release()


def open_set(folder: Path, *, damaged: Damaged = "refuse", thorough: bool = False) -> StoredSet:
    """Open a set.

    Args:
        folder: Where it lies.
        damaged: Whether missing and damaged archives are an error or left out and listed.
        thorough: Whether to read all archives through and compare them with their check sums;
            otherwise their sizes are, and each graph when it is read.

    Raises:
        FormatError: There is no set, another version made it, or something is damaged; the
            message names the file and the reason.
    """
    manifest = read_manifest(folder)
    sound_ones: list[Opened] = []
    faults: list[Fault] = []
    for shard in plan(folder, manifest.recipe.count, manifest.shard):
        state = shard.open(thorough=thorough)
        if isinstance(state, Index) and len(state) == len(shard.examples):
            sound_ones.append(Opened(shard, state))
        else:
            late = Fault(shard.index.name, "is missing or incomplete: the set is not finished")
            faults.append(state if isinstance(state, Fault) else late)
    if faults and damaged == "refuse":
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise FormatError(
            f"{folder}: {faults[0]}{more}; graphophone generate makes what is missing of a set, "
            "with --repair what is damaged, too"
        )
    return StoredSet(folder, manifest, sound_ones, faults, damaged)


def unpacked(files: Mapping[str, bytes], name: str) -> torch.Tensor:
    """Return one packed feature (1, 2, bands or lags, time) of an example.

    Raises:
        FormatError: The set was stored without features, or the file is damaged.
    """
    suffix = FEATURES[name]
    if suffix not in files:
        raise FormatError(f"there is no {suffix}: the set was stored without features")
    return torch.from_numpy(feature(files[suffix]))[None]


def dry_features(files: Mapping[str, bytes], given: str) -> dict[str, Mel]:
    """Return packed spectrograms (2, bands, frames) of the dry sound of an example.

    Args:
        files: Of the example.
        given: What of it, as in :func:`graphophone.audio.dry.dry_mels`.

    Raises:
        FormatError: The set was stored without them, or a file is damaged.
    """
    names = DRY_NAMES.get(given, ())
    found = {name: feature(files[DRY[name]]) for name in names if DRY[name] in files}
    if names and not found:
        raise FormatError(
            f"there is no {DRY[names[0]]}: the set was not stored with {given!r} features"
        )
    return found
