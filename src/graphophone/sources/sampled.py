"""Drum kits that users have on disk: SFZ files and Hydrogen kits, as a supply of kits."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from random import Random

import numpy as np

from graphophone.errors import FormatError
from graphophone.sources.cache import DECODED, UNIT, Decoded
from graphophone.sources.dry import Mono
from graphophone.sources.hydrogen import FILE, read_hydrogen
from graphophone.sources.instruments import ARTICULATIONS
from graphophone.sources.kits import HATS, Kit, Layers
from graphophone.sources.sfz import KitFile, Shot, read_sfz


def kit_files(folder: Path) -> tuple[KitFile, ...]:
    """Read every SFZ file and Hydrogen kit under a folder, in the order of their paths.

    Raises:
        FormatError: One of them cannot be read; see :func:`.read_sfz`, :func:`.read_hydrogen`.
    """
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() == ".sfz" or p.name == FILE)
    return tuple(read_hydrogen(p) if p.name == FILE else read_sfz(p) for p in paths)


class SampledKits:
    """Kits that say themselves which recording answers which stroke.

    Kits with more of the six instruments are drawn more often. Recordings are decoded when
    they are struck.
    """

    def __init__(self, files: Sequence[KitFile], *, decoded: Decoded = DECODED) -> None:
        if not files:
            raise FormatError("a pool of sampled kits needs at least one kit, got none")
        self.files = tuple(files)
        self.weights = [
            len({ARTICULATIONS[shot.articulation] for shot in file.shots}) for file in self.files
        ]
        self.decoded = decoded

    def draw(self, rng: Random, rate: int) -> Kit:
        """Draw a kit."""
        return self._kit(rng.choices(self.files, self.weights)[0], rate)

    def _kit(self, file: KitFile, rate: int) -> Kit:
        drums: dict[str, list[Shot]] = defaultdict(list)
        for shot in file.shots:
            drums[shot.articulation].append(shot)
        sounds = {
            what: Layers(
                len(shots),
                partial(self._shot, tuple(shot.path for shot in shots), rate),
                tuple(shot.region for shot in shots),
            )
            for what, shots in drums.items()
        }
        name = file.path.parent.name if file.path.name == FILE else file.path.stem
        return Kit(name, sounds, chokes(file.shots))

    def _shot(self, paths: tuple[Path, ...], rate: int, index: int) -> Mono:
        """Return one recording, its channels averaged."""
        samples: Mono = self.decoded(paths[index], rate).mean(0, dtype=np.float32) * UNIT
        return samples


def chokes(shots: Sequence[Shot]) -> Mapping[str, frozenset[str]]:
    """Return what silences each articulation: its ``off_by`` group, or the rule for hats.

    A kit that says nothing of its hats has them silenced by each other all the same.
    """
    groups: dict[str, set[str]] = defaultdict(set)
    for shot in shots:
        groups[shot.group].add(shot.articulation)
    found: dict[str, set[str]] = defaultdict(set)
    for shot in shots:
        if shot.off_by:
            found[shot.articulation] |= groups[shot.off_by]
    said = {what: frozenset(others) for what, others in sorted(found.items()) if others}
    hats = {} if HATS & said.keys() else dict.fromkeys(sorted(HATS), HATS)
    return {**hats, **said}
