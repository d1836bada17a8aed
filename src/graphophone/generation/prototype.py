"""Prototype graphs: motifs stacked until a graph has the size that was asked for."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import NamedTuple

from graphophone.generation.mix import Mix, Place, Stack, Target, read_mix
from graphophone.generation.motifs import MOTIFS
from graphophone.generation.patch import Patch, Ranges, Wire
from graphophone.graph.canonical import reorder_lti
from graphophone.graph.model import Graph
from graphophone.processors import SPECS

SINGLE = tuple(
    name
    for name, spec in SPECS.items()
    if "structural" not in spec.traits
    and spec.group != "control"
    and name not in {"crossover", "imager", "chorus", "flanger", "vibrato", "phaser"}
)
"""Processors that make an effect on their own."""
LAST = "single_processor"
"""Name under which a processor counts that was drawn alone, to end on the size asked for."""


class Prototype(NamedTuple):
    """A graph whose knobs are not drawn yet.

    Attributes:
        graph: Types and cables, LTI parts in order.
        motifs: Names of the motifs it was stacked from, in the order they were drawn.
        ranges: Ends between which knobs of some nodes are to be drawn, by node.
    """

    graph: Graph
    motifs: tuple[str, ...] = ()
    ranges: Mapping[int, Ranges] = {}


def draw_size(rng: Random, mix: Mix | str) -> Target:
    """Draw how large a singing graph should be.

    Drawn once an example and kept when a graph has to be redrawn, or large graphs, which are
    redrawn more often, would become rare.
    """
    return _mix(mix).voice.draw(rng)


def singing_prototype(rng: Random, mix: Mix | str, size: Target | int) -> Prototype:
    """Draw a prototype for one voice.

    Args:
        rng: Where every choice comes from.
        mix: Which kind of set the graph is for, or its name.
        size: How large it should be, from :func:`draw_size`.

    Returns:
        A valid prototype with its LTI parts in order.
    """
    mix, target = _mix(mix), size if isinstance(size, Target) else Target(size)
    while True:  # a motif is drawn whole, so a stack may pass its target
        patch, drawn = Patch(rng), list[str]()
        wire = _stack(patch, patch.source("voice"), target.size, "voice", mix.voice, drawn)
        if target.most is None or patch.size <= target.most:
            return _finish(patch, wire, drawn)


def drums_prototype(rng: Random, mix: Mix | str, sources: Sequence[str]) -> Prototype:
    """Draw a prototype for a drum mix: a chain for each sounding instrument, then a bus.

    Args:
        rng: Where every choice comes from.
        mix: Which kind of set the graph is for, or its name.
        sources: The instruments that sound in the segment.

    Returns:
        A valid prototype with its LTI parts in order.
    """
    mix = _mix(mix)
    patch, drawn = Patch(rng), list[str]()
    wires = [patch.source(name) for name in sources]
    if mix.untouched and rng.random() < mix.untouched:
        return _finish(patch, patch.mix(*wires), drawn)
    for i, wire in enumerate(wires):
        patch.own = len(patch.taps)
        size = mix.track.draw(rng).size
        wires[i] = _stack(patch, wire, size, "track", mix.track, drawn)
    patch.own = 0
    bus = patch.mix(*wires)
    return _finish(patch, _stack(patch, bus, mix.bus.draw(rng).size, "bus", mix.bus, drawn), drawn)


def _mix(mix: Mix | str) -> Mix:
    return read_mix(mix) if isinstance(mix, str) else mix


def _stack(
    patch: Patch, wire: Wire, size: int, place: Place, stack: Stack, drawn: list[str]
) -> Wire:
    """Stack motifs serially until there are as many processors, or motifs, as asked for."""
    if stack.unit == "motifs":
        left = dict(stack.choices)
        for _ in range(size):
            name = patch.rng.choices(list(left), weights=list(left.values()))[0]
            del left[name]
            wire = MOTIFS[name].grow(patch, wire)
            drawn.append(name)
        return wire
    start, last = patch.size, ""
    while (room := size - (patch.size - start)) > 0:
        if room == 1:
            wire = _single(patch, wire)
            drawn.append(LAST)
        else:
            name = _draw(patch.rng, stack, last)
            if room < MOTIFS[name].least:
                name = "low_order_filter"
            if name == "placement" and place == "bus" and not wire.stereo:
                continue  # nobody puts a whole mix to one side
            wire = MOTIFS[name].grow(patch, wire)
            drawn.append(name)
            last = name
        if patch.rng.random() < 0.4:
            patch.taps.append(wire)
    return wire


def _single(patch: Patch, wire: Wire) -> Wire:
    """Add a processor that makes an effect on its own."""
    type_ = patch.rng.choice(SINGLE)
    added = patch.add(type_, wire)
    return Wire(added.node, stereo=True) if type_ == "panning" else added


def _draw(rng: Random, stack: Stack, last: str) -> str:
    """Draw a motif other than the last one: the same effect twice running is one effect."""
    choices = {name: weight for name, weight in stack.choices.items() if name != last}
    return rng.choices(list(choices), weights=list(choices.values()))[0]


def _finish(patch: Patch, wire: Wire, drawn: Sequence[str]) -> Prototype:
    out = patch.builder.add("out")
    patch.builder.connect(wire.node, out, wire.outlet, "in")
    graph = reorder_lti(patch.builder.graph(prototype=True), SPECS)
    return Prototype(graph, tuple(drawn), patch.ranges)
