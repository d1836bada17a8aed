"""Two graphs as one picture: what is true, and what was estimated."""

from collections.abc import Sequence
from html import escape

from graphophone.codec.drawing import FONT, INK, PAPER, svg
from graphophone.evaluation.trials.telling import unpaired
from graphophone.graph.model import Graph
from graphophone.processors import SPECS

GAP, HEAD, FOOT = 16.0, 38.0, 26.0
WIDEST = 1_500.0
"""Graphs that are wider together stand one above the other."""
NOTE = "Ringed: what the other graph has not."


def pair(
    truth: Graph,
    estimate: Graph,
    sure: Sequence[float] | None = None,
    *,
    title: str,
    names: tuple[str, str] = ("True graph", "Estimated graph"),
) -> str:
    """Draw two graphs side by side, or one above the other where they are wide.

    Args:
        truth: The first one.
        estimate: The other.
        sure: Confidence in each node of the other.
        title: What the picture is called.
        names: What stands above each of them.

    Returns:
        One SVG document that refers to nothing outside of itself. Nodes that the other graph has
        not are ringed.
    """
    missed, added = unpaired(truth, estimate)
    left = svg(truth, SPECS, title=names[0], marked=missed)
    right = svg(estimate, SPECS, sure, title=names[1], marked=added)
    (wide_a, high_a), (wide_b, high_b) = size(left), size(right)
    if wide_a + wide_b + GAP <= WIDEST:
        place, width, height = (wide_a + GAP, 0.0), wide_a + GAP + wide_b, max(high_a, high_b)
    else:
        place, width, height = (0.0, high_a + GAP), max(wide_a, wide_b), high_a + GAP + high_b
    name, whole = escape(title), height + HEAD + FOOT
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{name}" '
        f'width="{width:.0f}" height="{whole:.0f}" viewBox="0 0 {width:.0f} {whole:.0f}" '
        f'font-family="{FONT}"><title>{name}</title>'
        f'<rect width="100%" height="100%" rx="10" fill="{PAPER}"/>'
        f'<text x="24" y="26" font-size="16" font-weight="600" fill="{INK}">{name}</text>'
        f"{moved(left, 0.0, HEAD)}{moved(right, place[0], place[1] + HEAD)}"
        f'<text x="24" y="{whole - 10:.0f}" font-size="12" fill="{INK}">{NOTE}</text></svg>\n'
    )


def size(drawing: str) -> tuple[float, float]:
    """Return width and height of a drawing."""
    width, height = (
        float(drawing.partition(f' {name}="')[2].partition('"')[0]) for name in ("width", "height")
    )
    return width, height


def moved(drawing: str, x: float, y: float) -> str:
    """Return a drawing that stands inside another, its upper left corner at a place."""
    return drawing.replace("<svg ", f'<svg x="{x:.0f}" y="{y:.0f}" ', 1).strip()
