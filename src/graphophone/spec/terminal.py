"""The two ends of every graph, and the knobs of its cables."""

from graphophone.spec.param import Param
from graphophone.spec.processor import Inlet, Outlet, ProcessorSpec

IN = ProcessorSpec(
    name="in",
    group="terminal",
    outlets=(Outlet("out"),),
    traits=frozenset({"structural"}),
    summary="A dry source enters here.",
)
OUT = ProcessorSpec(
    name="out",
    group="terminal",
    inlets=(Inlet("in"),),
    traits=frozenset({"structural"}),
    summary="The wet signal leaves here.",
)
GAIN = Param(low=-24, high=12, default=0, unit="dB", help="level of an audio cable")
DEPTH = Param(
    low=-1,
    high=1,
    default=1,
    taper="asinh",
    bend=0.005,
    help="how far a control cable moves a knob, as a share of its travel",
)
SOURCES = ("voice", "kick", "snare", "hat", "tom", "ride", "crash")
"""Names of the sources that the shipped models know; a graph may use any other name."""
