"""Other hands: effects built differently than ours, for sets that teach the effect, not its maker.

A model that only ever hears one reverb learns that reverb. So some examples of a ``single`` set
are rendered with an effect of the same type and settings but of another make, whose inner
settings are drawn at random (domain randomisation; Tobin et al. 2017, Domain Randomization for
Transferring Deep Neural Networks from Simulation to the Real World). The answer stays the graph.
"""

from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType
from typing import Final

from graphophone.generation.hands.curves import curve
from graphophone.generation.hands.execution import OURS, HandedExecution
from graphophone.generation.hands.hand import Hand
from graphophone.generation.hands.moving import detuner, transposer
from graphophone.generation.hands.spaces import echoes, room

HANDS: Final[Mapping[str, Callable[[Random, str], Hand]]] = MappingProxyType(
    {
        "mono_delay": echoes,
        "pingpong_delay": echoes,
        "mono_reverb": room,
        "stereo_reverb": room,
        "chorus": detuner,
        "flanger": detuner,
        "vibrato": detuner,
        "pitchshift": transposer,
        "distortion": curve,
    }
)
"""How to draw another make of a processor."""

__all__ = ["HANDS", "OURS", "Hand", "HandedExecution", "draw_hands"]


def draw_hands(rng: Random) -> dict[str, Hand]:
    """Draw another make of every processor that has one."""
    return {type_: make(rng, type_) for type_, make in HANDS.items()}
