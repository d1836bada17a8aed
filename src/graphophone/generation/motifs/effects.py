"""Motifs that repeat, thicken, move and place the sound."""

from graphophone.generation.motifs.level import distortion_stages
from graphophone.generation.patch import Patch, Wire


def modulation(patch: Patch, wire: Wire) -> Wire:
    """Thicken by a moving delay, or sweep notches by a phaser."""
    type_ = patch.rng.choice(("chorus", "flanger", "vibrato", "phaser"))
    return patch.oscillate(patch.add(type_, wire), "mod")


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


def placement(patch: Patch, wire: Wire) -> Wire:
    """Put the sound left or right, still or moving, or change how wide it is."""
    if wire.stereo and patch.rng.random() < 0.6:
        return patch.add("imager", wire)
    wire = Wire(patch.add("panning", wire).node, stereo=True)
    return patch.oscillate(wire, "pan") if patch.rng.random() < 0.4 else wire


def transposition(patch: Patch, wire: Wire) -> Wire:
    """Shift the pitch of all of the sound."""
    return patch.add("pitchshift", wire)


def thickening(patch: Patch, wire: Wire) -> Wire:
    """Add a second voice, late by a moving delay."""
    return patch.oscillate(patch.add("chorus", wire), "mod")
