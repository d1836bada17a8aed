"""Mermaid: a diagram in text that pages of documentation draw themselves."""

from graphophone.codec.drawing import COLOURS
from graphophone.export.fidelity import Export, Fidelity
from graphophone.export.patch import Patch
from graphophone.export.target import Target, register
from graphophone.export.wording import cable, is_control, settings, title
from graphophone.processors import ALL_SPECS

KEPT = frozenset(" _.,+-/%")
"""Signs that mean nothing inside a label."""


def write(patch: Patch, mode: str) -> Export:
    """Write a graph in Mermaid."""
    graph = patch.graph
    lines = ["flowchart LR"]
    for i, node in enumerate(graph.nodes):
        label = "<br>".join([f"<b>{_clean(title(graph, i))}</b>", *map(_clean, settings(graph, i))])
        lines.append(f'  n{i}["{label}"]:::{ALL_SPECS[node.type].group}')
    for e in graph.edges:
        text = _clean(cable(graph, e))
        arrow = "-.->" if is_control(graph, e) else "-->"
        lines.append(f"  n{e.source} {arrow}" + (f'|"{text}"| ' if text else " ") + f"n{e.target}")
    lines += [f"  classDef {name} stroke:{colour}" for name, colour in COLOURS.items()]
    text = "\n".join(lines) + "\n"
    return Export(text.encode(), Fidelity.of(graph))


def _clean(text: str) -> str:
    """Return text in which nothing ends a label: all signs but letters and digits by number."""
    line = " ".join(text.split())
    return "".join(c if c.isalnum() or c in KEPT else f"#{ord(c)};" for c in line)


register(
    Target("mermaid", ".mmd", "a diagram in text for pages of documentation", write, sounds=False)
)
