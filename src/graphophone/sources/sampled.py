"""Drum kits that say themselves which recording answers which stroke, as a supply of kits."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from random import Random

import numpy as np

from graphophone.errors import FormatError
from graphophone.sources.cache import DECODED, UNIT, Decoded
from graphophone.sources.clip import Clip
from graphophone.sources.drums import RecordedKits
from graphophone.sources.dry import Mono
from graphophone.sources.instruments import ARTICULATIONS
from graphophone.sources.kits import HATS, Kit, Layers
from graphophone.sources.shots import Shot


class SampledKits:
    """Kits of SFZ files and Hydrogen kits.

    Kits with more of the six instruments are drawn more often. Recordings are decoded when
    they are struck.

    Args:
        kits: The recordings of each kit, by its name.
    """

    def __init__(self, kits: Mapping[str, Sequence[Shot]], *, decoded: Decoded = DECODED) -> None:
        if not kits:
            raise FormatError("a pool of sampled kits needs at least one kit, got none")
        self.kits = {name: tuple(shots) for name, shots in kits.items()}
        self.weights = [
            len({ARTICULATIONS[shot.articulation] for shot in shots})
            for shots in self.kits.values()
        ]
        self.decoded = decoded

    @classmethod
    def of(cls, files: Sequence[Clip]) -> "SampledKits":
        """Return the kits whose recordings are given; a group is a kit."""
        kits: dict[str, list[Shot]] = defaultdict(list)
        for clip in files:
            if clip.shot is not None:
                kits[clip.group].append(clip.shot)
        return cls(kits)

    def draw(self, rng: Random, rate: int) -> Kit:
        """Draw a kit."""
        name = rng.choices(list(self.kits), self.weights)[0]
        drums: dict[str, list[Shot]] = defaultdict(list)
        for shot in self.kits[name]:
            drums[shot.articulation].append(shot)
        sounds = {
            what: Layers(
                len(shots),
                partial(self._shot, tuple(shot.path for shot in shots), rate),
                tuple(shot.region for shot in shots),
            )
            for what, shots in drums.items()
        }
        return Kit(name, sounds, chokes(self.kits[name]))

    def _shot(self, paths: tuple[Path, ...], rate: int, index: int) -> Mono:
        """Return one recording, its channels averaged."""
        samples: Mono = self.decoded(paths[index], rate).mean(0, dtype=np.float32) * UNIT
        return samples


class JoinedKits:
    """Recorded and sampled kits in one supply, each drawn as often as in its own."""

    def __init__(self, first: RecordedKits, second: SampledKits) -> None:
        self.parts = (first, second)
        self.weights = [sum(first.weights), sum(second.weights)]

    def draw(self, rng: Random, rate: int) -> Kit:
        """Draw a kit of either kind."""
        return rng.choices(self.parts, self.weights)[0].draw(rng, rate)


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
