"""One example: dry clips, a graph drawn for them, and the wet sound."""

from dataclasses import dataclass
from random import Random
from typing import Any, Literal

import torch
from torch import Tensor

from graphophone.audio.features import RATE, SEGMENT
from graphophone.audio.level import to_level
from graphophone.generation.adaptive import draw_knobs
from graphophone.generation.copies import maybe_spoiled
from graphophone.generation.ghosts import GHOST_DB, SAMPLE, contributions, record
from graphophone.generation.hands import Hand, draw_hands
from graphophone.generation.hearing import Ghost
from graphophone.generation.mix import Mix, read_mix
from graphophone.generation.prototype import draw_size, drums_prototype, singing_prototype
from graphophone.graph.model import Graph
from graphophone.sources import Pool
from graphophone.sources.room_tones import RoomTones

Task = Literal["singing", "drums"]
TRIES = 3
"""Graphs that are drawn for one clip before another clip is."""


@dataclass(frozen=True, slots=True)
class Item:
    """One example.

    Attributes:
        graph: The answer.
        wet: The question, shape (2, time), at the reference level; it may be a spoiled copy.
        dry: The clips that entered, each (2, time) at the reference level.
        provenance: Which recordings, offsets and settings the dry clips come from; ``motifs``,
            the names of those drawn, in order; ``ghosts``, where they were looked for; ``copy``
            says how the wet sound was spoiled, where it was.
        redraws: Graphs and knobs thrown away because something could not be heard.
    """

    graph: Graph
    wet: Tensor
    dry: dict[str, Tensor]
    provenance: dict[str, Any]
    redraws: int


def generate_item(
    task: Task,
    mix: Mix | str,
    seed: int,
    index: int,
    pool: Pool,
    copies: float = 0.0,
    *,
    tones: RoomTones | None = None,
    audible: bool = False,
) -> Item:
    """Generate the example with this seed and index; the same one whoever asks, and when.

    Args:
        task: ``singing`` or ``drums``.
        mix: Kind of set, or its name.
        seed: Seed of the set.
        index: Position in the set.
        pool: Where dry clips come from.
        copies: Share of examples whose wet sound is a spoiled copy; graphs are the same for any.
        tones: Recorded room tone that copies may use beside a synthetic one.
        audible: Whether to render the graph without each of its nodes, and to draw it again if
            one is not missed. Otherwise ghosts are counted in every hundredth example, by index.

    Returns:
        The example. Its graph holds the rules and every node in it changes what enters it.
    """
    mix = read_mix(mix) if isinstance(mix, str) else mix
    rng = Random(f"{task}/{mix.name}/{seed}/{index}")
    rejected, redrawn, size = 0, 0, draw_size(rng, mix)
    with torch.inference_mode():
        while True:
            drawn = pool.draw(rng, SEGMENT, RATE)
            dry = drawn.tracks
            for _ in range(TRIES):
                if task == "singing":
                    prototype = singing_prototype(rng, mix, size)
                else:
                    prototype = drums_prototype(rng, mix, tuple(dry))
                hands = _hands(mix, rng)
                try:
                    result = draw_knobs(prototype.graph, dry, RATE, rng, hands, prototype.ranges)
                except Ghost:
                    rejected += 1
                    continue
                provenance = dict(drawn.provenance) | {"motifs": list(prototype.motifs)}
                if audible or index % SAMPLE == 0:
                    found = contributions(result.graph, dry, RATE, hands)
                    if audible and min(found.values(), default=0.0) < GHOST_DB:
                        redrawn += 1
                        continue
                    provenance["ghosts"] = record(result.graph, found, redrawn)
                if hands:
                    provenance["other_hands"] = True
                wet, _ = to_level(result.wet, RATE)
                redraws = rejected + redrawn + result.redraws
                chance = Random(f"copy/{task}/{mix.name}/{seed}/{index}")
                wet, spoiled = maybe_spoiled(wet, RATE, copies, chance, tones)
                if spoiled:
                    provenance["copy"] = spoiled
                return Item(result.graph, wet, dry, provenance, redraws)


def _hands(mix: Mix, rng: Random) -> dict[str, Hand]:
    """Draw who renders: in some mixes effects of another make, else our own."""
    return draw_hands(rng) if mix.other_hands and rng.random() < mix.other_hands else {}
