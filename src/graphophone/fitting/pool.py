"""The graphs that a search goes on from."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from graphophone.graph.canonical import prototype
from graphophone.graph.model import Graph
from graphophone.processors import SPECS
from graphophone.render.knobs import Knobs

SIZE = 8


@dataclass(frozen=True, slots=True)
class Candidate:
    """A graph and what is known of it.

    Attributes:
        graph: In canonical form, settings to six significant digits, so that it survives being
            written down.
        distance: From the wet recording, as the search sees it.
        score: The same with the price of its nodes.
    """

    graph: Graph
    distance: float
    score: float


class Pool:
    """The best candidates, at most one of each structure.

    Args:
        members: To begin with.
    """

    def __init__(self, members: Iterable[Candidate] = ()) -> None:
        self.members: list[Candidate] = []
        for member in members:
            self.add(member)

    @property
    def best(self) -> Candidate:
        """The one with the lowest score."""
        return self.members[0]

    def add(self, one: Candidate) -> bool:
        """Take a candidate in if it is among the best, in the place of one built alike."""
        form = form_of(one.graph)
        for i, other in enumerate(self.members):
            if form_of(other.graph) == form:
                if other.score <= one.score:
                    return False
                del self.members[i]
                break
        self.members.append(one)
        self.members.sort(key=lambda c: (c.score, str(c.graph)))
        simple = self.simple()
        while len(self.members) > SIZE:
            spare = [c for c in self.members if c not in simple] or simple
            self.members.remove(spare[-1])
        return one in self.members

    def simple(self) -> list[Candidate]:
        """Return those that no smaller or equally small one is better than, the best first.

        They stay: a large graph that is nearly right must not drive out the small one from which
        the right one is a step away.
        """
        found: list[Candidate] = []
        for member in self.members:
            if not found or len(member.graph) < len(found[-1].graph):
                found.append(member)
        return found


def form_of(graph: Graph) -> Graph:
    """Return what is alike in graphs of one structure; the graph is in canonical form."""
    return prototype(graph)


def written(graph: Graph, knobs: Knobs, travel: list[float]) -> Graph:
    """Return a graph with settings of these travels, to six significant digits."""
    moved = knobs.written(knobs.travel.new_tensor(travel))
    return rounded(moved)


def plain(graph: Graph) -> Graph:
    """Return a graph without the names that its nodes have, and without notes."""
    nodes = [replace(node, id="") for node in graph.nodes]
    return replace(graph.with_parts(nodes, graph.edges), meta={})


def rounded(graph: Graph) -> Graph:
    """Return a graph whose settings have six significant digits."""
    nodes = [
        node.with_knobs(
            {
                name: SPECS[node.type].params[name].snap(float(f"{value:.6g}"))
                for name, value in node.params
            }
        )
        for node in graph.nodes
    ]
    edges = [
        replace(e, gain_db=float(f"{e.gain_db:.6g}"), depth=float(f"{e.depth:.6g}"))
        for e in graph.edges
    ]
    return graph.with_parts(nodes, edges)
