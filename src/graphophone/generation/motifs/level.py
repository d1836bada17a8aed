"""Motifs that control the level or bend the wave."""

from graphophone.generation.patch import Patch, Wire


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


def drive(patch: Patch, wire: Wire) -> Wire:
    """Distort once."""
    return patch.add("distortion", wire)
