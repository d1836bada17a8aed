"""Where the boxes and cables of a drawing go.

Layers, order and positions are those of the ``fast-sugiyama`` library (K. Sugiyama, S. Tagawa
and M. Toda, Methods for visual understanding of hierarchical system structures, 1981), turned
to run from left to right. Here they are only scaled until boxes of unlike sizes do not touch;
a cable that crosses a layer passes through the free place that the library keeps for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from fast_sugiyama import from_edges

from graphophone.codec.boxes import SLOT, Box, cable_labels, measure, text_width
from graphophone.graph import Edge, Graph
from graphophone.graph.rules import Specs
from graphophone.spec import ProcessorSpec

Point: TypeAlias = tuple[float, float]
Place: TypeAlias = tuple[int, float]
"""Layer from the left, and place in it from the top."""

GAP_X, GAP_Y, LANE = 36.0, 20.0, 7.0
"""Room for the curve between layers, for air between boxes, and half that of a passing cable."""


@dataclass(frozen=True, slots=True)
class Cable:
    """One edge: the points it runs through, always horizontally, and what is written on it."""

    edge: Edge
    points: tuple[Point, ...]
    label: str
    label_at: Point
    """Where the label ends, on the line that it stands on."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A whole drawing; all coordinates are at least zero."""

    boxes: tuple[Box, ...]
    cables: tuple[Cable, ...]
    width: float
    height: float


def layout(
    graph: Graph, specs: Specs, titles: Sequence[str], values: Sequence[Mapping[str, str]]
) -> Layout:
    """Place every node and cable.

    Args:
        graph: A valid graph, finished or prototype.
        specs: Description of each node type.
        titles: What is written at the top of each box.
        values: What is written beside each knob of each node.
    """
    places, lanes = _places(graph)
    blank = [
        measure(graph, specs, i, titles[i], values[i], _sides(graph, i, places, lanes))
        for i in range(len(graph))
    ]
    labels = cable_labels(graph, specs, blank)

    scale = _scale(blank, places, lanes)
    top = min(places[i][1] * scale - box.above for i, box in enumerate(blank))
    lines = [y for lane in lanes.values() for _, y in lane]
    top = min([top, *(y * scale - LANE for y in lines)])
    left, widths, stubs = _columns(blank, places, labels)
    boxes = tuple(
        Box(
            left[places[i][0]] + (widths[places[i][0]] - box.width) / 2,
            places[i][1] * scale - top,
            box.width,
            box.above,
            box.below,
            box.ports,
            box.knobs,
        )
        for i, box in enumerate(blank)
    )

    cables = []
    for e in graph.edges:
        start, end = _outlet(boxes[e.source], e), _inlet(graph, specs, boxes, e, lanes, scale, top)
        first = places[e.source][0]
        points = [start, (left[first] + widths[first], start[1])]
        for layer, y in lanes.get((e.source, e.target), ()):
            points.append((left[layer] - stubs[layer], y * scale - top))
            points.append((left[layer] + widths[layer], y * scale - top))
        last = places[e.target][0]
        points += [(left[last] - stubs[last], end[1]), end]
        at = (left[last] - 8, end[1] - 4.5)
        cables.append(Cable(e, tuple(points), labels[e], at))
    height = max(box.y + box.below for box in boxes)
    height = max([height, *(y for c in cables for _, y in c.points)])
    return Layout(boxes, tuple(cables), left[-1] + widths[-1], height)


def _places(graph: Graph) -> tuple[list[Place], dict[tuple[int, int], list[Place]]]:
    """Ask the library for the place of each node and of each lane between distant nodes."""
    pairs = sorted({(e.source, e.target) for e in graph.edges})
    ((positions, _, _, steps),) = from_edges(pairs, vertex_spacing=1, minimum_length=1)
    bottom = max(y for _, (_, y) in positions)
    spots = {int(node): (round(bottom - y), float(x)) for node, (x, y) in positions}
    hops = sorted((int(source), int(target)) for source, target in steps or ())
    onward = {source: target for source, target in hops if source >= len(graph)}
    lanes: dict[tuple[int, int], list[Place]] = {}
    for source, step in hops:
        lane = []
        if source < len(graph) <= step:
            while step >= len(graph):
                lane.append(spots[step])
                step = onward[step]
            lanes[source, step] = lane
    return [spots[i] for i in range(len(graph))], lanes


