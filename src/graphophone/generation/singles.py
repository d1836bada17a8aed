"""Prototypes of one effect or two, every family of effects about as often as the others.

In a stack of motifs most nodes are filters. What a listener names first, an echo, a room, another
pitch, is rarer there, and is learned better from examples in which it stands alone.
"""

from random import Random

from graphophone.generation import motifs
from graphophone.generation.patch import Patch, Wire


def transposition(patch: Patch, wire: Wire) -> Wire:
    """Shift the pitch of all of the sound."""
    return patch.add("pitchshift", wire)


def thickening(patch: Patch, wire: Wire) -> Wire:
    """Add a second voice, late by a moving delay."""
    return patch.oscillate(patch.add("chorus", wire), "mod")


def drive(patch: Patch, wire: Wire) -> Wire:
    """Distort once."""
    return patch.add("distortion", wire)


EFFECTS: tuple[tuple[motifs.Grow, float], ...] = (
    (motifs.echo, 3.0),
    (motifs.space, 3.0),
    (thickening, 3.0),
    (motifs.modulation, 3.0),
    (transposition, 2.5),
    (motifs.pitch_bank, 0.5),
    (drive, 2.0),
    (motifs.crush, 1.0),
    (motifs.dynamics, 2.0),
    (motifs.low_order_filter, 1.0),
    (motifs.equaliser, 1.0),
    (motifs.moving_filter, 1.0),
    (motifs.placement, 1.5),
)
"""What may be drawn, and how often."""


def draw_effects(patch: Patch, wire: Wire, count: int) -> Wire:
    """Wear ``count`` different effects."""
    rng, left = patch.rng, list(EFFECTS)
    for _ in range(count):
        chosen = rng.choices(left, weights=[weight for _, weight in left])[0]
        left.remove(chosen)
        wire = chosen[0](patch, wire)
    return wire


def draw_count(rng: Random) -> int:
    """Draw how many effects an example wears: mostly one, now and then none."""
    return rng.choices((0, 1, 2), weights=(15, 60, 25))[0]
