"""Motifs that shape the spectrum."""

from graphophone.generation.patch import Patch, Wire

EQ = ("lowshelf", "bell", "highshelf")
FILTERS = ("lowpass", "bandpass", "highpass", "bandreject", "lowpass4", "bandpass4", "highpass4")


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
