"""What REAPER moves by itself: its parameter modulation, which stands for control cables.

The fields and their scales are those that the community's list of REAPER's state chunks and the
Ultraschall API document; none is used that they leave open.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

SLOWEST, FASTEST = 1 / 256, 8.0
"""Frequencies in Hz that the ends of REAPER's speed slider stand for; numbers go beyond them."""
REACH_DB = 24.0
"""How far below its top the audio control begins to move, REAPER's own default."""
LOUDEST_DB, SOFTEST_DB = 12.0, -60.0


@dataclass(frozen=True)
class Lfo:
    """A sine that moves a knob around where it stands.

    Attributes:
        strength: Share of the knob's travel from one end of the movement to the other.
        speed: Its frequency, as REAPER writes it.
        phase: Where it begins, in cycles.
    """

    strength: float
    speed: float
    phase: float


@dataclass(frozen=True)
class Follower:
    """A level that moves a knob away from where it stands.

    Attributes:
        strength: Share of the knob's travel at the top.
        direction: 1 upwards, -1 downwards.
        attack: In milliseconds.
        release: In milliseconds.
        bottom_db: Level at which it begins to move.
        top_db: Level at which it has moved by its strength.
        channel: First of the two channels whose level it is.
    """

    strength: float
    direction: int
    attack: float
    release: float
    bottom_db: float
    top_db: float
    channel: int


@dataclass
class Modulation:
    """What moves one knob.

    Attributes:
        travel: Where the knob stands, as a share of its travel.
        lfo: A sine, if one moves it.
        follower: A level, if one moves it.
    """

    travel: float
    lfo: Lfo | None = None
    follower: Follower | None = None


def lfo(depth: float, knobs: Mapping[str, float]) -> Lfo:
    """Return what stands for an oscillator of ours at the end of a cable."""
    speed = (knobs["frequency"] - SLOWEST) / (FASTEST - SLOWEST)
    phase = (knobs["phase"] + (0.5 if depth < 0 else 0.0)) % 1.0
    return Lfo(min(1.0, 2 * abs(depth)), speed, phase)


def follower(depth: float, knobs: Mapping[str, float], channel: int) -> Follower:
    """Return what stands for an envelope follower of ours at the end of a cable.

    Ours moves the knob by its depth where the level times its gain is full scale.
    """
    top = min(LOUDEST_DB, max(SOFTEST_DB + REACH_DB, -20 * math.log10(knobs["gain"])))
    return Follower(
        strength=abs(depth),
        direction=-1 if depth < 0 else 1,
        attack=1000 * knobs["attack"],
        release=1000 * knobs["release"],
        bottom_db=top - REACH_DB,
        top_db=top,
        channel=channel,
    )
