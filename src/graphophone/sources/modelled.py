"""Modelled drum kits: numbers that :mod:`.percussion` makes six instruments from.

Kits are draws of the numbers below. Those of ``unseen`` come from ranges that those of
``train`` leave out, so no training kit can sound like one of them.
"""

from collections import OrderedDict
from collections.abc import Mapping
from functools import cache
from random import Random

import numpy as np
import torch

from graphophone.audio.features import RATE
from graphophone.audio.files import resample
from graphophone.sources.dry import Mono
from graphophone.sources.instruments import ARTICULATIONS
from graphophone.sources.kits import Kit, Layers
from graphophone.sources.percussion import strike

KITS = 150
KEPT = 150

# knob: (lowest and highest in train, lowest and highest in unseen)
RANGES: Mapping[str, tuple[tuple[float, float], tuple[float, float]]] = {
    "kick_hz": ((42, 62), (63, 78)),
    "kick_drop": ((1.8, 5.0), (5.2, 8.0)),
    "kick_seconds": ((0.12, 0.4), (0.42, 0.6)),
    "kick_click": ((0.05, 0.4), (0.42, 0.6)),
    "snare_hz": ((150, 225), (228, 290)),
    "snare_seconds": ((0.08, 0.2), (0.21, 0.3)),
    "snare_noise": ((0.4, 1.2), (1.25, 1.8)),
    "snare_bright": ((900, 2_600), (2_700, 4_200)),
    "metal_hz": ((230, 410), (420, 560)),
    "metal_square": ((0.0, 0.55), (0.6, 0.9)),
    "metal_noise": ((0.3, 1.0), (1.05, 1.6)),
    "hat_seconds": ((0.025, 0.07), (0.072, 0.1)),
    "hat_open": ((0.18, 0.42), (0.44, 0.6)),
    "hat_bright": ((5_500, 8_200), (8_300, 10_000)),
    "tom_hz": ((68, 100), (102, 125)),
    "tom_seconds": ((0.2, 0.45), (0.46, 0.7)),
    "tom_drop": ((1.05, 1.5), (1.52, 1.9)),
    "ride_seconds": ((0.7, 1.6), (1.65, 2.2)),
    "crash_seconds": ((0.6, 1.1), (1.12, 1.6)),
    "crash_bright": ((2_200, 4_200), (4_300, 6_000)),
    "room": ((0.0, 0.12), (0.13, 0.2)),
}


class ModelledKits:
    """150 kits that need no recordings; ``unseen`` and ``test`` have others than ``train``.

    A sound is made when it is first struck and kept with its kit.
    """

    def __init__(self, split: str = "train", count: int = KITS) -> None:
        self.split = "unseen" if split in ("unseen", "test") else "train"
        self.count = count
        self._kept: OrderedDict[tuple[int, int], Kit] = OrderedDict()

    def draw(self, rng: Random, rate: int) -> Kit:
        """Draw one of the kits."""
        key = (rng.randrange(self.count), rate)
        if key not in self._kept:
            self._kept[key] = modelled_kit(self.split, key[0], rate)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]


def modelled_kit(split: str, number: int, rate: int = RATE) -> Kit:
    """Return a kit of ``train`` or ``unseen`` by its number.

    It is made at 44.1 kHz and resampled, so it is the same kit at any rate.
    """
    name = f"modelled-{split}-{number}"
    rng = Random(name)
    knobs = {knob: rng.uniform(*ranges[split == "unseen"]) for knob, ranges in RANGES.items()}

    def maker(articulation: str) -> Layers:
        @cache
        def load(index: int) -> Mono:
            noise = np.random.default_rng(Random(f"{name} {articulation}").getrandbits(64))
            sound = strike(articulation, knobs, noise)
            made = resample(torch.from_numpy(sound)[None], RATE, rate)[0].numpy()
            return np.asarray(made, np.float32)

        return Layers(1, load)

    return Kit(name, {articulation: maker(articulation) for articulation in ARTICULATIONS})
