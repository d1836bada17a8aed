"""Knobs that delays share."""

from graphophone.spec import Param

MIX = Param(low=0.1, high=1, default=0.5, help="share of the delayed signal")
FEEDBACK = Param(low=0, high=0.9, default=0.3, help="share of the delayed signal that comes again")
ECHO = Param(
    low=0.05,  # from a slapback, below which two sounds fuse, to a half note at 120 bpm
    high=1,
    default=0.375,
    unit="s",
    taper="log",
    gradient=False,  # it has one, which looks no further than part of a period
    help="time between a sound and its echo",
)
TONE = Param(
    low=200,  # from a dark tape echo to a thin telephone
    high=6_000,
    default=1_000,
    unit="Hz",
    taper="log",
    help="centre of the band that is repeated",
)
TONE_Q = Param(
    low=0.1,  # from nearly all frequencies to an octave
    high=2,
    default=0.4,
    taper="log",
    help="sharpness of the band that is repeated",
)
SIZE = Param(
    low=0,
    high=1,
    default=0.5,
    gradient=False,
    help="room scale; at 0 the sound dies within 0.2 s, at 1 within 6 s",
)
DAMPING = Param(low=0, high=1, default=0.3, help="how much faster high frequencies die")
WIDTH = Param(low=0, high=1, default=1, help="stereo width of the reverberation")
WET = Param(low=0.1, high=1, default=0.3, help="share of the reverberation")
