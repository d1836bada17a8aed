"""SVG: the drawing of the graph, with every knob."""

from graphophone.codec.drawing import svg
from graphophone.export.fidelity import Export, Fidelity
from graphophone.export.patch import Patch
from graphophone.export.target import Target, register
from graphophone.processors import ALL_SPECS


def write(patch: Patch, mode: str) -> Export:
    """Draw a graph."""
    document = svg(patch.graph, ALL_SPECS, title=patch.title)
    return Export(document.encode(), Fidelity.of(patch.graph))


register(Target("svg", ".svg", "a drawing that scales", write, sounds=False))
