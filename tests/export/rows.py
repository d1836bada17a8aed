"""Graphs that hold every processor of the catalogue."""

from collections.abc import Mapping, Sequence
from random import Random

from graphophone.graph.build import GraphBuilder
from graphophone.graph.model import Graph
from graphophone.processors import SPECS

GROUPS: Mapping[str, Sequence[str]] = {
    "filters": ("lowpass", "bandpass", "highpass", "bandreject", "lowpass4", "highpass4"),
    "tone": ("lowshelf", "highshelf", "bell", "bandpass4", "phaser"),
    "dynamics": ("distortion", "bitcrush", "compressor", "noisegate", "expander"),
    "lines": ("chorus", "flanger", "vibrato", "pitchshift", "mono_delay", "pingpong_delay"),
    "rooms": ("mono_reverb", "stereo_reverb", "panning", "imager"),
}
"""Types that are run in a row."""
APART = {"crossover", "midside_split", "midside_merge", "mix"}
"""Types that every row has around it, with a generator of each kind."""


def row(kinds: Sequence[str], seed: str) -> Graph:
    """Processors in a row at drawn settings, moved and keyed where they can be, and a detour."""
    rng, builder = Random(seed), GraphBuilder(SPECS)
    last = voice = builder.add("in", source="voice")
    key = builder.add("in", source="key")
    movers = [builder.add("mono_lfo", frequency=3.0), builder.add("stereo_lfo", phase=0.2)]
    movers.append(builder.add("envelope_follower"))
    builder.connect(key, movers[-1])
    turn = 0
    for kind in kinds:
        knobs = {name: param.draw(rng, 0.3, 0.7) for name, param in SPECS[kind].params.items()}
        node = builder.add(kind, **knobs)
        builder.connect(last, node, gain_db=rng.choice((0.0, -3.0)), invert=rng.random() < 0.3)
        for inlet in SPECS[kind].inlets:
            if inlet.name == "sidechain":
                builder.connect(key, node, inlet=inlet.name)
            elif inlet.signal == "control":
                builder.connect(movers[turn % 3], node, inlet=inlet.name, depth=0.2)
                turn += 1
        last = node
    split, bands = builder.add("midside_split"), builder.add("crossover", frequency=900.0)
    merge, mix, out = builder.add("midside_merge"), builder.add("mix"), builder.add("out")
    builder.connect(last, split)
    builder.connect(split, bands, "side")
    builder.connect(split, merge, "mid", "mid")
    builder.connect(bands, merge, "low", "side", gain_db=-2.0)
    builder.connect(bands, mix, "high", invert=True)
    builder.connect(merge, mix)
    builder.connect(mix, out)
    for mover in movers[turn:]:
        pan = builder.add("panning")
        builder.connect(voice, pan)
        builder.connect(mover, pan, inlet="pan", depth=0.3)
        builder.connect(pan, out)
    return builder.graph(energy="plain")
