"""What was estimated, kept beside the patch: how sure each part is, and what came second."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from graphophone.codec.json import from_json, to_json
from graphophone.errors import UsageError
from graphophone.graph.compare import match_nodes
from graphophone.graph.model import Edge, Graph, Node
from graphophone.report.wear import TAKE
from graphophone.studio.patch import Patch


@dataclass(frozen=True)
class Reading:
    """One graph that was heard, and the share of the vote for it."""

    graph: Graph
    share: float
    sentence: str


@dataclass(frozen=True)
class RunnerUp:
    """What another reading has where the estimate has a certain node."""

    node: Node
    share: float


@dataclass(frozen=True)
class Readings:
    """All readings of a recording, frozen on the take; the estimate itself is the first.

    Attributes:
        readings: The estimate, then the alternatives, the strongest first.
        confidence: How sure each node, cable and knob of the estimate is, as
            :attr:`graphophone.models.listen.Estimate.confidence` gives it.
        task: What the recording was taken for.
        notes: What was assumed, in sentences.
    """

    readings: tuple[Reading, ...] = ()
    confidence: Mapping[str, Any] = field(default_factory=dict)
    task: str = ""
    notes: tuple[str, ...] = ()

    def knows(self, name: str) -> bool:
        """Whether a node is one of the estimate's."""
        return name in self.confidence.get("nodes", {})

    def type_of(self, name: str) -> str | None:
        """Return what the estimate has by this id, if it has anything."""
        nodes = self.readings[0].graph.nodes if self.readings else ()
        return next((node.type for node in nodes if node.id == name), None)

    def reading(self, number: int | None) -> Patch:
        """Return one of the readings, untouched; without a number, one that does nothing.

        Raises:
            UsageError: There is none of this number.
        """
        if number is None:
            return Patch(nothing(self.readings[0].graph if self.readings else None))
        if number >= len(self.readings):
            raise UsageError(f"there are {len(self.readings)} readings, got {number + 1}")
        return Patch(self.readings[number].graph)

    def runner_up(self, name: str) -> RunnerUp | None:
        """Return what the strongest alternative that differs there has in a node's place.

        Nodes of both graphs are paired; a node of the alternative stands in the place of one
        that found no partner if the most of their neighbours are partners, at least one.
        """
        if not self.readings:
            return None
        mine = self.readings[0].graph
        place = next((i for i, node in enumerate(mine.nodes) if node.id == name), None)
        if place is None or mine.nodes[place].type in ("in", "out"):
            return None
        for other in self.readings[1:]:
            pairs = dict(match_nodes(mine, other.graph))
            if place not in pairs:
                found = _in_place(mine, place, other.graph, pairs)
                if found is not None:
                    return RunnerUp(found, other.share)
        return None

    def to_json(self) -> dict[str, Any]:
        """Return all of it as plain data."""
        return {
            "readings": [
                {"graph": to_json(r.graph), "share": r.share, "sentence": r.sentence}
                for r in self.readings
            ],
            "confidence": dict(self.confidence),
            "task": self.task,
            "notes": list(self.notes),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Readings":
        """Read what :meth:`to_json` gave."""
        return cls(
            tuple(
                Reading(from_json(r["graph"]), r["share"], r["sentence"])
                for r in document["readings"]
            ),
            document["confidence"],
            document["task"],
            tuple(document["notes"]),
        )


def nothing(like: Graph | None) -> Graph:
    """Return the graph that passes on what it gets, with the sources of another one."""
    if like is None:
        nodes = (Node("in", source=TAKE, id=TAKE), Node("out", id="out"))
        return Graph(nodes, (Edge(0, 1),), energy="frozen")
    ins = [like.nodes[i] for i in like.inputs]
    both_ends = (*ins, like.nodes[like.output])
    return like.with_parts(both_ends, (Edge(i, len(ins)) for i in range(len(ins))))


def named(graph: Graph) -> Graph:
    """Return the same graph with an id of its own for each node."""
    taken = {node.id for node in graph.nodes if node.id}
    nodes, seen = [], set[str]()
    for i, node in enumerate(graph.nodes):
        name = node.id
        if not name or name in seen:
            name = next(
                n for k in range(len(graph) + 1) if (n := f"n{i + k * len(graph)}") not in taken
            )
            taken.add(name)
        seen.add(name)
        nodes.append(replace(node, id=name))
    return graph.with_parts(nodes, graph.edges)


def _in_place(mine: Graph, place: int, other: Graph, pairs: Mapping[int, int]) -> Node | None:
    """Return the node of another graph that has the neighbours of a node of this one."""
    before = {pairs[e.source] for e in mine.incoming(place) if e.source in pairs}
    after = {pairs[e.target] for e in mine.outgoing(place) if e.target in pairs}
    best, most = None, 0
    for i, node in enumerate(other.nodes):
        if i in pairs.values() or node.type in ("in", "out"):
            continue
        shared = len(before & {e.source for e in other.incoming(i)})
        shared += len(after & {e.target for e in other.outgoing(i)})
        if shared > most:
            best, most = node, shared
    return best
