"""Prototype graphs: motifs stacked until a graph has the size that was asked for."""

from collections.abc import Sequence
from random import Random
from typing import Literal

from graphophone.generation.motifs import MOTIFS, Motif, low_order_filter, placement
from graphophone.generation.patch import Patch, Wire
from graphophone.generation.singles import draw_count, draw_effects
from graphophone.graph.canonical import reorder_lti
from graphophone.graph.model import Graph
from graphophone.processors import SPECS

Mix = Literal["paper", "wide", "short", "single"]
"""``paper``: sizes like the paper's. ``wide``: from none to 20 processors. ``short``: at most five
for a voice and a few for a mix, what most recordings wear and what is learned first. ``single``:
one effect or two for a voice, all families alike, as ``short`` for a mix; some of another make."""
Place = Literal["voice", "track", "bus"]

SINGLE = tuple(
    name
    for name, spec in SPECS.items()
    if "structural" not in spec.traits
    and spec.group != "control"
    and name not in {"crossover", "imager", "chorus", "flanger", "vibrato", "phaser"}
)
"""Processors that make an effect on their own."""


def draw_size(rng: Random, mix: Mix) -> int:
    """Draw how many processors a singing graph should have.

    Drawn once an example and kept when a graph has to be redrawn, or large graphs, which are
    redrawn more often, would become rare.
    """
    if mix == "paper":
        return round(min(max(rng.gauss(12, 4), 4), 22))
    if mix == "single":
        return draw_count(rng)
    u = rng.random()
    if mix == "short":
        return 0 if u < 0.1 else rng.randint(1, 5)
    if u < 0.05:
        return 0
    return rng.randint(1, 5) if u < 0.30 else rng.randint(6, 18)


def singing_prototype(rng: Random, mix: Mix, size: int) -> Graph:
    """Draw a prototype for one voice.

    ``paper`` has about 14 nodes on average, as the paper's Figure 2a; ``wide`` has up to 20
    processors, 30 % of its graphs with at most five and 5 % with none at all.

    Args:
        rng: Where every choice comes from.
        mix: Which kind of set the graph is for.
        size: How many processors to stack, or effects in a ``single`` graph, from
            :func:`draw_size`.

    Returns:
        A valid prototype with its LTI parts in order.
    """
    if mix == "single":
        patch = Patch(rng)
        return _finish(patch, draw_effects(patch, patch.source("voice"), size))
    limit = 30 if mix == "paper" else 5 if size <= 5 else 20
    while True:  # a motif is drawn whole, so a stack may pass its target
        patch = Patch(rng)
        wire = _stack(patch, patch.source("voice"), size, "voice")
        if patch.size <= limit:
            return _finish(patch, wire)


def drums_prototype(rng: Random, mix: Mix, sources: Sequence[str]) -> Graph:
    """Draw a prototype for a drum mix: a chain for each sounding instrument, then a bus.

    Args:
        rng: Where every choice comes from.
        mix: Which kind of set the graph is for.
        sources: The instruments that sound in the segment.

    Returns:
        A valid prototype with its LTI parts in order.
    """
    patch = Patch(rng)
    wires = [patch.source(name) for name in sources]
    if mix == "wide" and rng.random() < 0.05:
        return _finish(patch, patch.mix(*wires))
    for i, wire in enumerate(wires):
        target = rng.choices((0, 1, 2, 3, 4, 6), weights=(1, 2, 3, 3, 3, 2))[0]
        if mix == "wide":
            target = rng.choices((0, 1, 2, 3), weights=(4, 4, 2, 1))[0]
        elif mix in {"short", "single"}:
            target = rng.choices((0, 1, 2), weights=(5, 3, 1))[0]
        wires[i] = _stack(patch, wire, target, "track")
    bus = patch.mix(*wires)
    target = rng.choices((0, 1, 2, 4, 6), weights=(1, 2, 3, 3, 3))[0]
    if mix in {"short", "single"}:
        target = rng.choices((0, 1, 2), weights=(4, 3, 1))[0]
    return _finish(patch, _stack(patch, bus, target, "bus"))


def _stack(patch: Patch, wire: Wire, target: int, place: Place) -> Wire:
    """Stack motifs serially until ``target`` processors have been added."""
    start = patch.size
    last = ""
    while (size := patch.size - start) < target:
        if target - size == 1:
            type_ = patch.rng.choice(SINGLE)
            wire = patch.add(type_, wire)
            if type_ == "panning":
                wire = Wire(wire.node, stereo=True)
        else:
            motif = _draw(patch.rng, place, last)
            if target - size <= 2 and motif.name in {"multiband", "mid_side", "pitch_bank"}:
                motif = Motif(low_order_filter, 1, 1, 1)
            if motif.grow is placement and place == "bus" and not wire.stereo:
                continue
            wire = motif.grow(patch, wire)
            last = motif.name
        if patch.rng.random() < 0.4:
            patch.taps.append(wire)
    return wire


def _draw(rng: Random, place: Place, last: str) -> Motif:
    """Draw a motif other than the last one: the same effect twice running is one effect."""
    choices = [m for m in MOTIFS if m.name != last]
    return rng.choices(choices, weights=[getattr(m, place) for m in choices])[0]


def _finish(patch: Patch, wire: Wire) -> Graph:
    out = patch.builder.add("out")
    patch.builder.connect(wire.node, out, wire.outlet, "in")
    return reorder_lti(patch.builder.graph(prototype=True), SPECS)
