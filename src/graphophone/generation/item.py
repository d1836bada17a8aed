"""One example: dry clips, a graph drawn for them, and the wet sound."""

from dataclasses import dataclass
from random import Random
from typing import Any, Literal

import torch
from torch import Tensor

from graphophone.audio.features import RATE, SEGMENT
from graphophone.audio.level import to_level
from graphophone.generation.adaptive import Ghost, draw_knobs
from graphophone.generation.copies import maybe_spoiled
from graphophone.generation.hands import Hand, draw_hands
from graphophone.generation.prototype import Mix, draw_size, drums_prototype, singing_prototype
from graphophone.graph.model import Graph
from graphophone.sources import Pool

Task = Literal["singing", "drums"]
OTHER_HANDS = 0.6
"""Share of the examples of a ``single`` set whose effects are of another make."""


@dataclass(frozen=True, slots=True)
class Item:
    """One example.

    Attributes:
        graph: The answer.
        wet: The question, shape (2, time), at the reference level; it may be a spoiled copy.
        dry: The clips that entered, each (2, time) at the reference level.
        provenance: Which recordings, offsets and settings the dry clips come from; ``copy``
            says how the wet sound was spoiled, where it was.
        redraws: Graphs and knobs thrown away because something could not be heard.
    """

    graph: Graph
    wet: Tensor
    dry: dict[str, Tensor]
    provenance: dict[str, Any]
    redraws: int


def generate_item(
    task: Task, mix: Mix, seed: int, index: int, pool: Pool, copies: float = 0.0
) -> Item:
    """Generate the example with this seed and index; the same one whoever asks, and when.

    Args:
        task: ``singing`` or ``drums``.
        mix: Kind of set.
        seed: Seed of the set.
        index: Position in the set.
        pool: Where dry clips come from.
        copies: Share of examples whose wet sound is a spoiled copy; graphs are the same for any.

    Returns:
        The example. Its graph holds the rules and every node in it can be heard.
    """
    rng = Random(f"{task}/{mix}/{seed}/{index}")
    rejected, size = 0, draw_size(rng, mix)
    with torch.inference_mode():
        while True:
            drawn = pool.draw(rng, SEGMENT, RATE)
            dry = {name: to_level(clip, RATE)[0] for name, clip in drawn.tracks.items()}
            for _ in range(3):
                if task == "singing":
                    prototype = singing_prototype(rng, mix, size)
                else:
                    prototype = drums_prototype(rng, mix, tuple(dry))
                hands = _hands(mix, rng)
                try:
                    result = draw_knobs(prototype, dry, RATE, rng, hands)
                except Ghost:
                    rejected += 1
                    continue
                wet, _ = to_level(result.wet, RATE)
                redraws = rejected + result.redraws
                provenance = dict(drawn.provenance)
                if hands:
                    provenance["other_hands"] = True
                chance = Random(f"copy/{task}/{mix}/{seed}/{index}")
                wet, spoiled = maybe_spoiled(wet, RATE, copies, chance)
                if spoiled:
                    provenance["copy"] = spoiled
                return Item(result.graph, wet, dry, provenance, redraws)


def _hands(mix: Mix, rng: Random) -> dict[str, Hand]:
    """Draw who renders: in most ``single`` examples effects of another make, else our own."""
    return draw_hands(rng) if mix == "single" and rng.random() < OTHER_HANDS else {}
