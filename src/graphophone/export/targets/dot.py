"""DOT: a diagram in Graphviz' language, for papers and for other tools on graphs."""

from html import escape

from graphophone.codec.drawing import COLOURS
from graphophone.export.fidelity import Export, Fidelity
from graphophone.export.patch import Patch
from graphophone.export.target import Target, register
from graphophone.export.wording import cable, is_control, settings, title
from graphophone.graph.model import Graph
from graphophone.processors import ALL_SPECS


def write(patch: Patch, mode: str) -> Export:
    """Write a graph in DOT."""
    graph = patch.graph
    lines = [
        f"digraph {_quoted(patch.title)} {{",
        "  rankdir=LR;",
        '  node [shape=plain, fontname="sans-serif"];',
        '  edge [fontname="sans-serif", fontsize=10];',
    ]
    lines += [f"  n{i} [label={_table(graph, i)}];" for i in range(len(graph))]
    for e in graph.edges:
        look = (
            ', style=dashed, color="{}"'.format(COLOURS["control"]) if is_control(graph, e) else ""
        )
        lines.append(f"  n{e.source} -> n{e.target} [label={_quoted(cable(graph, e))}{look}];")
    text = "\n".join([*lines, "}"]) + "\n"
    return Export(text.encode(), Fidelity.of(graph))


def _quoted(text: str) -> str:
    """Return a string of DOT, in which a backslash has a meaning and a newline ends nothing."""
    line = _line(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{line}"'


def _line(text: str) -> str:
    """Return text as one line without signs that cannot be seen."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _table(graph: Graph, node: int) -> str:
    """Return a label like HTML: a title, and a line for each knob."""
    colour = COLOURS[ALL_SPECS[graph.nodes[node].type].group]
    name = escape(_line(title(graph, node))) or "-"  # an empty cell would be an error
    rows = [f'<tr><td bgcolor="{colour}"><font color="white">{name}</font></td></tr>']
    rows += [f'<tr><td align="left">{escape(text)}</td></tr>' for text in settings(graph, node)]
    return f'<<table border="0" cellborder="1" cellspacing="0">{"".join(rows)}</table>>'


register(Target("dot", ".dot", "a diagram for Graphviz", write, sounds=False))
