"""PNG: the same drawing as SVG, in dots, for programs that show nothing else."""

import io
import warnings
from typing import Any

from graphophone.codec.boxes import HEADER, Box
from graphophone.codec.drawing import COLOURS, INK, PAPER, SOFT, WIRE
from graphophone.codec.layout import Cable, layout
from graphophone.export.fidelity import Export, Fidelity
from graphophone.export.names import plain
from graphophone.export.patch import Patch
from graphophone.export.target import Target, register
from graphophone.export.wording import is_control, title
from graphophone.graph.model import Graph
from graphophone.processors import ALL_SPECS

SCALE = 2.0
"""Dots a unit of the drawing, so that small letters can be read."""
MARGIN = 24.0
LONGEST = 28
"""Characters of a source's name that are shown."""
FONT, POINTS = "DejaVu Sans", 0.72
"""What comes with matplotlib, and its points a unit of the drawing."""


def write(patch: Patch, mode: str) -> Export:
    """Draw a graph."""
    from matplotlib.figure import Figure

    graph = patch.graph
    titles = [_shown(title(graph, i)) for i in range(len(graph))]
    values = [
        {name: ALL_SPECS[node.type].params[name].text(value) for name, value in node.params}
        for node in graph.nodes
    ]
    plan = layout(graph, ALL_SPECS, titles, values)
    width, height = plan.width + 2 * MARGIN, plan.height + 2 * MARGIN
    figure = Figure(figsize=(width / 100, height / 100), dpi=100 * SCALE, facecolor=PAPER)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    axes.set_xlim(-MARGIN, plan.width + MARGIN)
    axes.set_ylim(plan.height + MARGIN, -MARGIN)
    for cable in plan.cables:
        _cable(axes, graph, cable)
    for i, box in enumerate(plan.boxes):
        _box(axes, box, titles[i], COLOURS[ALL_SPECS[graph.nodes[i].type].group])
    file = io.BytesIO()
    with warnings.catch_warnings():  # a sign that the font has not is shown as a box
        warnings.simplefilter("ignore")
        figure.savefig(file, format="png", metadata={"Title": plain(patch.title)})
    return Export(file.getvalue(), Fidelity.of(graph))


def _shown(name: str) -> str:
    """Return a name as one short line without signs that cannot be seen."""
    return "".join(c if c.isprintable() else " " for c in name)[:LONGEST]


def _cable(axes: Any, graph: Graph, cable: Cable) -> None:
    from matplotlib.patches import PathPatch, Polygon
    from matplotlib.path import Path

    control = is_control(graph, cable.edge)
    colour = COLOURS["control"] if control else WIRE
    points, codes = [cable.points[0]], [Path.MOVETO]
    for x, y in cable.points[1:]:
        x0, y0 = points[-1]
        middle = (x0 + x) / 2
        points += [(middle, y0), (middle, y), (x, y)]
        codes += [Path.CURVE4] * 3
    line = Path(points, codes)
    dashes = (0, (4, 3)) if control else "solid"
    axes.add_patch(PathPatch(line, fill=False, edgecolor=colour, linewidth=1.2, linestyle=dashes))
    x, y = cable.points[-1]
    axes.add_patch(Polygon([(x - 7, y - 3.6), (x, y), (x - 7, y + 3.6)], color=colour, linewidth=0))
    if cable.label:
        _text(axes, *cable.label_at, cable.label, size=9.5, colour=colour, align="right")


def _box(axes: Any, box: Box, name: str, colour: str) -> None:
    from matplotlib.patches import FancyBboxPatch

    top, right = box.y - box.above, box.x + box.width
    bare = not (box.ports or box.knobs)
    height = box.above + box.below

    def panel(tall: float, inside: str) -> None:
        shape = FancyBboxPatch(
            (box.x, top), box.width, tall, boxstyle="round,pad=0,rounding_size=5",
            facecolor=inside, edgecolor=colour, linewidth=1.0,
        )  # fmt: skip
        axes.add_patch(shape)

    panel(height, colour if bare else "white")
    if not bare:
        panel(HEADER, colour)
    at = (box.x + box.width / 2, "center") if bare else (box.x + 10, "left")
    _text(axes, at[0], box.y + 4.3, name, size=12.5, colour="white", align=at[1], bold=True)
    for k, (inlet, outlet) in enumerate(box.ports):
        y = box.row(k) + 3.7
        _text(axes, box.x + 10, y, inlet, colour=colour, bold=True)
        _text(axes, right - 10, y, outlet, colour=colour, align="right", bold=True)
    for k, (knob, value) in enumerate(box.knobs, start=len(box.ports)):
        y = box.row(k) + 3.7
        _text(axes, box.x + 10, y, knob.replace("_", " "), colour=SOFT)
        _text(axes, right - 10, y, value, align="right")


def _text(
    axes: Any,
    x: float,
    y: float,
    text: str,
    *,
    size: float = 10.5,
    colour: str = INK,
    align: str = "left",
    bold: bool = False,
) -> None:
    """Write a line as it is: names are no formulas."""
    axes.text(
        x, y, text, fontsize=size * POINTS, color=colour, ha=align, va="baseline", family=FONT,
        fontweight="bold" if bold else "normal", parse_math=False,
    )  # fmt: skip


register(Target("png", ".png", "a drawing in dots", write, sounds=False))
