"""How much a model loses when what it hears was spoiled on the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

import torch

from graphophone.audio.codecs import require_aac
from graphophone.audio.features import RATE
from graphophone.evaluation.result import CopyFigures, complete
from graphophone.evaluation.tally import Score, changes, summarise
from graphophone.generation.copies import available, draw_copy, heard, named
from graphophone.generation.item import Item
from graphophone.generation.spoiling import Number

ALL = "all"


@dataclass(frozen=True, slots=True)
class Spoiler:
    """Makes copies of examples, the same whoever asks and in whatever batches.

    Attributes:
        kinds: Kind and fixed amounts of each word that was asked for.
        missing: Why a kind of ``all`` cannot be made here.
        seed: Decides all amounts that are not fixed.
    """

    kinds: Mapping[str, tuple[str, Mapping[str, Number]]]
    missing: Mapping[str, str]
    seed: str

    @classmethod
    def of(cls, words: Sequence[str], seed: str) -> "Spoiler":
        """Read the words of :func:`graphophone.generation.copies.named`, or ``all``.

        Raises:
            UsageError: There is no such copy.
            AudioError: A kind that was asked for by name cannot be made here.
        """
        kinds: dict[str, tuple[str, Mapping[str, Number]]] = {}
        reasons: dict[str, str] = {}
        for word in words:
            if word == ALL:
                here, reasons = available()
                kinds |= {kind: (kind, {}) for kind in here}
            else:
                kinds[word] = named(word)
                if kinds[word][0] == "aac":
                    require_aac()
        return cls(kinds, reasons, seed)

    @torch.inference_mode()
    def copies(self, items: Sequence[Item], word: str, first: int) -> list[Item]:
        """Return examples whose wet sound is a copy.

        Args:
            items: Clean examples.
            word: Which copy.
            first: Index of the first example in its set.
        """
        kind, fixed = self.kinds[word]
        spoiled = []
        for index, item in enumerate(items, start=first):
            copy = draw_copy(Random(f"copy/{kind}/{self.seed}/{index}"), kind, **fixed)
            spoiled.append(replace(item, wet=heard((copy,), item.wet, RATE)))
        return spoiled


def figures_of(clean: Sequence[Score], spoiled: Sequence[Score], seed: int) -> CopyFigures:
    """Return the figures on copies, and what they add to those on the same clean recordings."""
    return CopyFigures(complete(summarise(spoiled, seed)), complete(changes(clean, spoiled, seed)))
