"""Names that formats must survive."""

from graphophone.graph.build import GraphBuilder
from graphophone.graph.model import Graph
from graphophone.processors import SPECS

NAMES = (
    'x"); process = 1; //',
    "*/ #include <stdio.h>",
    '"""\nimport os\nos.system("true")\n"""',
    "'; exit(1) #",
    "</title><script>alert(1)</script>&amp;",
    '"]; n0 -> n1; subgraph {',
    "a\\",
    "$\\frac{1}{0}$",
    "{title} %s {0}",
    "[unit:dB][hidden:1]/../v:group",
    "\u202eтест\x00\x1b[31m",
    " ",
)


def graph(name: str) -> Graph:
    """A small graph whose names are all ``name``."""
    builder = GraphBuilder(SPECS)
    voice = builder.add("in", source=name, id=name)
    drive, out = builder.add("distortion", id=f"{name}1"), builder.add("out", id=f"{name}2")
    pan, lfo = builder.add("panning", id=f"{name}3"), builder.add("mono_lfo", id=f"{name}4")
    builder.chain(voice, drive, pan, out)
    builder.connect(lfo, pan, inlet="pan", depth=0.3)
    return builder.graph(energy="plain", meta={"name": name, "author": name})
