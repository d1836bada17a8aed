"""Knobs that several dynamics processors share, each said once."""

from graphophone.spec import Param

KNEE = Param(low=0, high=18, default=6, unit="dB", help="width of the transition at the threshold")
FLOOR_THRESHOLD = Param(
    low=-60, high=-10, default=-30, unit="dB", help="peak level at which it sets in"
)
"""Of what works below its threshold: expander and gate."""
CLOSING = Param(
    low=0.01, high=1, default=0.15, unit="s", taper="log", help="time constant of a falling gain"
)
"""Release of what closes when the sound falls: expander and gate."""
