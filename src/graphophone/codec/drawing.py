"""Graphs as pictures: scalable, with every knob, in one self-contained file."""

from collections.abc import Collection, Sequence
from html import escape
from itertools import pairwise

from graphophone.codec.boxes import HEADER, Box, text_width
from graphophone.codec.layout import Cable, layout
from graphophone.graph import Graph
from graphophone.graph.rules import Specs

PAPER, INK, SOFT, WIRE = "#fbfaf7", "#20242c", "#6b7280", "#4a5160"
COLOURS = {
    "terminal": "#20242c",
    "filter": "#2f6db3",
    "delay": "#1c857c",
    "nonlinear": "#c04f2d",
    "utility": "#6b7280",
    "control": "#7c4db8",
}
"""Colour of each group of processors; control cables have that of their generators."""
MARK = "#d55e00"
"""Colour of the ring around a marked node."""
MARGIN = 24.0
FONT = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"


def svg(
    graph: Graph,
    specs: Specs,
    confidence: Sequence[float] | None = None,
    title: str | None = None,
    marked: Collection[int] = (),
) -> str:
    """Draw a graph from left to right, from its sources to ``out``.

    Audio cables are solid; control cables are dashed and end at the knob that they move. Boxes
    are coloured by group. The picture brings its own light background, so it can stand on any
    page.

    Args:
        graph: A valid graph, finished or prototype.
        specs: Description of each node type.
        confidence: How sure the estimate of each node is, in [0, 1]; doubtful ones are dim.
        title: A line above the drawing.
        marked: Positions of nodes that are ringed, such as those that another graph has not.

    Returns:
        One SVG document that refers to nothing outside of itself.
    """
    titles = [_title(graph, i, confidence) for i in range(len(graph))]
    values = [
        {name: specs[node.type].params[name].text(value) for name, value in node.params}
        for node in graph.nodes
    ]
    plan = layout(graph, specs, titles, values)
    above = MARGIN + (26 if title else 0)
    width = max(plan.width, text_width(title or "", 15)) + 2 * MARGIN
    height = plan.height + above + MARGIN
    strength = [0.4 + 0.6 * min(max(c, 0), 1) for c in confidence or [1.0] * len(graph)]

    name = escape(_clean(title or "audio processing graph"))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{name}" '
        f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'font-family="{FONT}">',
        f"<title>{name}</title>",
        f'<rect width="100%" height="100%" rx="10" fill="{PAPER}"/>',
    ]
    if title:
        parts.append(_text(MARGIN, 31, _clean(title), size=15, weight=600))
    parts.append(f'<g transform="translate({MARGIN:.0f} {above:.0f})">')
    for cable in plan.cables:
        opacity = min(strength[cable.edge.source], strength[cable.edge.target])
        parts += _cable(graph, specs, cable, opacity)
    for i, box in enumerate(plan.boxes):
        parts += _node(graph, specs, i, box, titles[i], strength[i])
        if i in marked:
            parts.append(_ring(box))
    for cable in plan.cables:
        if cable.label:
            colour = _wire(graph, specs, cable)[0]
            x, y = cable.label_at
            parts.append(_text(x, y, cable.label, "end", size=9.5, fill=colour, halo=True))
    return "\n".join([*parts, "</g>", "</svg>"]) + "\n"


def _title(graph: Graph, i: int, confidence: Sequence[float] | None) -> str:
    node = graph.nodes[i]
    name = _clean(node.source or node.type)
    name = name if len(name) <= 28 else f"{name[:27]}…"
    return name if confidence is None else f"{name}  {100 * confidence[i]:.0f}%"


def _clean(text: str) -> str:
    """Drop what XML cannot hold."""
    return "".join(c if c.isprintable() else " " for c in text)


def _wire(graph: Graph, specs: Specs, cable: Cable) -> tuple[str, bool]:
    """Return the colour of a cable, and whether it carries control."""
    spec = specs[graph.nodes[cable.edge.source].type]
    control = any(o.name == cable.edge.outlet and o.signal == "control" for o in spec.outlets)
    return (COLOURS["control"], True) if control else (WIRE, False)


