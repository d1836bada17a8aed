"""Drum pools: a kit, a groove, a track for each instrument that sounds."""

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from random import Random
from typing import Protocol, runtime_checkable

import numpy as np

from graphophone.errors import FormatError
from graphophone.sources.cache import DECODED, UNIT, Decoded
from graphophone.sources.clip import Clip
from graphophone.sources.dry import Dry, Mono, levelled
from graphophone.sources.grooves import Grooves
from graphophone.sources.instruments import ARTICULATIONS
from graphophone.sources.kits import Kit, Layers, play

TRIES = 20
LAYER = re.compile(r"_v(\d+)$")


@runtime_checkable
class Kits(Protocol):
    """A supply of drum kits."""

    def draw(self, rng: Random, rate: int) -> Kit:
        """Draw a kit at a sample rate; all chance comes from ``rng``."""
        ...


class RecordedKits:
    """Kits of one-shots. Kits with more of the six instruments are drawn more often.

    Files whose names differ by ``_v01``, ``_v02`` ... alone are one drum from soft to hard;
    where a kit has several drums of a class (four kicks), each draw picks one of them.
    """

    def __init__(self, files: Sequence[Clip], *, decoded: Decoded = DECODED) -> None:
        kits: dict[str, dict[str, dict[str, list[Clip]]]] = defaultdict(
            lambda: defaultdict(lambda: defaultdict(list))
        )
        for clip in sorted(files, key=lambda clip: clip.name):
            if clip.cls in ARTICULATIONS:
                kits[clip.group][clip.cls][LAYER.sub("", clip.path.stem)].append(clip)
        if not kits:
            raise FormatError("a pool of drum kits needs at least one one-shot, got none")
        self.kits = {
            name: {cls: tuple(drums.values()) for cls, drums in classes.items()}
            for name, classes in kits.items()
        }
        self.weights = [len({ARTICULATIONS[cls] for cls in kit}) for kit in self.kits.values()]
        self.decoded = decoded

    def draw(self, rng: Random, rate: int) -> Kit:
        """Draw a kit and one drum for each of its classes."""
        name = rng.choices(list(self.kits), self.weights)[0]
        sounds = {}
        for cls, drums in self.kits[name].items():
            files = tuple(rng.choice(drums))
            sounds[cls] = Layers(len(files), partial(self._layer, files, rate), key=files[0].name)
        return Kit(name, sounds)

    def _layer(self, files: tuple[Clip, ...], rate: int, index: int) -> Mono:
        """Return one recording of a drum; it is decoded when it is struck."""
        samples: Mono = self.decoded(files[index].path, rate).mean(0, dtype=np.float32) * UNIT
        return samples


class Drums:
    """Draws the tracks ``kick``, ``snare``, ``hat``, ``tom``, ``ride``, ``crash`` that sound.

    Which are there depends on kit and groove; at least one is.
    """

    def __init__(self, kits: Kits, grooves: Sequence[tuple[Grooves, float]]) -> None:
        self.kits = kits
        self.grooves = [groove for groove, _ in grooves]
        self.weights = [weight for _, weight in grooves]

    def draw(self, rng: Random, samples: int, rate: int) -> Dry:
        """Draw a segment of one kit playing one groove.

        Raises:
            FormatError: No instrument of any kit was heard in twenty draws.
        """
        for _ in range(TRIES):
            kit = self.kits.draw(rng, rate)
            groove = rng.choices(self.grooves, self.weights)[0].draw(rng, samples / rate)
            tracks = play(kit, groove.hits, samples, rate, rng)
            if tracks:
                audio, gains = levelled(tracks, rate)
                provenance = {"kit": kit.name, "groove": groove.provenance, "gain_db": gains}
                return Dry(audio, provenance)
        raise FormatError(f"no drum of the kits was heard in {TRIES} draws of {samples} samples")