def _sides(
    graph: Graph, i: int, places: Sequence[Place], lanes: Mapping[tuple[int, int], list[Place]]
) -> dict[str, float]:
    """Return how far up or down each port of a node looks, so that cables need not cross."""
    looks: dict[str, float] = {}
    for e in graph.outgoing(i):
        lane = lanes.get((e.source, e.target))
        y = lane[0][1] if lane else places[e.target][1]
        looks[e.outlet] = min(y, looks.get(e.outlet, y))
    for e in graph.incoming(i):
        lane = lanes.get((e.source, e.target))
        y = lane[-1][1] if lane else places[e.source][1]
        looks[e.inlet] = min(y, looks.get(e.inlet, y))
    return looks


def _scale(
    boxes: Sequence[Box], places: Sequence[Place], lanes: Mapping[tuple[int, int], list[Place]]
) -> float:
    """Return the least stretch at which nothing in a layer comes too close to another."""
    items = [(layer, y, boxes[i].above, boxes[i].below) for i, (layer, y) in enumerate(places)]
    items += [(layer, y, LANE, LANE) for lane in lanes.values() for layer, y in lane]
    items.sort()
    needs = [1.0]
    for (layer, y, _, below), (other, z, above, _) in pairwise(items):
        if layer == other and z > y:
            needs.append((below + above + GAP_Y) / (z - y))
    return max(needs)


def _columns(
    boxes: Sequence[Box], places: Sequence[Place], labels: Mapping[Edge, str]
) -> tuple[list[float], list[float], list[float]]:
    """Return each layer's left edge and width, and how far before it cables run straight."""
    count = max(layer for layer, _ in places) + 1
    widths, stubs = [0.0] * count, [10.0] * count
    for box, (layer, _) in zip(boxes, places, strict=True):
        widths[layer] = max(widths[layer], box.width)
    for e, label in labels.items():
        layer = places[e.target][0]
        stubs[layer] = max(stubs[layer], text_width(label, 9.5) + 10)
    left = [0.0]
    for width, stub in zip(widths[:-1], stubs[1:], strict=True):
        left.append(left[-1] + width + GAP_X + stub)
    return left, widths, stubs


def _outlet(box: Box, e: Edge) -> Point:
    names = [outlet for _, outlet in box.ports]
    y = box.row(names.index(e.outlet)) if e.outlet in names else box.y
    return (box.x + box.width, y)


def _inlet(
    graph: Graph,
    specs: Specs,
    boxes: Sequence[Box],
    e: Edge,
    lanes: Mapping[tuple[int, int], list[Place]],
    scale: float,
    top: float,
) -> Point:
    """Find where a cable ends: at the title, at its port's line or at its knob's line."""
    box, spec = boxes[e.target], specs[graph.nodes[e.target].type]
    if not box.ports and not box.knobs:

        def comes_from(other: Edge) -> tuple[float, int, str]:
            lane = lanes.get((other.source, other.target))
            y = lane[-1][1] * scale - top if lane else _outlet(boxes[other.source], other)[1]
            return (y, other.source, other.outlet)

        meeting = sorted(graph.incoming(e.target), key=comes_from)
        return (box.x, box.y + SLOT * (meeting.index(e) - (len(meeting) - 1) / 2))
    return (box.x, _line(box, spec, e.inlet))


def _line(box: Box, spec: ProcessorSpec, name: str) -> float:
    inlets, inlet = [port for port, _ in box.ports], spec.inlet(name)
    if name in inlets:
        return box.row(inlets.index(name))
    names = [knob for knob, _ in box.knobs]
    if inlet is not None and inlet.knob in names:
        return box.row(len(box.ports) + names.index(inlet.knob))
    return box.y
