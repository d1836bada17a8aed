"""The catalogue: every processor, listed by hand so that it can be read and grepped."""

import hashlib
import json
from collections.abc import Mapping
from types import MappingProxyType

from graphophone.processors.console import CONSOLE
from graphophone.processors.control.envelope_follower import envelope_follower
from graphophone.processors.control.mono_lfo import mono_lfo
from graphophone.processors.control.stereo_lfo import stereo_lfo
from graphophone.processors.delay.chorus import chorus
from graphophone.processors.delay.flanger import flanger
from graphophone.processors.delay.mono_delay import mono_delay
from graphophone.processors.delay.mono_reverb import mono_reverb
from graphophone.processors.delay.pingpong_delay import pingpong_delay
from graphophone.processors.delay.pitchshift import pitchshift
from graphophone.processors.delay.stereo_reverb import stereo_reverb
from graphophone.processors.delay.vibrato import vibrato
from graphophone.processors.filter.bandpass import bandpass
from graphophone.processors.filter.bandpass4 import bandpass4
from graphophone.processors.filter.bandreject import bandreject
from graphophone.processors.filter.bell import bell
from graphophone.processors.filter.crossover import crossover
from graphophone.processors.filter.highpass import highpass
from graphophone.processors.filter.highpass4 import highpass4
from graphophone.processors.filter.highshelf import highshelf
from graphophone.processors.filter.lowpass import lowpass
from graphophone.processors.filter.lowpass4 import lowpass4
from graphophone.processors.filter.lowshelf import lowshelf
from graphophone.processors.filter.phaser import phaser
from graphophone.processors.nonlinear.bitcrush import bitcrush
from graphophone.processors.nonlinear.compressor import compressor
from graphophone.processors.nonlinear.distortion import distortion
from graphophone.processors.nonlinear.expander import expander
from graphophone.processors.nonlinear.noisegate import noisegate
from graphophone.processors.utility.imager import imager
from graphophone.processors.utility.midside_merge import midside_merge
from graphophone.processors.utility.midside_split import midside_split
from graphophone.processors.utility.mix import mix
from graphophone.processors.utility.panning import panning
from graphophone.spec import IN, OUT, AnyProcessor, ProcessorSpec

__all__ = ["ALL_SPECS", "CATALOGUE", "CATALOGUE_HASH", "PROCESSORS", "SPECS"]

CATALOGUE: dict[str, AnyProcessor] = {
    p.spec.name: p
    for p in (
        lowpass,
        bandpass,
        highpass,
        bandreject,
        lowpass4,
        bandpass4,
        highpass4,
        lowshelf,
        highshelf,
        bell,
        crossover,
        phaser,
        chorus,
        flanger,
        vibrato,
        mono_delay,
        pingpong_delay,
        mono_reverb,
        stereo_reverb,
        distortion,
        bitcrush,
        compressor,
        noisegate,
        expander,
        pitchshift,
        mix,
        panning,
        imager,
        midside_split,
        midside_merge,
        mono_lfo,
        stereo_lfo,
        envelope_follower,
    )
}
"""The types of the paper's Table 1, in its order."""

SPECS: Mapping[str, ProcessorSpec] = MappingProxyType(
    {"in": IN, "out": OUT} | {name: p.spec for name, p in CATALOGUE.items()}
)
"""What an estimated graph may be made of: the catalogue and both ends of a graph."""

PROCESSORS: Mapping[str, AnyProcessor] = MappingProxyType({**CATALOGUE, **CONSOLE})
"""Everything that can be rendered: the catalogue, and the console outside its vocabulary."""

ALL_SPECS: Mapping[str, ProcessorSpec] = MappingProxyType(
    {**SPECS, **{name: p.spec for name, p in CONSOLE.items()}}
)
"""What any graph may be made of."""


def catalogue_hash(specs: Mapping[str, ProcessorSpec]) -> str:
    """Return 12 hex digits that change whenever a port, a knob or a revision does."""
    text = json.dumps(sorted((s.to_json() for s in specs.values()), key=lambda s: s["name"]))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


CATALOGUE_HASH = catalogue_hash(SPECS)
"""Kept in graph files, data sets and weights: who changes a sound retrains what it touches."""