def _cable(graph: Graph, specs: Specs, cable: Cable, opacity: float) -> list[str]:
    colour, control = _wire(graph, specs, cable)
    (x, y), *_ = cable.points
    path = [f"M{x:.1f} {y:.1f}"]
    for (x0, y0), (x1, y1) in pairwise(cable.points):
        if abs(y1 - y0) < 0.05:
            path.append(f"H{x1:.1f}")
        else:
            bend = (x1 - x0) / 2
            path.append(f"C{x0 + bend:.1f} {y0:.1f} {x1 - bend:.1f} {y1:.1f} {x1:.1f} {y1:.1f}")
    dash = ' stroke-dasharray="5 3.5"' if control else ""
    end_x, end_y = cable.points[-1]
    return [
        f'<g opacity="{opacity:.2f}"><path d="{" ".join(path)}" fill="none" stroke="{colour}" '
        f'stroke-width="1.7"{dash}><title>{escape(_clean(graph.cable(cable.edge)))}</title></path>'
        f'<path d="M{end_x - 7:.1f} {end_y - 3.6:.1f} L{end_x:.1f} {end_y:.1f} '
        f'L{end_x - 7:.1f} {end_y + 3.6:.1f} Z" fill="{colour}"/></g>'
    ]


def _node(graph: Graph, specs: Specs, i: int, box: Box, title: str, opacity: float) -> list[str]:
    node = graph.nodes[i]
    colour = COLOURS[specs[node.type].group]
    top, height = box.y - box.above, box.above + box.below
    rect = f'x="{box.x:.1f}" y="{top:.1f}" width="{box.width:.1f}"'
    radius = box.above if specs[node.type].group == "terminal" else 6
    parts = [
        f'<rect {rect} height="{height:.1f}" rx="{radius:.1f}" fill="{PAPER}"/>',
        f'<g opacity="{opacity:.2f}"><title>{escape(_clean(graph.label(i)))}</title>',
    ]
    if box.ports or box.knobs:
        right, r = box.x + box.width, 6
        parts += [
            f'<rect {rect} height="{height:.1f}" rx="6" fill="#fff"/>',
            f'<path d="M{box.x:.1f} {top + HEADER:.1f} v{r - HEADER} q0 {-r} {r} {-r} '
            f'H{right - r:.1f} q{r} 0 {r} {r} V{top + HEADER:.1f} Z" fill="{colour}"/>',
            f'<rect {rect} height="{height:.1f}" rx="6" fill="none" stroke="{colour}" '
            'stroke-width="1.4"/>',
            _text(box.x + 10, box.y + 4.3, title, size=12.5, weight=600, fill="#fff"),
        ]
    else:
        middle = box.x + box.width / 2
        parts += [
            f'<rect {rect} height="{height:.1f}" rx="{radius:.1f}" fill="{colour}"/>',
            _text(middle, box.y + 4.3, title, size=12.5, weight=600, fill="#fff", anchor="middle"),
        ]
    for k, (inlet, outlet) in enumerate(box.ports):
        y = box.row(k) + 3.7
        parts.append(_text(box.x + 10, y, inlet, fill=colour, weight=600))
        parts.append(_text(box.x + box.width - 10, y, outlet, "end", fill=colour, weight=600))
    for k, (name, value) in enumerate(box.knobs, start=len(box.ports)):
        y = box.row(k) + 3.7
        parts.append(_text(box.x + 10, y, name.replace("_", " "), fill=SOFT))
        parts.append(_text(box.x + box.width - 10, y, value.replace("-", "−"), "end"))
    return [part for part in (*parts, "</g>") if part]


def _ring(box: Box) -> str:
    return (
        f'<rect x="{box.x - 4.5:.1f}" y="{box.y - box.above - 4.5:.1f}" rx="9" '
        f'width="{box.width + 9:.1f}" height="{box.above + box.below + 9:.1f}" fill="none" '
        f'stroke="{MARK}" stroke-width="2.2" stroke-dasharray="6 3"/>'
    )


def _text(
    x: float,
    y: float,
    text: str,
    anchor: str = "start",
    *,
    size: float = 10.5,
    weight: int = 400,
    fill: str = INK,
    halo: bool = False,
) -> str:
    if not text:
        return ""
    edge = f' stroke="{PAPER}" stroke-width="3" paint-order="stroke"' if halo else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" '
        f'fill="{fill}" text-anchor="{anchor}"{edge}>{escape(text)}</text>'
    )
