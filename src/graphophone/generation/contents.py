"""What is stored beside a graph: whether features and audio can be read and make sense."""

import math

import numpy as np
import torch
from torch import Tensor

from graphophone.audio.features import FLOOR_DB, STEP_DB
from graphophone.audio.level import LEVEL_DB
from graphophone.errors import FormatError
from graphophone.generation.example import GIVEN
from graphophone.generation.reading import Record, dry_features

PAIR = np.add.outer(*[10 ** ((np.arange(256) * STEP_DB + FLOOR_DB) / 10)] * 2).ravel() / 2
"""Mean power of two packed levels, by the 16-bit number that the two bytes are."""


class Contents:
    """Checks what is stored of example after example; all must be alike.

    Args:
        store: ``graphs``, ``features``, ``dry``, ``stems`` or ``audio``, as the set says of itself.
    """

    def __init__(self, store: str) -> None:
        self.store = store
        self.shapes: dict[str, tuple[int, ...]] = {}

    def check(self, record: Record) -> float | None:
        """Read all that an example should have beside its graph.

        Returns:
            The mean level of the whole wet clip in dB, less -20 dB, at which every clip is where
            it sounds; from its spectrogram, whose levels are only comparable with each other,
            where the sound itself is not stored; ``None`` where neither is.

        Raises:
            FormatError: Something is missing, cannot be read, holds NaN, has another shape than
                in the examples before, or is silent though it is the wet sound.
        """
        level = None
        if self.store != "graphs":
            heard = record.heard()
            for name, array in zip(heard._fields, heard, strict=True):
                self._alike(name, array)
            level = 10 * math.log10(_power(heard.mel))
        for given in GIVEN.get(self.store, ()):
            for mel in dry_features(record.members, given).values():
                self._alike("dry", torch.from_numpy(mel))
        if self.store == "audio":
            sounds = record.sounds()
            if "wet" not in sounds or len(sounds) == 1:
                raise FormatError(f"there is no {'dry' if 'wet' in sounds else 'wet'} sound")
            for name, clip in sounds.items():
                self._alike(name.partition(".")[0], clip)
            power = float(sounds["wet"].double().square().mean())
            if not power:
                raise FormatError("the wet sound is silent")
            level = 10 * math.log10(power) - LEVEL_DB
        return level

    def _alike(self, name: str, array: Tensor) -> None:
        if array.is_floating_point() and not bool(torch.isfinite(array).all()):
            raise FormatError(f"{name} holds NaN or infinity")
        here = tuple(array.shape)
        if here != (before := self.shapes.setdefault(name, here)):
            raise FormatError(f"{name} has the shape {here}, in the examples before {before}")


def _power(mel: Tensor) -> float:
    """Return the mean power of a packed spectrogram."""
    levels = mel.contiguous().numpy().ravel()
    even = levels[: len(levels) // 2 * 2].view(np.uint16)
    return float(PAIR.take(even).mean())
