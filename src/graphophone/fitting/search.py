"""The trajectory of a fit: step by step, each decided by the seed and its own number."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from graphophone.fitting.descent import descend
from graphophone.fitting.evolution import evolve
from graphophone.fitting.free import fresh_nodes, movable, of_nodes, rough
from graphophone.fitting.keeping import Kept, keep
from graphophone.fitting.moves import neighbour, places, swaps, sweep
from graphophone.fitting.newton import refine
from graphophone.fitting.objective import Objective
from graphophone.fitting.pool import Candidate, Pool, form_of, plain, rounded
from graphophone.fitting.scanning import scan
from graphophone.fitting.surgery import smaller, tidy
from graphophone.graph.model import Graph
from graphophone.processors import SPECS
from graphophone.render.knobs import Knobs

NEIGHBOURS = 24
DRAWS = 3
"""Settings with which each type is tried in a place."""
CHALLENGERS = (12, 2)
"""How many of them get their knobs set a little, and how many of those as far as it goes."""
FEW = 12
"""Knobs that are set by least squares at once; each is a rendering."""
SCANNED = 3
"""Knobs without a slope that are looked at from end to end in one step."""
ROUND = (
    *("sweep", "sweep", "refine", "sweep", "order", "sweep", "grow"),
    *("sweep", "evolve", "sweep", "reduce", "refine", "sweep", "descend"),
)
"""What steps do, over and over."""
SIMPLE = 0.65
"""How often a sweep goes on from one of the simplest candidates."""
STARTS = 2
"""Candidates whose knobs are set right before any structure is changed."""


@dataclass
class State:
    """All that a search knows; plain data but for the pool and what it would hand over.

    Attributes:
        step: Steps that were done.
        pool: The best candidates.
        curve: Score of the best candidate after each step.
        prior: How likely types are to be drawn, 1 where nothing is said.
        kept: What would be handed over now.
        swept: How many places of a structure had every type tried in them, by a hash of it.
    """

    pool: Pool
    prior: Mapping[str, float]
    step: int = 0
    curve: list[float] = field(default_factory=list)
    kept: Kept | None = None
    swept: dict[str, int] = field(default_factory=dict)


class Search:
    """A search for the graph with the lowest score.

    Args:
        objective: What is to become small.
        state: Where it stands.
        seed: Decides every draw, together with the number of the step.
    """

    def __init__(self, objective: Objective, state: State, seed: int) -> None:
        self.objective, self.state, self.seed = objective, state, seed

    @classmethod
    def begin(
        cls,
        objective: Objective,
        starts: Sequence[Graph],
        seed: int,
        prior: Mapping[str, float] | None = None,
    ) -> "Search":
        """Begin with some graphs, each of which takes part if it is valid."""
        forms = [form for graph in starts if (form := tidy(plain(graph)))]
        search = cls(objective, State(Pool(), prior or {}), seed)
        search._enter([rounded(form) for form in dict.fromkeys(forms)])
        search.state.curve.append(search.state.pool.best.score)
        search.state.kept = keep(objective, search.state.pool.best.graph, None)
        return search

    def advance(self) -> None:
        """Do one step; what it does depends on the state, the seed and its number alone."""
        state = self.state
        rng = Random(f"fit/{self.seed}/{state.step}")
        kind = ROUND[state.step % len(ROUND)]
        members, swept, whole = list(state.pool.members), dict(state.swept), False
        try:
            if state.step < min(STARTS, len(members)):  # the starts get their knobs right first
                self._enter([self._settled(members[state.step].graph, rng)])
            else:
                getattr(self, f"_{kind}")(rng)
            kept = keep(self.objective, state.pool.best.graph, state.kept)
            whole = True
        finally:
            if not whole:  # an interrupt leaves no half a step
                state.pool.members, state.swept = members, swept
        state.kept = kept
        state.step += 1
        state.curve.append(state.pool.best.score)

    def _sweep(self, rng: Random) -> None:
        """Try every type in one place of one candidate, in each place once before any again."""
        graph = self._least_swept(rng)
        name = _name(graph)
        count = self.state.swept.get(name, 0)
        order = Random(f"places/{name}").sample(range(places(graph)), places(graph))
        place = order[count % len(order)]
        children = sweep(graph, rng, place, DRAWS, self.objective.answers.times)
        form = form_of(graph)
        self._challenge(graph, [rounded(c) for c in children if form_of(c) != form], rng)
        self.state.swept[name] = count + 1

    def _least_swept(self, rng: Random) -> Graph:
        """Draw a candidate: of the simplest one by one, or the better and newer the likelier."""
        swept = self.state.swept
        simple, members = self.state.pool.simple(), self.state.pool.members
        rounds = {c: swept.get(_name(c.graph), 0) / places(c.graph) for c in (*members, *simple)}
        if rng.random() < SIMPLE:
            return min(simple, key=lambda c: rounds[c]).graph
        weights = [0.6 ** (i + min(rounds[c], 100.0)) for i, c in enumerate(members)]
        return rng.choices(members, weights)[0].graph

    def _grow(self, rng: Random) -> None:
        """Try neighbours of one candidate."""
        parent = self._drawn(rng).graph
        found: dict[Graph, None] = {}
        for _ in range(3 * NEIGHBOURS):
            child = neighbour(parent, rng, self.state.prior)
            if child is not None and form_of(child) != form_of(parent):
                # One structure may be there with several settings: they decide if it is heard.
                found[rounded(child)] = None
            if len(found) == NEIGHBOURS:
                break
        self._challenge(parent, list(found), rng)

    def _order(self, rng: Random) -> None:
        """Try other orders of one candidate: one exchange, and two of them."""
        parent = self._drawn(rng).graph
        found = {child: None for one in swaps(parent) for child in (one, *swaps(one))}
        forms = [form for child in found if (form := tidy(child))]
        self._challenge(parent, [f for f in forms if form_of(f) != form_of(parent)], rng)

    def _challenge(self, parent: Graph, children: Sequence[Graph], rng: Random) -> None:
        """Set the knobs of the best of some children, and take those in that are worth it."""
        near, chosen = self.objective.excerpt, list[Graph]()
        for child in _ranked(near, children):  # one of each structure
            if all(form_of(child) != form_of(other) for other in chosen):
                chosen.append(child)
            if len(chosen) == CHALLENGERS[0]:
                break
        chosen = [refine(near, c, self._new(c, parent, rng), iterations=1) for c in chosen]
        best = _ranked(self.objective, chosen)[: CHALLENGERS[1]]
        standing, *values = self.objective.distances([parent, *best])
        self._enter(
            [
                self._settled(child, rng, parent) if value < standing else child
                for child, value in zip(best, values, strict=True)
            ]
        )

    def _settled(self, graph: Graph, rng: Random, parent: Graph | None = None) -> Graph:
        """Set knobs right: first those that have no slope, if they are new, then any."""
        knobs = Knobs(graph, SPECS)
        new = movable(knobs) if parent is None else of_nodes(knobs, fresh_nodes(graph, parent))
        for place in _few(sorted({*new} & {*rough(knobs)}), rng, SCANNED):
            graph = scan(self.objective.excerpt, graph, place, zooms=3)
        if len(movable(knobs)) > 2 * FEW:  # a slope costs the same for many as for few
            return descend(self.objective, graph, rng)
        return refine(self.objective, graph, _few(movable(knobs), rng), iterations=2)

    def _new(self, child: Graph, parent: Graph, rng: Random) -> list[int]:
        """Return what may move in a child first: what is new in it."""
        knobs = Knobs(child, SPECS)
        return of_nodes(knobs, fresh_nodes(child, parent)) or _few(movable(knobs), rng)

    def _refine(self, rng: Random) -> None:
        """Set the knobs of the best candidate by least squares."""
        graph = self.state.pool.best.graph
        few = _few(movable(Knobs(graph, SPECS)), rng)
        self._enter([refine(self.objective, graph, few)])

    def _descend(self, rng: Random) -> None:
        """Follow the slope of any candidate."""
        self._enter([descend(self.objective, self._drawn(rng).graph, rng)])

    def _evolve(self, rng: Random) -> None:
        """Look for one setting without a slope from end to end, or evolve several."""
        graph = self.state.pool.best.graph
        knobs = Knobs(graph, SPECS)
        hard = rough(knobs)
        if hard and rng.random() < 0.5:
            found = scan(self.objective, graph, rng.choice(hard))
            self._enter([refine(self.objective, found, _few(movable(knobs), rng), iterations=1)])
            return
        moving = hard if hard and rng.random() < 0.6 else movable(knobs)
        spread = rng.choice((0.02, 0.08, 0.25))
        self._enter([evolve(self.objective, graph, moving, rng, spread=spread)])

    def _reduce(self, rng: Random) -> None:
        """Leave out what is not worth its price."""
        self._enter([rounded(form) for form in smaller(self.state.pool.best.graph)])

    def _drawn(self, rng: Random) -> Candidate:
        """Draw a candidate: the better the likelier."""
        members = self.state.pool.members
        return rng.choices(members, [0.6**i for i in range(len(members))])[0]

    def _enter(self, graphs: Sequence[Graph]) -> None:
        if not graphs:
            return
        for graph, distance in zip(graphs, self.objective.distances(graphs), strict=True):
            if distance < float("inf"):
                score = distance + self.objective.cost(graph)
                self.state.pool.add(Candidate(graph, distance, score))


def _ranked(objective: Objective, graphs: Sequence[Graph]) -> list[Graph]:
    """Return graphs, the nearest first."""
    distances = objective.distances(graphs)
    return [graphs[i] for i in sorted(range(len(graphs)), key=distances.__getitem__)]


def _few(moving: list[int], rng: Random, most: int = FEW) -> list[int]:
    return sorted(rng.sample(moving, most)) if len(moving) > most else moving


def _name(graph: Graph) -> str:
    """Return a short name of a structure."""
    return hashlib.sha256(str(form_of(graph)).encode()).hexdigest()[:16]
