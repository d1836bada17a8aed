"""Graphs that are small enough to count by hand."""

from graphophone.graph.build import GraphBuilder
from graphophone.graph.model import Graph
from graphophone.processors import SPECS


def chain(*types: str, source: str = "voice") -> Graph:
    """A finished graph of processors in series, every knob at its default."""
    patch = GraphBuilder(SPECS)
    nodes = [patch.add("in", source=source), *(patch.add(t) for t in types), patch.add("out")]
    patch.chain(*nodes)
    return patch.graph()


def kit(**tracks: tuple[str, ...]) -> Graph:
    """A finished mix: a chain for each track, all into one mix."""
    patch = GraphBuilder(SPECS)
    ends = []
    for source, types in tracks.items():
        ends.append(patch.chain(patch.add("in", source=source), *(patch.add(t) for t in types)))
    mix, out = patch.add("mix"), patch.add("out")
    for end in ends:
        patch.connect(end, mix)
    patch.connect(mix, out)
    return patch.graph()
