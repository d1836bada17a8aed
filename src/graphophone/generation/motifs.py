"""Motifs: combinations of processors that achieve a known effect.

Lee et al. 2023, section 2.1, combine "10 different motifs, from a simple parametric equalizer
to more complex parallel [pitchshift] banks". Each motif here is a function that grows a patch
from one wire and returns the wire to go on from. The table at the end gives their weights.
"""

from collections.abc import Callable
from dataclasses import dataclass

from graphophone.generation.patch import Patch, Wire

Grow = Callable[[Patch, Wire], Wire]

EQ = ("lowshelf", "bell", "highshelf")
FILTERS = ("lowpass", "bandpass", "highpass", "bandreject", "lowpass4", "bandpass4", "highpass4")
LIGHT = ("lowshelf", "bell", "highshelf", "distortion", "compressor", "bitcrush", "panning")
"""Single processors that suit one band or one side of a split."""


def equaliser(patch: Patch, wire: Wire) -> Wire:
    """Shape the tone with one to four parametric bands."""
    for type_ in patch.rng.choices(EQ, weights=(2, 3, 2), k=patch.rng.randint(1, 4)):
        wire = patch.add(type_, wire)
    return wire


def low_order_filter(patch: Patch, wire: Wire) -> Wire:
    """Take a part of the spectrum away: telephone, muffle, thin."""
    return patch.add(patch.rng.choice(FILTERS), wire)


def moving_filter(patch: Patch, wire: Wire) -> Wire:
    """Sweep a filter by an oscillator, or by the level of the sound (auto-wah)."""
    inlet = "frequency"
    type_ = patch.rng.choice((*FILTERS, "bell", "phaser"))
    if type_ == "phaser":
        inlet = "mod"
    elif type_ == "bell" and patch.rng.random() < 0.3:
        inlet = "gain"
    listen, wire = wire, patch.add(type_, wire)
    if patch.rng.random() < 0.65:
        return patch.oscillate(wire, inlet)
    return patch.follow(listen, wire, inlet)


def modulation(patch: Patch, wire: Wire) -> Wire:
    """Thicken by a moving delay, or sweep notches by a phaser."""
    type_ = patch.rng.choice(("chorus", "flanger", "vibrato", "phaser"))
    return patch.oscillate(patch.add(type_, wire), "mod")


def dynamics(patch: Patch, wire: Wire) -> Wire:
    """Control the level by the sound's own level."""
    type_ = patch.rng.choices(("compressor", "expander", "noisegate"), weights=(5, 2, 2))[0]
    return patch.add(type_, wire)


def sidechained_dynamics(patch: Patch, wire: Wire) -> Wire:
    """Control the level by a filtered copy, or by an earlier signal (ducking, de-essing)."""
    others = [tap for tap in patch.taps if tap.node != wire.node]
    if others and patch.rng.random() < 0.6:
        tap = patch.rng.choice(others)
    else:
        tap = patch.add(patch.rng.choice(("highpass", "bandpass", "lowpass")), wire)
    type_ = patch.rng.choices(("compressor", "noisegate", "expander"), weights=(2, 1, 1))[0]
    return patch.key(tap, patch.add(type_, wire))


def distortion_stages(patch: Patch, wire: Wire) -> Wire:
    """Drive the sound once or several times, with a filter between stages."""
    stages = patch.rng.choices((1, 2, 3), weights=(5, 3, 1))[0]
    for stage in range(stages):
        if stage and patch.rng.random() < 0.6:
            wire = patch.add(patch.rng.choice(("bell", "lowpass", "highpass")), wire)
        wire = patch.add(patch.rng.choices(("distortion", "bitcrush"), weights=(4, 1))[0], wire)
    return wire


def crush(patch: Patch, wire: Wire) -> Wire:
    """Quantise the sound, and mostly round its edges off afterwards."""
    wire = patch.add("bitcrush", wire)
    return patch.add("lowpass", wire) if patch.rng.random() < 0.4 else wire


