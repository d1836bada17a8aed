"""The six instruments of a kit, and the finer names that recordings and MIDI use.

``ARTICULATIONS`` maps each drum class to one of the paper's six instruments. Claps, cowbells,
tambourines and unnamed percussion belong to none of them and are left out.
"""

from collections.abc import Mapping

INSTRUMENTS = ("kick", "snare", "hat", "tom", "ride", "crash")

ARTICULATIONS: Mapping[str, str] = {
    "kick": "kick",
    "snare": "snare",
    "sidestick": "snare",
    "hihat_closed": "hat",
    "hihat_pedal": "hat",
    "hihat_half": "hat",
    "hihat_open": "hat",
    "tom_low": "tom",
    "tom_mid": "tom",
    "tom_high": "tom",
    "ride": "ride",
    "ride_bell": "ride",
    "crash": "crash",
    "splash": "crash",
    "china": "crash",
}

# What is struck instead, best first, where a kit has no such sound.
SUBSTITUTES: Mapping[str, tuple[str, ...]] = {
    "kick": (),
    "snare": ("sidestick",),
    "sidestick": ("snare",),
    "hihat_closed": ("hihat_pedal", "hihat_half", "hihat_open"),
    "hihat_pedal": ("hihat_closed", "hihat_half", "hihat_open"),
    "hihat_half": ("hihat_open", "hihat_closed", "hihat_pedal"),
    "hihat_open": ("hihat_half", "hihat_closed", "hihat_pedal"),
    "tom_low": ("tom_mid", "tom_high"),
    "tom_mid": ("tom_low", "tom_high"),
    "tom_high": ("tom_mid", "tom_low"),
    "ride": ("ride_bell",),
    "ride_bell": ("ride",),
    "crash": ("china", "splash"),
    "splash": ("crash", "china"),
    "china": ("crash", "splash"),
}

# Notes of a Roland TD-11, which the Groove MIDI Dataset was played on, and of General MIDI.
NOTES: Mapping[int, str] = {
    35: "kick",
    36: "kick",
    38: "snare",
    40: "snare",
    37: "sidestick",
    22: "hihat_closed",
    42: "hihat_closed",
    44: "hihat_pedal",
    26: "hihat_open",
    46: "hihat_open",
    41: "tom_low",
    43: "tom_low",
    58: "tom_low",
    45: "tom_mid",
    47: "tom_mid",
    48: "tom_high",
    50: "tom_high",
    51: "ride",
    59: "ride",
    53: "ride_bell",
    49: "crash",
    57: "crash",
    55: "splash",
    52: "china",
}
