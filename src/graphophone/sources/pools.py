"""Pools made of procedural sources, of recordings, or of both."""

from collections.abc import Sequence
from random import Random

from graphophone.sources.clip import Clip
from graphophone.sources.drums import Drums, Kits, RecordedKits
from graphophone.sources.dry import Dry, Pool
from graphophone.sources.grooves import Grooves, MidiGrooves
from graphophone.sources.modelled import ModelledKits
from graphophone.sources.patterns import PatternGrooves
from graphophone.sources.singer import Singer
from graphophone.sources.splits import SCORES, check_split
from graphophone.sources.voices import WEIGHTS, RecordedVoices

KINDS = tuple(WEIGHTS)
PATTERN_SHARE = 0.3


class Mixed:
    """Draws from the first pool with probability ``share``, else from the second."""

    def __init__(self, first: Pool, second: Pool, share: float = 0.5) -> None:
        self.pools = (first, second)
        self.share = share

    def draw(self, rng: Random, samples: int, rate: int) -> Dry:
        """Draw from one of the two."""
        return self.pools[rng.random() >= self.share].draw(rng, samples, rate)


def procedural_pool(task: str, split: str) -> Pool:
    """Return a pool that needs no recordings; ``seen`` is like ``train``.

    Raises:
        FormatError: The split is unknown.
    """
    check_split(split)
    if task == "singing":
        return Singer(split)
    return Drums(ModelledKits(split), [(PatternGrooves(), 1.0)])


def recorded_pool(task: str, split: str, rows: Sequence[Clip]) -> Pool:
    """Return a pool of recordings that have been selected, checked and cut to their split.

    Drums need kits and scores. Where there are scores alone they are played on modelled kits,
    and where there are kits alone they play patterns.
    """
    if task == "singing":
        return RecordedVoices(rows, transpose=split == "train")
    shots = [row for row in rows if row.category != SCORES]
    scores = [row for row in rows if row.category == SCORES]
    kits: Kits = RecordedKits(shots) if shots else ModelledKits(split)
    grooves: list[tuple[Grooves, float]] = [(PatternGrooves(), PATTERN_SHARE)]
    if scores:
        grooves.insert(0, (MidiGrooves(scores, stretch=split == "train"), 1 - PATTERN_SHARE))
    return Drums(kits, grooves)
