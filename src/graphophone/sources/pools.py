"""Pools made of procedural sources, of recordings, or of both."""

from collections.abc import Sequence
from random import Random

from graphophone.sources.analyses import Analyses
from graphophone.sources.clip import Clip
from graphophone.sources.drums import Drums, Kits, RecordedKits
from graphophone.sources.dry import Dry, Pool
from graphophone.sources.equaliser import EqualisedKits
from graphophone.sources.grooves import Grooves, MidiGrooves
from graphophone.sources.modelled import ModelledKits
from graphophone.sources.patterns import PatternGrooves
from graphophone.sources.revoiced import VirtualSingers
from graphophone.sources.sampled import JoinedKits, SampledKits
from graphophone.sources.singer import Singer
from graphophone.sources.splits import SCORES, VOICES, check_split
from graphophone.sources.voices import WEIGHTS, RecordedVoices

KINDS = tuple(WEIGHTS)
VIRTUAL_SHARE = 0.5
"""Of a mixed pool's draws that are not real, where there are voices."""
PATTERN_SHARE = 0.3


class Mixed:
    """Draws from the first pool with probability ``share``, else from the second."""

    def __init__(self, first: Pool, second: Pool, share: float = 0.5) -> None:
        self.pools = (first, second)
        self.share = share

    def draw(self, rng: Random, samples: int, rate: int) -> Dry:
        """Draw from one of the two."""
        return self.pools[rng.random() >= self.share].draw(rng, samples, rate)


def procedural_pool(task: str, split: str, reference: Kits | None = None) -> Pool:
    """Return a pool that needs no recordings; ``seen`` is like ``train``.

    Args:
        task: ``singing`` or ``drums``.
        split: ``train``, ``seen``, ``unseen`` or ``test``.
        reference: Kits to whose mean spectrum drums are equalised (:mod:`.equaliser`).

    Raises:
        FormatError: The split is unknown.
    """
    check_split(split)
    if task == "singing":
        return Singer(split)
    return Drums(_equalised(ModelledKits(split), reference), [(PatternGrooves(), 1.0)])


def recorded_pool(
    task: str, split: str, rows: Sequence[Clip], reference: Kits | None = None
) -> Pool:
    """Return a pool of recordings that have been selected, checked and cut to their split.

    Drums need kits and scores. Where there are scores alone they are played on modelled kits,
    and where there are kits alone they play patterns.
    """
    if task == "singing":
        return RecordedVoices(rows, transpose=split == "train")
    shots = [row for row in rows if row.category != SCORES]
    scores = [row for row in rows if row.category == SCORES]
    kits = recorded_kits(shots) if shots else ModelledKits(split)
    grooves: list[tuple[Grooves, float]] = [(PatternGrooves(), PATTERN_SHARE)]
    if scores:
        grooves.insert(0, (MidiGrooves(scores, stretch=split == "train"), 1 - PATTERN_SHARE))
    return Drums(_equalised(kits, reference), grooves)


def recorded_kits(shots: Sequence[Clip]) -> Kits:
    """Return the kits that one-shots belong to, played as their kits' files say where they do."""
    plain = [clip for clip in shots if clip.shot is None]
    sampled = [clip for clip in shots if clip.shot is not None]
    if plain and sampled:
        return JoinedKits(RecordedKits(plain), SampledKits.of(sampled))
    return SampledKits.of(sampled) if sampled else RecordedKits(plain)


def virtual_pool(rows: Sequence[Clip]) -> Pool | None:
    """Return virtual singers made of these recordings' voices; nothing where there is none."""
    voices = [row for row in rows if row.category in VOICES]
    return VirtualSingers(voices, analyser=Analyses()) if voices else None


def _equalised(kits: Kits, reference: Kits | None) -> Kits:
    return kits if reference is None else EqualisedKits(kits, reference)
