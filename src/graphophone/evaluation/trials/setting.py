"""Where the trials of a suite take place: the recordings, the graphs, and who listens."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import torch
from torch import Tensor

from graphophone.audio.features import RATE
from graphophone.audio.level import to_level
from graphophone.codec.json import from_json, to_json
from graphophone.evaluation.suites import EVALUATION_SEEDS, load
from graphophone.generation.item import Item, Task, generate_item
from graphophone.graph.build import GraphBuilder
from graphophone.graph.model import Graph
from graphophone.models.listen import Estimate, listen
from graphophone.models.weights import pretrained_path
from graphophone.processors import CATALOGUE_HASH, SPECS
from graphophone.sources import Dry, Pool, open_pool
from graphophone.sources.pools import KINDS
from graphophone.tensors import Stereo

Ear = Callable[[Stereo], Estimate]
"""A recording (2, time) at 44.1 kHz to what a user is given for it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything that suites share.

    Attributes:
        task: ``singing`` or ``drums``.
        pool: Dry recordings.
        ear: Who listens.
        mix: Kind of graphs of our own, by name or path.
        seed: Seed of the set.
        told: What else decides the trials, as plain data: split, sources, weights ...
    """

    task: Task
    pool: Pool
    ear: Ear
    mix: str
    seed: int
    told: Mapping[str, Any]

    @classmethod
    def of(
        cls,
        task: Task,
        *,
        split: str = "unseen",
        sources: str = "real",
        mix: str = "wide",
        seed: int = 0,
        kinds: tuple[str, ...] = (),
        weights: Path | None = None,
        data: Path | None = None,
    ) -> "Setting":
        """Open recordings and load a model; arguments and errors are those of an evaluation."""
        path = weights or pretrained_path(task)
        estimator = load(path, task)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        return cls(
            task=task,
            pool=open_pool(task, sources=sources, split=split, data=data, kinds=kinds or KINDS),
            ear=lambda audio: listen(estimator, audio, RATE, task),
            mix=mix,
            seed=seed,
            told={
                "split": split,
                "sources": sources,
                "kinds": list(kinds),
                "weights": f"{path.name} {digest} after {estimator.weights.step} steps",
                "catalogue": CATALOGUE_HASH,
            },
        )

    def conditions(self, **more: Any) -> dict[str, Any]:
        """Return what decides the trials of a suite, as plain data."""
        own = {"task": self.task, "mix": self.mix, "seed": self.seed}
        return {**more, **own, **self.told}

    @property
    def by_track(self) -> bool:
        """Whether overlap is counted by track, as for drums."""
        return self.task == "drums"

    def item(self, index: int) -> Item:
        """Return an example of the evaluation set."""
        return generate_item(self.task, self.mix, EVALUATION_SEEDS + self.seed, index, self.pool)

    def rng(self, *names: object) -> Random:
        """Return where chance comes from that decides one thing of one trial."""
        return Random("/".join(map(str, (*names, self.task, self.seed))))

    def dry(self, rng: Random, samples: int) -> tuple[Stereo, Dry]:
        """Draw an unprocessed recording at the reference level: a voice, or a whole kit."""
        drawn = self.pool.draw(rng, samples, RATE)
        return to_level(mixture(drawn.tracks), RATE)[0], drawn


def mixture(tracks: Mapping[str, Tensor]) -> Stereo:
    """Return the sum of tracks, each (2, time): what is heard where nothing was done."""
    return torch.stack(list(tracks.values())).sum(0)


def untouched(names: tuple[str, ...]) -> Graph:
    """Return the graph of a recording that nothing was done to."""
    patch = GraphBuilder(SPECS)
    ends = [patch.add("in", source=name) for name in names]
    if len(ends) > 1:
        join = patch.add("mix")
        for end in ends:
            patch.connect(end, join)
        ends = [join]
    patch.connect(ends[0], patch.add("out"))
    return patch.graph()


def who(provenance: Mapping[str, Any]) -> str:
    """Name whose recording it is: kind and group of a voice, or a kit; empty where none is told."""
    if "kit" in provenance:
        return str(provenance["kit"])
    return " ".join(str(provenance[name]) for name in ("kind", "group") if name in provenance)


def told(estimate: Estimate, truth: Graph | None = None, **more: Any) -> dict[str, Any]:
    """Return what a page tells of an estimate, as plain data."""
    plain = {"estimate": to_json(estimate.graph), "sure": list(estimate.verdict.nodes), **more}
    return plain if truth is None else {"truth": to_json(truth), **plain}


def graph_of(plain: Any) -> Graph:
    """Return the graph that :func:`told` kept."""
    return from_json(plain, SPECS)
