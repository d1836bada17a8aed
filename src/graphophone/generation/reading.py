"""Finished sets on disk, read example by example."""

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import soundfile
import torch

from graphophone.audio.features import RATE
from graphophone.audio.heard import Packed
from graphophone.errors import FormatError
from graphophone.generation.dataset import MANIFEST, SHARD, Recipe
from graphophone.processors import CATALOGUE_HASH
from graphophone.tensors import Stereo

Damaged = Literal["refuse", "skip"]


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
class Record:
    """One example as it is stored.

    Attributes:
        index: Its number in the set.
        graph: The answer as JSON.
        provenance: Where the dry clips came from.
        redraws: Graphs and knobs thrown away because something could not be heard.
        members: Its other files by suffix, such as ``mel.npy``, ``wet.flac``, ``dry.voice.flac``.
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
        return Packed(*(self._array(f"{name}.npy") for name in Packed._fields))

    def sounds(self) -> dict[str, Stereo]:
        """Return the clips that are stored, ``wet`` and ``dry.NAME``, each (2, time).

        Raises:
            FormatError: One of them is damaged.
        """
        return {
            name.removesuffix(".flac"): _sound(content)
            for name, content in self.members.items()
            if name.endswith(".flac")
        }

    def _array(self, name: str) -> torch.Tensor:
        try:
            return torch.from_numpy(np.load(io.BytesIO(self.members[name])))[None]
        except KeyError:
            detail = "the set was stored without features"
            raise FormatError(f"there is no {name}: {detail}") from None
        except ValueError:
            raise FormatError(f"{name} cannot be decoded") from None


@dataclass(frozen=True)
class StoredSet:
    """A set of examples on disk.

    Attributes:
        folder: Where it lies.
        manifest: All that ``dataset.json`` says.
        recipe: What decides its examples.
        faults: What is missing or damaged, and so left out; more may turn up in reading.
        damaged: Whether such is an error.
    """

    folder: Path
    manifest: dict[str, Any]
    recipe: Recipe
    faults: list[Fault]
    damaged: Damaged

    def records(self) -> Iterator[Record]:
        """Yield every example in order.

        Raises:
            FormatError: A shard is damaged, and such were not to be skipped.
        """
        for start in range(0, self.recipe.count, SHARD):
            path = self.folder / f"shard-{start // SHARD:05}.jsonl"
            try:
                yield from self._shard(path)
            except FileNotFoundError as error:
                self._fault(Fault(Path(error.filename).name, "is missing"))
            except (OSError, ValueError, KeyError, IndexError) as error:
                self._fault(Fault(path.name, f"cannot be read: {error}"))

    def _fault(self, fault: Fault) -> None:
        if self.damaged == "refuse":
            raise FormatError(f"{self.folder}: {fault}")
        self.faults.append(fault)

    def _shard(self, path: Path) -> Iterator[Record]:
        lines = path.read_text().splitlines()
        heard = {}
        for name in Packed._fields if self.manifest["store"] != "graphs" else ():
            heard[f"{name}.npy"] = np.load(path.with_suffix(f".{name}.npy"), mmap_mode="r")
        audio = np.load(path.with_suffix(".npz")) if self.manifest["store"] == "audio" else {}
        for place, line in enumerate(lines):
            item = json.loads(line)
            members = {name: _npy(array[place]) for name, array in heard.items()}
            for name in [n for n in audio if n.startswith(f"{item['index']}/")]:
                track = name.partition("/")[2]
                members["wet.flac" if track == "wet" else f"dry.{track}.flac"] = _flac(audio[name])
            yield Record(item["index"], item["graph"], item["provenance"], item["redraws"], members)


def open_set(folder: Path, *, damaged: Damaged = "refuse", thorough: bool = False) -> StoredSet:
    """Open a set.

    Args:
        folder: Where it lies.
        damaged: Whether missing and damaged shards are an error or left out and listed.
        thorough: Whether to compare everything with its check sums; there are none yet.

    Raises:
        FormatError: There is no set, or another version made it.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise FormatError(f"{folder} holds no data set: it has no {MANIFEST}")
    try:
        manifest = json.loads(path.read_text())
        recipe = Recipe(**{**manifest["recipe"], "kinds": tuple(manifest["recipe"]["kinds"])})
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError(f"{path} is not the manifest of a data set: {error!r}") from None
    if manifest.get("catalogue") != CATALOGUE_HASH:
        there = manifest.get("catalogue")
        raise FormatError(
            f"{folder} was made with catalogue {there}, this version has {CATALOGUE_HASH}"
        )
    return StoredSet(folder, manifest, recipe, [], damaged)


def _npy(array: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def _flac(audio: Any) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, audio.T, RATE, format="FLAC", subtype="PCM_24")
    return buffer.getvalue()


def _sound(content: bytes) -> Stereo:
    samples, _ = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
    return torch.from_numpy(np.ascontiguousarray(samples.T))