def echo(patch: Patch, wire: Wire) -> Wire:
    """Repeat the sound, in place or from side to side."""
    return patch.add(patch.rng.choice(("mono_delay", "pingpong_delay")), wire)


def space(patch: Patch, wire: Wire) -> Wire:
    """Put the sound into a room."""
    return patch.add(patch.rng.choice(("mono_reverb", "stereo_reverb")), wire)


def gated_reverb(patch: Patch, wire: Wire) -> Wire:
    """Cut a reverb's tail with a gate that listens to the reverb or to the dry sound."""
    wet = patch.add(patch.rng.choice(("mono_reverb", "stereo_reverb")), wire)
    gate = patch.add("noisegate", wet)
    return patch.key(wire, gate) if patch.rng.random() < 0.5 else gate


def effect_send(patch: Patch, wire: Wire) -> Wire:
    """Run a filtered or driven effect beside the untouched sound."""
    wet = wire
    if patch.rng.random() < 0.5:
        wet = patch.add(patch.rng.choice(("highpass", "lowpass", "bandpass")), wet)
    wet = patch.rng.choice((space, echo, modulation, distortion_stages))(patch, wet)
    return patch.mix(wire, wet)


def pitch_bank(patch: Patch, wire: Wire) -> Wire:
    """Double the voice at other pitches, placed left and right."""
    voices = []
    for _ in range(patch.rng.choices((1, 2, 3), weights=(3, 4, 1))[0]):
        voice = patch.add("pitchshift", wire)
        if patch.rng.random() < 0.6:
            voice = Wire(patch.add("panning", voice).node, stereo=True)
            if patch.rng.random() < 0.3:
                voice = patch.oscillate(voice, "pan")
        voices.append(voice)
    if len(voices) == 1 and patch.rng.random() < 0.4:
        return voices[0]
    return patch.mix(wire, *voices)


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


def placement(patch: Patch, wire: Wire) -> Wire:
    """Put the sound left or right, still or moving, or change how wide it is."""
    if wire.stereo and patch.rng.random() < 0.6:
        return patch.add("imager", wire)
    wire = Wire(patch.add("panning", wire).node, stereo=True)
    return patch.oscillate(wire, "pan") if patch.rng.random() < 0.4 else wire


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


@dataclass(frozen=True, slots=True)
class Motif:
    """A motif with its weights: how often it is drawn for a voice, a drum track, a drum bus."""

    grow: Grow
    voice: float
    track: float
    bus: float

    @property
    def name(self) -> str:
        """Name of the function."""
        return self.grow.__name__


MOTIFS = (
    Motif(equaliser, voice=3.0, track=4.0, bus=3.0),
    Motif(low_order_filter, voice=1.5, track=1.5, bus=0.5),
    Motif(moving_filter, voice=1.5, track=0.7, bus=1.0),
    Motif(modulation, voice=2.0, track=0.7, bus=0.7),
    Motif(dynamics, voice=1.5, track=2.0, bus=2.0),
    Motif(sidechained_dynamics, voice=1.0, track=1.0, bus=0.7),
    Motif(distortion_stages, voice=1.5, track=1.5, bus=0.7),
    Motif(crush, voice=0.6, track=0.4, bus=0.2),
    Motif(echo, voice=1.5, track=0.6, bus=0.2),
    Motif(space, voice=2.0, track=1.2, bus=0.8),
    Motif(gated_reverb, voice=0.7, track=0.8, bus=0.2),
    Motif(effect_send, voice=1.5, track=0.7, bus=0.7),
    Motif(pitch_bank, voice=1.5, track=0.2, bus=0.0),
    Motif(multiband, voice=1.5, track=0.5, bus=1.5),
    Motif(mid_side, voice=0.8, track=0.1, bus=0.8),
    Motif(placement, voice=1.0, track=2.5, bus=0.3),
)
