"""What moves a node: oscillators, envelopes, and the sound that a dynamics processor hears."""

from collections.abc import Mapping
from dataclasses import dataclass

from graphophone.graph.model import Edge, Graph, Node
from graphophone.spec import ProcessorSpec

FILTERED = {"highpass": "highs", "lowpass": "lows", "bandpass": "mids"}


@dataclass(frozen=True, slots=True)
class Heard:
    """One node with all that decides how it is called.

    Attributes:
        graph: The graph it is in; finished.
        specs: What each node type is.
        position: Which node.
        bpm: Tempo, where it is known.
    """

    graph: Graph
    specs: Mapping[str, ProcessorSpec]
    position: int
    bpm: float | None = None

    @property
    def node(self) -> Node:
        """The node itself."""
        return self.graph.nodes[self.position]

    @property
    def spec(self) -> ProcessorSpec:
        """What its type is."""
        return self.specs[self.node.type]

    @property
    def knobs(self) -> dict[str, float]:
        """Its settings."""
        return self.node.knobs

    def text(self, knob: str) -> str:
        """A setting with its unit, to two digits: ``1.2 kHz``."""
        value = self.knobs[knob]
        return self.spec.params[knob].text(float(f"{value:.2g}"))

    def movers(self, inlet: str) -> tuple[Edge, ...]:
        """The control cables that move one knob, the strongest first."""
        edges = [e for e in self.graph.incoming(self.position) if e.inlet == inlet]
        return tuple(sorted(edges, key=lambda e: -abs(e.depth)))

    def pace(self, inlet: str) -> str | None:
        """How an oscillator moves a knob: ``slow stereo``; ``None`` where none does."""
        for edge in self.movers(inlet):
            lfo = self.graph.nodes[edge.source]
            if lfo.type.endswith("_lfo"):
                rate = lfo.knobs["frequency"]
                speed = "slow" if rate < 0.8 else "fast" if rate > 3 else ""
                return f"{speed} {'stereo' if lfo.type == 'stereo_lfo' else ''}".strip()
        return None

    def motion(self, inlet: str) -> str:
        """The movement itself: ``a slow stereo sweep``, ``an auto-wah``; empty where none."""
        if (pace := self.pace(inlet)) is not None:
            return f"a {pace} sweep".replace("  ", " ")
        for edge in self.movers(inlet):
            other = self.strangers(edge.source)
            return f"a sweep that follows {other}" if other else "an auto-wah"
        return ""

    def key(self) -> str:
        """What a dynamics processor listens to instead of its input: ``the kick``."""
        edges = [e for e in self.graph.incoming(self.position) if e.inlet == "sidechain"]
        if not edges:
            return ""
        source = self.graph.nodes[edges[0].source]
        if other := self.strangers(edges[0].source):
            return other
        if band := FILTERED.get(source.type.removesuffix("4")):
            return f"its own {band}"
        return "its dry sound" if source.type == "in" else "an earlier stage"

    def strangers(self, node: int) -> str:
        """Name the sources of another node that are no sources of this one."""
        own = sources(self.graph, self.position, without="sidechain")
        names = [f"the {name}" for name in sources(self.graph, node) if name not in own]
        return " and ".join(names)


def sources(graph: Graph, node: int, *, without: str = "") -> tuple[str, ...]:
    """List the sources that reach a node, in the order of the graph.

    Args:
        graph: The graph.
        node: The node.
        without: An inlet of this node whose cables do not count.
    """
    seen: set[int] = {node}
    waiting = [e.source for e in graph.incoming(node) if e.inlet != without]
    while waiting:
        here = waiting.pop()
        if here not in seen:
            seen.add(here)
            waiting += [e.source for e in graph.incoming(here)]
    return tuple(str(graph.nodes[i].source) for i in graph.inputs if i in seen)
