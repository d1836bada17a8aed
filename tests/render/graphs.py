"""Random graphs over the whole catalogue: any wiring that the rules allow, musical or not."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from graphophone.errors import GraphError
from graphophone.graph.build import GraphBuilder
from graphophone.graph.model import Edge, Energy, Graph, Node
from graphophone.graph.settings import is_scaled
from graphophone.processors import ALL_SPECS, SPECS
from graphophone.spec import DEPTH, GAIN, Param

TYPES = tuple(name for name in SPECS if name not in {"in", "out"})


def random_graph(
    rng: Random,
    *,
    energy: Energy = "normalised",
    types: Sequence[str] = TYPES,
    most: int = 10,
    ends: float = 0.0,
) -> Graph:
    """Draw a valid graph of 1 to 3 sources and 1 to ``most`` processors.

    Sidechains, modulation, splits, parallel cables of different types between one pair, cable
    gains and inverted cables all occur; so do graphs that nobody would patch. A share ``ends`` of
    all settings stands at an end of its range.
    """
    while True:
        try:
            return _draw(rng, energy, types, most, ends)
        except GraphError:  # a control node found no knob to move
            continue


def with_drawn_settings(prototype: Graph, rng: Random) -> Graph:
    """Draw every knob of a prototype over its whole travel, and every cable."""
    nodes = [node.with_knobs(SPECS[node.type].draw(rng)) for node in prototype.nodes]
    return prototype.with_parts(nodes, [_cable(rng, nodes, e) for e in prototype.edges])


def _setting(param: Param, rng: Random, ends: float) -> float:
    if ends and rng.random() < ends:
        return rng.choice((param.low, param.high))
    return param.draw(rng)


def _draw(rng: Random, energy: Energy, types: Sequence[str], most: int, ends: float) -> Graph:
    builder = GraphBuilder(ALL_SPECS)
    audio: list[tuple[int, str]] = []  # ports that can be listened to
    control: list[tuple[int, str]] = []
    idle: set[tuple[int, str]] = set()  # ports that nobody listens to yet
    for name in ("voice", "kick", "hat")[: rng.choice((1, 1, 2, 3))]:
        audio.append((builder.add("in", source=name), "out"))
        idle.add(audio[-1])

    def plug(port: tuple[int, str], node: int, inlet: str) -> None:
        builder.connect(port[0], node, port[1], inlet)
        idle.discard(port)

    for _ in range(rng.randint(1, most)):
        spec = ALL_SPECS[rng.choice(types)]
        knobs = {name: _setting(param, rng, ends) for name, param in spec.params.items()}
        node = builder.add(spec.name, **knobs)
        for inlet in spec.inlets:
            if inlet.signal == "audio" and (inlet.required or rng.random() < 0.4):
                many = rng.choice((1, 1, 1, 2, 3)) if inlet.name == "in" else 1
                for port in rng.sample(audio, min(many, len(audio))):
                    plug(port, node, inlet.name)
            elif inlet.signal == "control" and control and rng.random() < 0.5:
                plug(rng.choice(control), node, inlet.name)
        for outlet in spec.outlets:
            port = (node, outlet.name)
            (audio if outlet.signal == "audio" else control).append(port)
            idle.add(port)
    out = builder.add("out")
    last = [port for port in audio if port in idle] or [audio[-1]]
    for port in last:
        plug(port, out, "in")
    builder.edges[:] = [_cable(rng, builder.nodes, edge, ends) for edge in builder.edges]
    if energy == "frozen":
        builder.nodes[:] = [
            replace(n, scale_db=rng.uniform(-12, 12)) if is_scaled(ALL_SPECS[n.type]) else n
            for n in builder.nodes
        ]
    return builder.graph(energy=energy)


def _cable(rng: Random, nodes: Sequence[Node], edge: Edge, ends: float = 0.0) -> Edge:
    """Draw the gain and polarity of an audio cable, or the depth of a control cable."""
    outlet = ALL_SPECS[nodes[edge.source].type].outlet(edge.outlet)
    if outlet is not None and outlet.signal == "control":
        return replace(edge, depth=_setting(DEPTH, rng, ends))
    return replace(edge, gain_db=_setting(GAIN, rng, ends), invert=rng.random() < 0.2)
