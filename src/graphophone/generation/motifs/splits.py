"""Motifs that split the sound, by frequency or by place, and treat the parts."""

from graphophone.generation.motifs.tone import EQ
from graphophone.generation.patch import Patch, Wire

LIGHT = ("lowshelf", "bell", "highshelf", "distortion", "compressor", "bitcrush", "panning")
"""Single processors that suit one band or one side of a split."""


def multiband(patch: Patch, wire: Wire) -> Wire:
    """Split by a crossover, treat one band or both, and add them up."""
    low, high = patch.split("crossover", wire)
    if patch.rng.random() < 0.15:
        patch.oscillate(low, "frequency")
    which = patch.rng.choices(("low", "high", "both"), weights=(1, 1, 2))[0]
    if which != "high":
        low = _band(patch, low)
    if which != "low":
        high = _band(patch, high)
    return patch.mix(low, high)


def mid_side(patch: Patch, wire: Wire) -> Wire:
    """Treat the middle and the sides apart; only a sound with sides has any."""
    if not wire.stereo:
        wire = patch.rng.choice((_wide_modulation, _wide_space))(patch, wire)
    mid, side = patch.split("midside_split", wire)
    which = patch.rng.choices(("mid", "side", "both"), weights=(2, 2, 1))[0]
    if which != "side":
        mid = patch.add(patch.rng.choice((*EQ, "compressor", "distortion")), mid)
    if which != "mid":
        side = patch.add(patch.rng.choice((*EQ, "highpass", "mono_delay")), side)
    return patch.merge(mid, side)


def _band(patch: Patch, wire: Wire) -> Wire:
    """Treat one band with one or two light processors, or a room."""
    for _ in range(patch.rng.choices((1, 2), weights=(3, 1))[0]):
        type_ = patch.rng.choice((*LIGHT, "stereo_reverb", "mono_delay"))
        wire = patch.add(type_, wire)
        if type_ == "panning":
            wire = Wire(wire.node, stereo=True)
    return wire


def _wide_modulation(patch: Patch, wire: Wire) -> Wire:
    return patch.oscillate(patch.add("chorus", wire), "mod", stereo=True)


def _wide_space(patch: Patch, wire: Wire) -> Wire:
    return patch.add("stereo_reverb", wire)
