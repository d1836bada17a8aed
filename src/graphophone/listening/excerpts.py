"""Excerpts for a test of estimates: a reference, what rows of Table 2 make of it, and anchors.

An excerpt is an example of the very set on which ``graphophone evaluate --table2`` measures. Every
graph is rendered on the example's dry clips. Rows say what their figures are measured on: the
graph decoded freely, or the masked one where that breaks a rule. ``ours`` is what a user gets from
the shipped weights.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import torch
from torch import Tensor

from graphophone.audio.features import RATE
from graphophone.audio.heard import Packed
from graphophone.audio.loudness import loudness
from graphophone.evaluation.answers import freely
from graphophone.evaluation.audio import Stage
from graphophone.evaluation.hearing import hear
from graphophone.generation.item import Item, Task, generate_item
from graphophone.graph.model import Graph
from graphophone.listening.anchors import anchor
from graphophone.listening.ratings import DRY_ANCHOR, LOW_ANCHOR, MID_ANCHOR, RANDOM_ANCHOR
from graphophone.models.estimator import Estimator
from graphophone.sources import Dry
from graphophone.tensors import Stereo

RANDOM_SEEDS = 3_000_000_000
"""Seeds of random graphs begin here, apart from those of every other set."""
OURS = "ours"
CEILING = 0.98
"""Peak that no sound of a page is above; all are turned down alike where one would be."""


@dataclass(frozen=True, eq=False)
class Excerpt:
    """What one page plays, before a page adds its own anchors.

    Attributes:
        index: Of the example in its set.
        reference: Shape (2, time) at 44.1 kHz.
        sounds: By condition, as long.
        graphs: What made each of them, the true one under ``reference``.
        gains_db: What each was brought to the reference's loudness with; empty if none was.
        turned_down_db: Of the whole page.
        provenance: Of the dry clips.
    """

    index: int
    reference: Stereo
    sounds: Mapping[str, Stereo]
    graphs: Mapping[str, Graph]
    gains_db: Mapping[str, float]
    turned_down_db: float
    provenance: Mapping[str, Any]


@dataclass(frozen=True)
class Same:
    """A pool that gives the same dry clips whenever it is asked.

    Attributes:
        tracks: The clips.
    """

    tracks: dict[str, Stereo]

    def draw(self, rng: Random, samples: int, rate: int) -> Dry:
        """Return them."""
        return Dry(self.tracks, {})


def random_graph(item: Item, task: Task, mix: str, seed: int, index: int) -> Graph:
    """Draw a graph for an example's dry clips that has nothing to do with its own."""
    return generate_item(task, mix, RANDOM_SEEDS + seed, index, Same(item.dry)).graph


@torch.inference_mode()
def estimated(
    items: Sequence[Item], rows: Mapping[str, Estimator], ours: Estimator
) -> Iterator[dict[str, Graph]]:
    """Return what every row and the shipped weights make of each example, by condition."""
    wet = Packed.of(torch.stack([item.wet for item in items]))
    found: list[dict[str, Graph]] = [{} for _ in items]
    for name, estimator in rows.items():
        latents = hear(estimator, items, wet)
        for i, free in enumerate(freely(estimator, latents)):
            graph = free.finished
            found[i][name] = estimator.graphs(latents[[i]])[0] if graph is None else graph
    for i, graph in enumerate(ours.graphs(hear(ours, items, wet))):
        found[i][OURS] = graph
    yield from found


def excerpt(
    item: Item, index: int, graphs: Mapping[str, Graph], random: Graph, *, match: bool
) -> Excerpt | str:
    """Render an example, or say which condition is silent: such a page cannot be compared.

    Args:
        item: The example.
        index: Its place in its set.
        graphs: By condition.
        random: The graph of the random anchor.
        match: Whether to bring every condition to the reference's loudness (BS.1770).
    """
    stage = Stage(item.dry, RATE)
    graphs = {**graphs, RANDOM_ANCHOR: random}
    with torch.inference_mode():
        sounds: dict[str, Tensor] = {
            DRY_ANCHOR: torch.stack(list(item.dry.values())).sum(0),
            **{name: stage.sound(graph)[0] for name, graph in graphs.items()},
        }
    levels = {name: loudness(sound, RATE) for name, sound in sounds.items()}
    if silent := [name for name, level in levels.items() if not math.isfinite(level)]:
        return silent[0]
    target = loudness(item.wet, RATE)
    gains = {name: target - level for name, level in levels.items()} if match else {}
    sounds = {name: s * 10 ** (gains.get(name, 0.0) / 20) for name, s in sounds.items()}
    anchors = [anchor(item.wet, RATE, name) for name in (LOW_ANCHOR, MID_ANCHOR)]
    peak = max(float(sound.abs().max()) for sound in (item.wet, *sounds.values(), *anchors))
    turn = min(1.0, CEILING / peak)
    return Excerpt(
        index,
        item.wet * turn,
        {name: sound * turn for name, sound in sounds.items()},
        {"reference": item.graph, **graphs},
        gains,
        20 * math.log10(turn),
        item.provenance,
    )
