"""Graph to plan: what has to be computed, in which order, from which signals."""

from collections.abc import Mapping
from dataclasses import dataclass

from graphophone.graph.model import Edge, Graph
from graphophone.graph.order import topological
from graphophone.spec import ProcessorSpec

Port = tuple[int, str]
"""A signal is addressed by the position of its node and the name of its outlet."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One cable as execution sees it: which signal, times what.

    Attributes:
        port: The signal.
        factor: Signed gain of an audio cable; depth, in knob travel, of a control cable.
        cable: Position of the cable in the graph.
    """

    port: Port
    factor: float
    cable: int

    @classmethod
    def of(cls, edge: Edge, cable: int, *, control: bool) -> "Feed":
        """Read a cable; decibels and polarity become one factor."""
        gain = 10.0 ** (edge.gain_db / 20.0)
        factor = edge.depth if control else -gain if edge.invert else gain
        return cls((edge.source, edge.outlet), factor, cable)


@dataclass(frozen=True, slots=True)
class Step:
    """One node to compute.

    Attributes:
        node: Position in the graph.
        spec: What the node is.
        audio: The cables at each connected audio inlet.
        control: The cables that move each modulated knob.
        scale: Linear gain of a frozen node, or ``None`` where the energy rule decides.
        frees: Signals that no later step reads.
    """

    node: int
    spec: ProcessorSpec
    audio: Mapping[str, tuple[Feed, ...]]
    control: Mapping[str, tuple[Feed, ...]]
    scale: float | None
    frees: tuple[Port, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """All steps of a graph in an order in which every signal exists before it is read."""

    graph: Graph
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        """One line a step: what it reads, what it is, what can be forgotten after it."""
        lines = []
        for number, step in enumerate(self.steps):
            cables = {**step.audio, **step.control}
            reads = ", ".join(
                f"{inlet} <- "
                + " + ".join(f"{f.factor:.4g} x {f.port[0]}.{f.port[1]}" for f in feeds)
                for inlet, feeds in cables.items()
            )
            frees = " ".join(f"{node}.{outlet}" for node, outlet in step.frees)
            line = f"{number:3} {self.graph.label(step.node)}"
            line += f" ({reads})" if reads else ""
            lines.append(line + (f" frees {frees}" if frees else ""))
        return "\n".join(lines)


def plan(graph: Graph, specs: Mapping[str, ProcessorSpec]) -> Plan:
    """Order the nodes of a valid graph and resolve its cables.

    Args:
        graph: A graph that keeps the rules; a prototype will do.
        specs: What each node type is.

    Returns:
        The plan; it can be printed.
    """
    order = topological(graph)
    place = {edge: i for i, edge in enumerate(graph.edges)}
    arriving = {node: graph.incoming(node) for node in order}
    last_read: dict[Port, int] = {}
    for number, node in enumerate(order):
        for edge in arriving[node]:
            last_read[(edge.source, edge.outlet)] = number
    steps = []
    for number, node in enumerate(order):
        spec = specs[graph.nodes[node].type]
        audio: dict[str, tuple[Feed, ...]] = {}
        control: dict[str, tuple[Feed, ...]] = {}
        for inlet in spec.inlets:
            edges = [e for e in arriving[node] if e.inlet == inlet.name]
            feeds = tuple(Feed.of(e, place[e], control=bool(inlet.knob)) for e in edges)
            if feeds and inlet.knob is None:
                audio[inlet.name] = feeds
            elif feeds and inlet.knob is not None:
                control[inlet.knob] = feeds
        scale_db = graph.nodes[node].scale_db
        if graph.energy == "plain":
            scale_db = 0.0
        frees = {port for port, reader in last_read.items() if reader == number}
        unread = {(node, o.name) for o in spec.outlets} - last_read.keys()
        steps.append(
            Step(
                node=node,
                spec=spec,
                audio=audio,
                control=control,
                scale=None if scale_db is None else 10.0 ** (scale_db / 20.0),
                frees=tuple(sorted(frees | unread)),
            )
        )
    return Plan(graph, tuple(steps))
