"""Estimators that are told the truth, or say nothing, or err as often as they are told to."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

import torch

from graphophone.audio.features import RATE
from graphophone.evaluation.trials.setting import Ear, Setting, untouched
from graphophone.generation.item import Item
from graphophone.graph.build import GraphBuilder
from graphophone.graph.model import Graph
from graphophone.models.listen import Estimate
from graphophone.models.vote import Verdict
from graphophone.processors import SPECS
from graphophone.sources import Dry
from graphophone.tensors import Stereo

LENGTH = RATE // 2
NOTHING = untouched(("voice",))
Knower = Callable[[int], Graph]
"""What is said about the example with an index."""


def chain(*types: str, **knobs: float) -> Graph:
    """A voice through some processors in series; knobs are of the first."""
    patch = GraphBuilder(SPECS)
    ends = [patch.add("in", source="voice")]
    ends += [patch.add(t, **(knobs if not i else {})) for i, t in enumerate(types)]
    patch.chain(*ends, patch.add("out"))
    return patch.graph()


def estimated(graph: Graph, sure: Sequence[float] | None = None) -> Estimate:
    """What a listener gives that heard this graph."""
    named = (replace(node, id=f"n{i}") for i, node in enumerate(graph.nodes))
    graph = graph.with_parts(named, graph.edges)
    nodes = tuple(sure or (1.0,) * len(graph))
    edges = (1.0,) * len(graph.edges)
    verdict = Verdict(graph, nodes, edges, ({},) * len(graph), 1.0, 1.0, ())
    return Estimate(graph, "singing", verdict, (0.0,), ())


def says(graph: Graph, sure: Sequence[float] | None = None) -> Ear:
    """A listener that says the same whatever it hears."""
    return lambda audio: estimated(graph, sure)


class Voices:
    """A pool of noises, each draw another voice."""

    def __init__(self) -> None:
        self.drawn = 0

    def draw(self, rng: Random, samples: int, rate: int) -> Dry:
        seed = rng.getrandbits(30)
        generator = torch.Generator().manual_seed(seed)
        swell = torch.linspace(0, 12, samples).sin().abs() + 0.05
        audio = 0.1 * torch.randn(1, samples, generator=generator) * swell
        who = {"kind": "noise", "group": str(seed % 3)}
        return Dry({"voice": audio.expand(2, -1).contiguous()}, who)


class Set:
    """Examples whose graphs are planted: the item with an index is that graph on some noise."""

    def __init__(self, graphs: Sequence[Graph]) -> None:
        self.graphs = graphs
        self.heard: dict[bytes, int] = {}

    def item(self, index: int) -> Item:
        dry = Voices().draw(Random(f"item/{index}"), LENGTH, RATE)
        wet = dry.tracks["voice"] * (1 + index / 10)
        self.heard[wet.numpy().tobytes()] = index
        return Item(self.graphs[index], wet, dry.tracks, dry.provenance, 0)

    def index_of(self, wet: Stereo) -> int:
        return self.heard[wet.numpy().tobytes()]


class PlantedSetting(Setting):
    """A setting whose examples are a planted set."""

    __slots__ = ("planted",)

    @classmethod
    def on(cls, planted: Set, ear: Ear, seed: int = 0) -> "PlantedSetting":
        made = cls("singing", Voices(), ear, "planted", seed, TOLD)
        object.__setattr__(made, "planted", planted)
        return made

    def item(self, index: int) -> Item:
        found: Item = self.planted.item(index)
        return found


TOLD = {"split": "unseen", "sources": "planted", "kinds": [], "weights": "none", "catalogue": "x"}


def setting(ear: Ear, seed: int = 0) -> Setting:
    """A setting of noises, for suites that draw dry recordings alone."""
    return Setting("singing", Voices(), ear, "wide", seed, TOLD)


def knowing(planted: Set, knower: Knower) -> Ear:
    """A listener that recognises which example it hears."""
    return lambda audio: estimated(knower(planted.index_of(audio)))
