"""What is written in the boxes and on the cables of a drawing, and how much room it takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphophone.graph import Edge, Graph
from graphophone.graph.rules import Specs

HEADER, ROW, PAD = 24.0, 16.0, 5.0
"""Height of a title, of a line below it, and what stands free under the last line."""
SLOT = 15.0
"""Distance of cables that meet at a box without lines."""


@dataclass(frozen=True, slots=True)
class Box:
    """One node: its rectangle and the lines in it.

    Attributes:
        x: Left edge.
        y: Middle of the title, which is where ``in`` and ``out`` are.
        width: From edge to edge.
        above: How far the rectangle reaches above ``y``.
        below: How far it reaches below.
        ports: Port lines, (inlet, outlet), either of which may be empty.
        knobs: Knob lines, (name, setting).
    """

    x: float
    y: float
    width: float
    above: float
    below: float
    ports: tuple[tuple[str, str], ...]
    knobs: tuple[tuple[str, str], ...]

    def row(self, index: int) -> float:
        """Middle of a line below the title."""
        return self.y + HEADER / 2 + ROW * (index + 0.5)


def text_width(text: str, size: float) -> float:
    """Estimate how wide a text is in an unknown sans-serif font, on the safe side."""
    narrow = sum(c in "iljtf.,:;|!' " for c in text)
    return size * (0.62 * (len(text) - narrow) + 0.36 * narrow)


def cable_label(edge: Edge, control: bool) -> str:
    """Say a cable's depth, or its level and polarity unless they are neutral."""
    if control:
        percent = 100 * edge.depth
        text = f"{percent:+.0f}%" if abs(percent) >= 10 else f"{percent:+.2g}%"
        return text.replace("-", "−")
    gain = f"{edge.gain_db:+.1f} dB".replace("-", "−") if abs(edge.gain_db) >= 0.05 else ""
    return " ".join(part for part in (gain, "inverted" if edge.invert else "") if part)


def cable_labels(graph: Graph, specs: Specs, boxes: Sequence[Box]) -> dict[Edge, str]:
    """Write on each cable; of those that end in one point, all on the first."""
    own = {e: cable_label(e, _is_control(graph, specs, e)) for e in graph.edges}
    labels: dict[Edge, str] = {}
    for e in graph.edges:
        box = boxes[e.target]
        meeting = [o for o in graph.edges if (o.target, o.inlet) == (e.target, e.inlet)]
        if not box.ports and not box.knobs:
            meeting = [e]
        first = e == meeting[0]
        labels[e] = ", ".join(own[o] for o in meeting if own[o]) if first else ""
    return labels


def measure(
    graph: Graph,
    specs: Specs,
    i: int,
    title: str,
    values: Mapping[str, str],
    looks: Mapping[str, float],
) -> Box:
    """Measure a box; where it stands is decided later."""
    spec = specs[graph.nodes[i].type]
    fed = {e.inlet for e in graph.incoming(i)}
    inlets = [p.name for p in spec.audio_inlets if p.name != "in" and (p.required or p.name in fed)]
    outlets = [p.name for p in spec.outlets] if len(spec.outlets) > 1 else []
    inlets.sort(key=lambda name: looks.get(name, 0.0))
    outlets.sort(key=lambda name: looks.get(name, 0.0))
    count = max(len(inlets), len(outlets))
    ports = tuple(
        (inlets[k] if k < len(inlets) else "", outlets[k] if k < len(outlets) else "")
        for k in range(count)
    )
    knobs = tuple(values.items())
    lines = [text_width(title, 12.5) + 22]
    lines += [text_width(a, 10.5) + text_width(b, 10.5) + 34 for a, b in (*ports, *knobs)]
    width = max(lines)
    rows = len(ports) + len(knobs)
    if rows:
        return Box(0, 0, max(width, 92), HEADER / 2, HEADER / 2 + ROW * rows + PAD, ports, knobs)
    half = max(HEADER / 2, SLOT * len(graph.incoming(i)) / 2)
    return Box(0, 0, width, half, half, (), ())


def _is_control(graph: Graph, specs: Specs, e: Edge) -> bool:
    outlet = specs[graph.nodes[e.source].type].outlet(e.outlet)
    return outlet is not None and outlet.signal == "control"
