"""Random values for property tests."""

import random
from collections.abc import Callable, Sequence
from functools import wraps
from typing import ParamSpec, TypeVar

from hypothesis import HealthCheck
from hypothesis import settings as profile
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from graphophone.graph import Edge, Energy, Graph, Node
from graphophone.graph.rules import Specs, check
from graphophone.graph.settings import SCALE, is_scaled
from graphophone.spec import DEPTH, GAIN, Param, ProcessorSpec

LAW = profile(
    max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
"""How laws about whole graphs are tried: the same examples every time, at any speed."""

Signal = tuple[int, str]
P = ParamSpec("P")
R = TypeVar("R")


def untouched(function: Callable[P, R]) -> Callable[P, R]:
    """Restore the global generator, which the run-time type checker samples containers with.

    Hypothesis would take it for chance that it does not control.
    """

    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        state = random.getstate()
        try:
            return function(*args, **kwargs)
        finally:
            random.setstate(state)

    return wrapped


@st.composite
@untouched
def settings(draw: DrawFn, param: Param) -> float:
    """Settings of one knob, legal and of six significant digits."""
    travel: float = draw(st.integers(0, 100)) / 100
    return float(f"{param.snap(param.from_travel(travel)):.6g}")


@st.composite
@untouched
def graphs(
    draw: DrawFn,
    specs: Specs,
    *,
    most: int = 8,
    sources: Sequence[str] = ("voice", "kick", "snare"),
    prototype: bool = False,
    energies: Sequence[Energy] = ("normalised", "frozen", "plain"),
    shuffled: bool = True,
) -> Graph:
    """Valid graphs with splits, sums, sidechains, modulation and parallel cables.

    Args:
        draw: Given by Hypothesis.
        specs: Description of each node type that may occur, ``in`` and ``out`` included.
        most: Most nodes between the sources and ``out``, control nodes not counted.
        sources: Names of sources, of which some occur.
        prototype: Leave knobs and cables untouched.
        energies: Energy rules that may hold.
        shuffled: List nodes in random order.
    """
    energy: Energy = "normalised"
    if not prototype:
        energy = draw(st.sampled_from(energies))
    count = draw(st.integers(1, len(sources)))
    nodes = [Node("in", source=name) for name in sources[:count]]
    signals: list[Signal] = [(i, "out") for i in range(count)]
    edges: dict[tuple[int, str, int, str], Edge] = {}
    control = [s for s in specs.values() if s.group == "control"]
    audio = [s for s in specs.values() if s.group not in ("control", "terminal")]

    def add(spec: ProcessorSpec) -> int:
        params = {} if prototype else {k: draw(settings(p)) for k, p in spec.params.items()}
        scale = draw(settings(SCALE)) if energy == "frozen" and is_scaled(spec) else None
        nodes.append(Node(spec.name, scale_db=scale).with_knobs(params))
        return len(nodes) - 1

    def connect(signal: Signal, target: int, inlet: str, modulates: bool = False) -> None:
        edge = Edge(signal[0], target, signal[1], inlet)
        if not prototype and modulates:
            edge = Edge(signal[0], target, signal[1], inlet, depth=draw(settings(DEPTH)))
        elif not prototype and draw(st.integers(0, 2)) == 0:
            edge = Edge(
                *(signal[0], target, signal[1], inlet),
                gain_db=draw(settings(GAIN)),
                invert=draw(st.integers(0, 1)) == 1,
            )
        edges[edge.ports] = edge

    for _ in range(draw(st.integers(0, most))):
        spec = draw(st.sampled_from(audio))
        node = add(spec)
        for inlet in spec.inlets:
            if inlet.signal == "audio" and (inlet.required or draw(st.booleans())):
                for _ in range(draw(st.sampled_from((1, 1, 1, 2, 3)))):
                    connect(draw(st.sampled_from(signals)), node, inlet.name)
            elif inlet.signal == "control" and control and draw(st.integers(0, 3)) == 0:
                there = [i for i, n in enumerate(nodes) if specs[n.type].group == "control"]
                if draw(st.booleans()) and there:
                    generator = draw(st.sampled_from(there))
                else:
                    generator = add(draw(st.sampled_from(control)))
                    for own in specs[nodes[generator].type].inlets:
                        connect(draw(st.sampled_from(signals)), generator, own.name)
                outlet = specs[nodes[generator].type].outlets[0].name
                connect((generator, outlet), node, inlet.name, modulates=True)
        signals += [(node, outlet.name) for outlet in spec.outlets]

    used = {e.source for e in edges.values()}
    nodes.append(Node("out"))
    for signal in signals:
        if signal[0] not in used:
            connect(signal, len(nodes) - 1, "in")
    graph = Graph(tuple(nodes), tuple(edges.values()), energy=energy)
    if shuffled:
        graph = graph.reordered(draw(st.permutations(range(len(graph)))))
    return check(graph, specs, prototype=prototype)
