"""Motifs of a mixing desk: what is patched beside and around the sound.

Ranges given to a processor keep its knobs where the effect lives; what they do not say is drawn to
suit the signal, as everywhere.
"""

from graphophone.generation.patch import Patch, Wire

WET = (0.9, 1.0)
"""Mix of an effect that stands beside the dry sound."""
SIBILANCE = (4_000.0, 9_000.0)
"""Where s and sh have their energy, in Hz."""


def sends_and_returns(patch: Patch, wire: Wire) -> Wire:
    """Feed one reverb or echo from several points, and return it beside the dry sound.

    R. Izhaki, Mixing Audio: Concepts, Practices and Tools, 3rd ed., Routledge 2017: an effect on
    an auxiliary bus is shared by all that send to it.
    """
    rng = patch.rng
    points = [tap for tap in patch.reach if (tap.node, tap.outlet) != (wire.node, wire.outlet)]
    sent = rng.sample(points, k=min(len(points), rng.choices((1, 2, 3), weights=(4, 3, 1))[0]))
    send = patch.mix(wire, *sent)
    if rng.random() < 0.4:
        type_ = rng.choice(("highpass", "lowpass"))
        edges = (150.0, 800.0) if type_ == "highpass" else (1_500.0, 8_000.0)
        send = patch.add(type_, send, frequency=edges, q=(0.5, 1.0))
    types = ("mono_reverb", "stereo_reverb", "mono_delay", "pingpong_delay")
    returned = patch.add(rng.choices(types, weights=(2, 3, 2, 2))[0], send, mix=WET)
    if rng.random() < 0.25:
        returned = patch.add(rng.choice(("highshelf", "lowshelf", "bell")), returned)
    return patch.mix(wire, returned)


def parallel_compression(patch: Patch, wire: Wire) -> Wire:
    """Add a heavily compressed copy to the sound, which lifts what is soft.

    J. D. Reiss, A. McPherson, Audio Effects: Theory, Implementation and Application, CRC Press
    2014, ch. 6 (dynamics processing).
    """
    squashed = patch.add("compressor", wire, ratio=(6.0, 20.0), attack=(1e-4, 0.02))
    if patch.rng.random() < 0.4:
        squashed = patch.add(patch.rng.choice(("lowshelf", "highshelf", "bell")), squashed)
    return patch.mix(wire, squashed)


def de_essing(patch: Patch, wire: Wire) -> Wire:
    """Turn sibilants down by a compressor that listens to their band, in all bands or there.

    Reiss and McPherson 2014, ch. 6: a compressor whose sidechain is a band-pass filtered copy.
    """
    rng = patch.rng
    narrow = {"attack": (1e-4, 0.005), "release": (0.01, 0.15), "ratio": (3.0, 12.0)}
    if rng.random() < 0.5:
        band = patch.add(rng.choice(("bandpass", "highpass")), wire, frequency=SIBILANCE)
        return patch.key(band, patch.add("compressor", wire, **narrow))
    low, high = patch.split("crossover", wire, frequency=(2_500.0, 6_000.0))
    band = patch.add("bandpass", high, frequency=SIBILANCE)
    return patch.mix(low, patch.key(band, patch.add("compressor", high, **narrow)))


def auto_pan(patch: Patch, wire: Wire) -> Wire:
    """Let an oscillator carry the sound from side to side around the middle.

    Reiss and McPherson 2014, ch. 5 (amplitude modulation), as a tremolo whose channels are opposed.
    """
    placed = patch.add("panning", wire, pan=(-0.3, 0.3))
    lfo = patch.add("mono_lfo", frequency=(0.1, 8.0))
    patch.lfos.append(lfo)
    patch.control(lfo, placed, "pan")
    return Wire(placed.node, stereo=True)


def doubling(patch: Patch, wire: Wire) -> Wire:
    """Sing the part again: one or two copies, a little late and out of tune, left and right.

    Reiss and McPherson 2014, ch. 2 (delay line effects): a delay that moves slowly gives the
    differences between two takes.
    """
    copies = []
    sides = patch.rng.choice((((-1.0, -0.4), (0.4, 1.0)), ((-1.0, -0.4),), ((0.4, 1.0),)))
    for side in sides:
        type_ = patch.rng.choice(("vibrato", "chorus"))
        copy = patch.add(type_, wire, mix=WET, feedback=(0.0, 0.15))
        copy = patch.oscillate(copy, "mod", frequency=(0.1, 2.0))
        copies.append(Wire(patch.add("panning", copy, pan=side).node, stereo=True))
    return patch.mix(wire, *copies)


def multiband_sidechain(patch: Patch, wire: Wire) -> Wire:
    """Let another signal duck one band: the other band, or a point before.

    Reiss and McPherson 2014, ch. 6, combining its multiband and its sidechain compressor.
    """
    low, high = patch.split("crossover", wire)
    others = [tap for tap in patch.taps if tap.node != wire.node]
    ducks_low = patch.rng.random() < 0.6
    ducked, other = (low, high) if ducks_low else (high, low)
    key = patch.rng.choice(others) if others and patch.rng.random() < 0.6 else other
    ducked = patch.key(key, patch.add("compressor", ducked, ratio=(2.5, 20.0)))
    if patch.rng.random() < 0.3:
        other = patch.add(patch.rng.choice(("bell", "distortion", "compressor")), other)
    return patch.mix(*((ducked, other) if ducks_low else (other, ducked)))


def bus_glue(patch: Patch, wire: Wire) -> Wire:
    """Hold a mix together: a slow, gentle compressor that does not hear the lowest bass.

    R. Izhaki, Mixing Audio, 3rd ed. 2017, on compressing the mix bus; the filter in the sidechain
    keeps the kick drum from pumping everything else.
    """
    rng = patch.rng
    glue = patch.add("compressor", wire, ratio=(1.5, 5.0), attack=(0.005, 0.1), release=(0.05, 0.8))
    if rng.random() < 0.6:
        glue = patch.key(patch.add("highpass", wire, frequency=(60.0, 250.0)), glue)
    if rng.random() < 0.6:
        glue = patch.add(rng.choice(("lowshelf", "highshelf")), glue)
    if rng.random() < 0.3:
        glue = patch.add("distortion", glue, gain=(6.0, 18.0), hardness=(0.0, 0.4))
    return glue


def parallel_edges(patch: Patch, wire: Wire) -> Wire:
    """Join two nodes by two cables of different kinds.

    Either both bands of a crossover meet at other levels, which tilts the spectrum, or one
    oscillator moves both frequency and gain of an equaliser.
    """
    if patch.rng.random() < 0.5:
        return patch.mix(*patch.split("crossover", wire))
    band = patch.add(patch.rng.choice(("bell", "lowshelf", "highshelf")), wire)
    lfo = patch.add("mono_lfo", frequency=(0.1, 8.0))
    patch.lfos.append(lfo)
    patch.control(lfo, band, "frequency")
    patch.control(lfo, band, "gain")
    return band
