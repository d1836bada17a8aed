"""Put an estimated graph on whatever there is to hear it with."""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from graphophone.audio.files import resample
from graphophone.codec.passage import meeting
from graphophone.errors import UsageError
from graphophone.graph.model import Edge, Graph, Node
from graphophone.processors import SPECS
from graphophone.render.render import render
from graphophone.tensors import Stereo

TAKE = "take"
"""Name of the only source of a graph that was reduced to its bus."""


@dataclass(frozen=True)
class Take:
    """Dry audio to put a graph on.

    Attributes:
        tracks: A recording (2, time) for each source name; the key ``""`` stands for any.
        rate: Samples a second, the same for all.
        name: What it is called.
    """

    tracks: Mapping[str, Tensor]
    rate: int
    name: str

    @property
    def mixed(self) -> Stereo:
        """All tracks together."""
        longest = max(track.shape[1] for track in self.tracks.values())
        total = next(iter(self.tracks.values())).new_zeros(2, longest)
        for track in self.tracks.values():
            total[:, : track.shape[1]] += track
        return total


def built_in(graph: Graph) -> Take:
    """Return the built-in voice or kit, whichever has the sources of a graph."""
    from graphophone.sources import INSTRUMENTS, calibration  # which loads all that sings

    names = sources(graph)
    drums = any(name in INSTRUMENTS for name in names)
    dry = calibration("drums" if drums else "singing", 44_100)
    some = next(iter(dry.tracks.values()))
    tracks = {name: dry.tracks.get(name, some) for name in names}
    return Take(tracks, 44_100, "built-in kit" if drums else "built-in voice")


def sources(graph: Graph) -> tuple[str, ...]:
    """Name what enters a graph."""
    return tuple(str(graph.nodes[i].source) for i in graph.inputs)


def wear(graph: Graph, take: Take, *, as_is: bool = False) -> tuple[Stereo, tuple[str, ...]]:
    """Render a take through a graph, up to the end of its tail.

    A single take on a graph with several sources goes through what they all share, the bus.

    Returns:
        The wet take, and what was assumed.

    Raises:
        UsageError: The take has tracks, but not those of the graph.
    """
    names = sources(graph)
    if "" not in take.tracks:
        unknown = [name for name in take.tracks if name not in names]
        if unknown:
            raise UsageError(f"the graph has no input {unknown[0]!r} (it has {', '.join(names)})")
        return render(graph, take.tracks, take.rate, as_is=as_is, tail=True), ()
    audio = take.tracks[""]
    if len(names) == 1:
        return render(graph, {names[0]: audio}, take.rate, as_is=as_is, tail=True), ()
    example = " ".join(f"{name}={name}.wav" for name in names)
    notes = (
        f"{take.name} is one take and the graph has {len(names)} inputs: it went through what "
        f"they share, the bus; give stems ({example}) for all of it",
    )
    return render(bus(graph), {TAKE: audio}, take.rate, as_is=as_is, tail=True), notes


def bus(graph: Graph) -> Graph:
    """Reduce a graph with several sources to what they share, with one source.

    What used to come from a single track comes from the new source; where a track moved a
    knob, the knob stays where it stands.
    """
    start = meeting(graph, SPECS)
    keep = _reachable(graph, start)
    keep |= {
        i
        for i, node in enumerate(graph.nodes)
        if SPECS[node.type].group == "control"
        and not graph.incoming(i)
        and any(e.target in keep for e in graph.outgoing(i))
    }
    place = {old: new for new, old in enumerate(sorted(keep), start=1)}
    nodes = (Node("in", source=TAKE), *(graph.nodes[i] for i in sorted(keep)))
    edges: dict[tuple[int, str, int, str], Edge] = {}
    for e in graph.edges:
        if e.target not in keep:
            continue
        inside = e.source in keep
        if not inside and SPECS[graph.nodes[e.source].type].group == "control":
            continue
        edge = Edge(
            place[e.source] if inside else 0,
            place[e.target],
            e.outlet if inside else "out",
            e.inlet,
            e.gain_db if inside else 0.0,
            e.invert if inside else False,
            e.depth,
        )
        edges.setdefault(edge.ports, edge)
    return graph.with_parts(nodes, edges.values())


def _reachable(graph: Graph, start: int) -> set[int]:
    """Return all nodes that hear ``start``, itself among them."""
    seen, waiting = {start}, [start]
    while waiting:
        for e in graph.outgoing(waiting.pop()):
            if e.target not in seen:
                seen.add(e.target)
                waiting.append(e.target)
    return seen


def stems(tracks: Mapping[str, tuple[Stereo, int]], name: str, rate: int | None = None) -> Take:
    """Join stems into one take, at this rate or else at that of the first."""
    rate = rate or next(iter(tracks.values()))[1]
    return Take({key: resample(a, r, rate) for key, (a, r) in tracks.items()}, rate, name)
