"""Channel strips: seven processors in a row, each faded against what enters it."""

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from graphophone.graph.build import GraphBuilder
from graphophone.processors import ALL_SPECS
from graphophone.render.execute import execute
from graphophone.render.knobs import Settings
from graphophone.render.plan import Plan, plan
from graphophone.tensors import Audio

TYPES = (
    "graphic_equaliser",
    "compressor",
    "noisegate",
    "imager",
    "gain_pan",
    "multitap_delay",
    "stereo_reverb",
)
"""The chain of S. Lee et al., Searching for music mixing graphs (DAFx 2024), in our processors."""
KNOBS = tuple((type_, name) for type_ in TYPES for name in ALL_SPECS[type_].params)
"""What each column of a strip's travels is."""


@dataclass(frozen=True)
class Chain:
    """A strip of some of the types, ready to run.

    Attributes:
        plan: What to compute.
        nodes: For each of its types the position of its node.
        wet: For each type the cable that brings its sound, and
        dry: the one that goes past it.
    """

    plan: Plan
    nodes: dict[str, int]
    wet: dict[str, int]
    dry: dict[str, int]


@lru_cache(maxsize=128)
def chain(types: tuple[str, ...]) -> Chain:
    """Return the strip of some types, in their order."""
    builder = GraphBuilder(ALL_SPECS)
    last = builder.add("in", source="row")
    nodes, mixes = {}, {}
    for type_ in types:
        nodes[type_], mixes[type_] = builder.add(type_), builder.add("mix")
        builder.connect(last, nodes[type_])
        builder.connect(nodes[type_], mixes[type_])
        builder.connect(last, mixes[type_])
        last = mixes[type_]
    builder.connect(last, builder.add("out"))
    graph = builder.graph(energy="plain")
    wet: dict[str, int] = {}
    dry: dict[str, int] = {}
    for i, e in enumerate(graph.edges):
        for type_, mix in mixes.items():
            if e.target == mix:
                (wet if e.source == nodes[type_] else dry)[type_] = i
    return Chain(plan(graph, ALL_SPECS), nodes, wet, dry)


def strips(audio: Audio, travel: Tensor, shares: Tensor, rate: int) -> Audio:
    """Send each clip of a batch through a strip of its own.

    All strips are one batch: the same processor of every strip is computed at once. Types that no
    strip has a share of are left out.

    Args:
        audio: Shape (rows, 2, time).
        travel: Where knobs stand, (rows, ``len(KNOBS)``), from 0 to 1.
        shares: How much of each processor is heard, (rows, ``len(TYPES)``), from 0 to 1.
        rate: Samples a second.

    Returns:
        Shape (rows, 2, time).
    """
    used = tuple(t for t, share in zip(TYPES, shares.detach().T, strict=True) if bool(share.any()))
    made = chain(used)
    column = {knob: values for knob, values in zip(KNOBS, travel.unbind(1), strict=True)}
    knobs: dict[int, dict[str, Tensor]] = {}
    factors: dict[int, Tensor] = {}
    for type_ in used:
        params = ALL_SPECS[type_].params
        knobs[made.nodes[type_]] = {
            name: param.from_travel(column[type_, name]) for name, param in params.items()
        }
        share = shares[:, TYPES.index(type_)]
        factors[made.wet[type_]] = share
        factors[made.dry[type_]] = 1 - share
    return execute(made.plan, {"row": audio}, rate, settings=Settings(knobs, factors)).result()


def defaults(rows: int) -> Tensor:
    """Return the travels of untouched strips, (rows, ``len(KNOBS)``), float64."""
    one = [ALL_SPECS[t].params[n].to_travel(ALL_SPECS[t].params[n].default) for t, n in KNOBS]
    return torch.tensor(one, dtype=torch.float64).expand(rows, -1).clone()
