"""A patch under construction: what a motif may do to the signal it is given."""

from dataclasses import dataclass, field
from random import Random

from graphophone.graph.build import GraphBuilder
from graphophone.processors import SPECS

Range = tuple[float, float]
Ranges = dict[str, Range]
WIDENING = {"pingpong_delay", "stereo_reverb", "mono_reverb", "stereo_lfo"}
"""Processors after which left and right differ even when they came in equal."""


@dataclass(frozen=True, slots=True)
class Wire:
    """The end of a cable that a motif can go on from."""

    node: int
    outlet: str = "out"
    stereo: bool = False


@dataclass(slots=True)
class Patch:
    """A prototype that grows, with what later motifs may reach back to.

    Attributes:
        rng: Where every choice comes from.
        builder: The graph so far.
        taps: Audio that a sidechain may listen to.
        lfos: Oscillators that may move one more knob.
        size: Number of processors so far.
        own: Where in ``taps`` those of the chain begin that is being stacked.
        ranges: Ends between which knobs of some nodes are drawn, by node and knob.
    """

    rng: Random
    builder: GraphBuilder = field(default_factory=lambda: GraphBuilder(SPECS))
    taps: list[Wire] = field(default_factory=list)
    lfos: list[Wire] = field(default_factory=list)
    size: int = 0
    own: int = 0
    ranges: dict[int, Ranges] = field(default_factory=dict)

    @property
    def reach(self) -> list[Wire]:
        """Audio of the chain being stacked that a send may take."""
        return self.taps[self.own :]

    def source(self, name: str) -> Wire:
        """Let a dry signal in; it counts as equal on both channels."""
        wire = Wire(self.builder.add("in", source=name))
        self.taps.append(wire)
        return wire

    def add(self, type_: str, wire: Wire | None = None, **ranges: Range) -> Wire:
        """Add a processor behind ``wire`` and return its first outlet.

        Args:
            type_: Of the processor.
            wire: What enters it.
            **ranges: Ends between which a knob is drawn, in its unit.
        """
        node = self.builder.add(type_)
        self.size += 1
        if ranges:
            self.ranges[node] = ranges
        if wire is not None:
            self.builder.connect(wire.node, node, wire.outlet, "in")
        stereo = (wire is not None and wire.stereo) or type_ in WIDENING
        return Wire(node, SPECS[type_].outlets[0].name, stereo)

    def split(self, type_: str, wire: Wire, **ranges: Range) -> tuple[Wire, Wire]:
        """Add a processor with two outlets."""
        first = self.add(type_, wire, **ranges)
        names = [outlet.name for outlet in SPECS[type_].outlets]
        stereo = wire.stereo and type_ == "crossover"  # mid and side travel as dual mono
        return Wire(first.node, names[0], stereo), Wire(first.node, names[1], stereo)

    def mix(self, *wires: Wire) -> Wire:
        """Add signals up; one alone goes through untouched."""
        if len(wires) == 1:
            return wires[0]
        node = self.builder.add("mix")
        self.size += 1
        for wire in wires:
            self.builder.connect(wire.node, node, wire.outlet, "in")
        return Wire(node, stereo=any(w.stereo for w in wires))

    def merge(self, mid: Wire, side: Wire) -> Wire:
        """Turn mid and side back into left and right."""
        node = self.builder.add("midside_merge")
        self.size += 1
        self.builder.connect(mid.node, node, mid.outlet, "mid")
        self.builder.connect(side.node, node, side.outlet, "side")
        return Wire(node, stereo=True)

    def oscillate(
        self, wire: Wire, inlet: str, *, stereo: bool | None = None, **ranges: Range
    ) -> Wire:
        """Let an oscillator move a knob of the node behind ``wire``.

        An oscillator that is there already may do it too (the paper's auxiliary signals
        between motifs); otherwise a new one is added.
        """
        if self.lfos and self.rng.random() < 0.3:
            lfo = self.rng.choice(self.lfos)
        else:
            wide = self.rng.random() < 0.4 if stereo is None else stereo
            lfo = self.add("stereo_lfo" if wide else "mono_lfo", None, **ranges)
            self.lfos.append(lfo)
        self.control(lfo, wire, inlet)
        widens = self.builder.nodes[lfo.node].type == "stereo_lfo" or inlet == "pan"
        return Wire(wire.node, wire.outlet, wire.stereo or widens)

    def follow(self, listen: Wire, wire: Wire, inlet: str) -> Wire:
        """Let the level of ``listen`` move a knob of the node behind ``wire``."""
        follower = self.add("envelope_follower", listen)
        self.control(follower, wire, inlet)
        return wire

    def control(self, control: Wire, wire: Wire, inlet: str) -> None:
        """Plug a control signal into the node behind ``wire``."""
        self.builder.connect(control.node, wire.node, control.outlet, inlet)

    def key(self, tap: Wire, wire: Wire) -> Wire:
        """Let the dynamics processor behind ``wire`` listen to ``tap`` instead of its input."""
        self.builder.connect(tap.node, wire.node, tap.outlet, "sidechain")
        return wire
