"""Knobs that filters share."""

from graphophone.spec import Param

FREQUENCY = Param(
    low=20,  # the limits of hearing
    high=20_000,
    default=1_000,
    unit="Hz",
    taper="log",
    inlet="frequency",
    help="corner or centre frequency",
)
Q = Param(
    low=0.5,  # below it the filter falls apart into two one-poles, above 10 it rings like a tone
    high=10,
    default=0.707,
    taper="log",
    help="sharpness; gain at the corner of a low-pass or high-pass",
)
GAIN = Param(
    low=-18,  # what equalisers on mixing consoles offer
    high=18,
    default=6,
    unit="dB",
    inlet="gain",
    help="boost or cut",
)
