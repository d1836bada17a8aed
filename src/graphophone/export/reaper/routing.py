"""A graph as the tracks of a mixer: effects in a row, and sends between them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from graphophone.export.fidelity import Fidelity, Part
from graphophone.export.names import plain
from graphophone.export.patch import Patch
from graphophone.export.reaper.effect import LEVELS, SIDECHAIN, Effect
from graphophone.export.reaper.modulation import Modulation, follower, lfo
from graphophone.graph.model import Edge
from graphophone.processors import ALL_SPECS
from graphophone.render.plan import Feed, Step, plan

CONTROLS = frozenset({"mono_lfo", "stereo_lfo", "envelope_follower"})
"""What REAPER has a modulation of its own for."""


@dataclass(frozen=True)
class Send:
    """From one track to another.

    Attributes:
        source: Position of the track that sends.
        volume: Linear gain.
        invert: Whether it turns the polarity.
        out: First of the two channels that are sent.
        into: First of the two channels that hear it.
    """

    source: int
    volume: float
    invert: bool
    out: int
    into: int


@dataclass
class Slot:
    """An effect on a track.

    Attributes:
        node: Position of the node.
        name: What it is called.
        effect: What it is.
        values: Where its sliders stand, in their order.
        modulations: What REAPER moves of it, by the position of the slider.
    """

    node: int
    name: str
    effect: Effect
    values: list[float]
    modulations: dict[int, Modulation] = field(default_factory=dict)


@dataclass
class Track:
    """A track.

    Attributes:
        name: What it is called.
        slots: Its effects, in a row.
        receives: What it hears from others.
        channels: How many it has.
        source: Name of the recording on it, if there is one.
        heard: Whether it goes to the master.
    """

    name: str
    slots: list[Slot] = field(default_factory=list)
    receives: list[Send] = field(default_factory=list)
    channels: int = 2
    source: str | None = None
    heard: bool = False


class Routing:
    """Lays a graph out as tracks.

    A node goes on the track of the node before it if nothing else hears that one and nothing else
    is heard by it; otherwise it gets a track, and every cable is a send.

    Args:
        patch: What to lay out; its graph is frozen or plain.
        native: Whether REAPER's own modulation moves knobs; otherwise control signals are sent
            like audio, to the control inlets of effects.

    Attributes:
        tracks: In the order in which they are computed.
    """

    def __init__(self, patch: Patch, *, native: bool) -> None:
        self.patch, self.graph, self._native = patch, patch.graph, native
        self.tracks: list[Track] = []
        self._at: dict[int, int] = {}
        self._parts: dict[int, Part] = {}
        self._lost: dict[int, list[str]] = {}
        self._steps = {step.node: step for step in plan(patch.graph, ALL_SPECS).steps}
        for step in self._steps.values():
            if not (native and step.spec.name in CONTROLS):
                self._place(step)
        self.tracks[self._at[self.graph.output]].heard = True

    @property
    def fidelity(self) -> Fidelity:
        """How well each node is carried."""
        return Fidelity.of(self.graph, self._parts)

    def _place(self, step: Step) -> None:
        node = self.graph.nodes[step.node]
        effect = Effect(node.type)
        before = self._row(step, effect)
        if before is None:
            self.tracks.append(Track(self._title(step.node)))
        at = self._at[step.node] = len(self.tracks) - 1 if before is None else before
        track = self.tracks[at]
        if node.type == "in":
            track.source = node.source
        if before is None:
            for name, feeds in step.audio.items():
                self._receive(track, feeds, effect.inlet(name) if effect.known else 0)
            track.channels = max(track.channels, 2 * len(effect.spec.outlets))
        if not effect.known:
            note = "it is no effect of ours for REAPER"
            self._parts[step.node] = Part(self.graph.label(step.node), "dropped", note)
            return
        slot = Slot(step.node, self._title(step.node), effect, self._values(step, effect))
        track.slots.append(slot)
        for inlet in step.spec.inlets:
            if inlet.knob and (feeds := step.control.get(inlet.knob, ())):
                if self._native:
                    self._modulate(track, slot, inlet.knob, feeds)
                else:
                    self._receive(track, feeds, effect.inlet(inlet.name))

    def _title(self, node: int) -> str:
        one = self.graph.nodes[node]
        return f"{node} {plain(one.source) if one.source else one.type}"

    def _row(self, step: Step, effect: Effect) -> int | None:
        """Return the track on which a node can stand after the one that it hears, if it can."""
        feeds = [feed for cables in step.audio.values() for feed in cables]
        if len(feeds) != 1 or feeds[0].factor != 1.0:
            return None
        heard = feeds[0].port[0]
        if heard not in self._at or self._parts.get(heard):
            return None
        track = self.tracks[self._at[heard]]
        cables = [edge for edge in self.graph.edges if edge.source == heard]
        several = len(ALL_SPECS[self.graph.nodes[heard].type].outlets) > 1
        if len(cables) > 1 or several or step.control:
            return None
        # What else comes to a track, an effect further on would take for its own.
        if track.channels > 2 and (effect.pins > 2 or len(effect.spec.outlets) > 1):
            return None
        if len(effect.spec.outlets) > 1:
            track.channels = 2 * len(effect.spec.outlets)
        return self._at[heard]

    def _values(self, step: Step, effect: Effect) -> list[float]:
        """Return where the sliders stand."""
        node = self.graph.nodes[step.node]
        if effect.spec is LEVELS:
            db = self.patch.levels_db[str(node.source)] if node.source else self.patch.output_db
            return [db]
        values = [param.snap(node.knobs[name]) for name, param in effect.spec.params.items()]
        if "energy" in effect.sliders:
            frozen = self.graph.energy == "frozen" and node.scale_db
            values.append(frozen or 0.0)
        if effect.has_switch:
            values.append(float(SIDECHAIN in step.audio))
        return values

    def _receive(self, track: Track, feeds: Sequence[Feed], into: int) -> None:
        """Let a track hear some cables on a pair of channels."""
        for feed in feeds:
            heard, outlet = feed.port
            effect = Effect(self.graph.nodes[heard].type)
            out = effect.outlet(outlet) if effect.known else 0
            volume = abs(feed.factor)
            send = Send(self._at[heard], volume, feed.factor < 0, out, into)
            track.receives.append(send)
        track.channels = max(track.channels, into + 2)

    def _modulate(self, track: Track, slot: Slot, knob: str, feeds: Sequence[Feed]) -> None:
        """Let REAPER move a knob as control cables do, as far as it can."""
        place = list(slot.effect.sliders).index(knob)
        travel = slot.effect.sliders[knob].to_travel(slot.values[place])
        moved = Modulation(float(travel))
        for feed in feeds:
            edge = self.graph.edges[feed.cable]
            one = self.graph.nodes[edge.source]
            if one.type == "envelope_follower":
                if moved.follower:
                    self._lose(edge, slot, knob)
                    continue
                into = max(track.channels, slot.effect.pins)
                moved.follower = follower(edge.depth, one.knobs, into)
                for heard in self._steps[edge.source].audio.values():
                    self._receive(track, heard, into)
            elif moved.lfo:
                self._lose(edge, slot, knob)
                continue
            else:
                moved.lfo = lfo(edge.depth, one.knobs)
            self._near(edge)
        slot.modulations[place] = moved

    def _near(self, edge: Edge) -> None:
        """Note that REAPER's own modulation stands for a node."""
        kind = self.graph.nodes[edge.source].type
        notes = ["REAPER's own, in steps of a block"]
        if kind == "envelope_follower":
            notes = ["REAPER's own audio control, which follows decibels, in steps of a block"]
        elif kind == "stereo_lfo":
            notes.append("both sides alike")
        if kind != "envelope_follower" and abs(edge.depth) > 0.5:
            notes.append("no farther than half of the travel")
        self._grade(edge.source, "; ".join(notes))

    def _lose(self, edge: Edge, slot: Slot, knob: str) -> None:
        lost = f"{slot.name} {knob}, which another moves"
        self._lost.setdefault(edge.source, []).append(lost)
        before = self._parts.get(edge.source)
        self._grade(edge.source, before.note if before and before.grade != "dropped" else "")

    def _grade(self, node: int, note: str) -> None:
        """Grade a node that is not exact: approximated, or dropped if nothing of it is carried."""
        label = self.graph.label(node)
        lost = [f"it does not move {one}" for one in self._lost.get(node, ())]
        kept = note.partition("; it does not move")[0]
        said = "; ".join(filter(None, (kept, *lost)))
        self._parts[node] = Part(label, "approximated" if kept else "dropped", said)
