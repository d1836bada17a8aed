"""The trajectory of a fit: step by step, each decided by the seed and its own number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from graphophone.fitting.descent import descend
from graphophone.fitting.evolution import evolve
from graphophone.fitting.free import fresh_nodes, movable, of_nodes, rough
from graphophone.fitting.moves import neighbour, sweep
from graphophone.fitting.objective import Objective
from graphophone.fitting.pool import Candidate, Pool, form_of, plain, rounded
from graphophone.fitting.surgery import smaller, tidy
from graphophone.graph.model import Graph
from graphophone.processors import SPECS
from graphophone.render.knobs import Knobs

NEIGHBOURS = 24
CHALLENGERS = (6, 2)
"""How many of them get their knobs set a little, and how many of those as far as it goes."""
SMALL, LARGE = {"generations": 1, "population": 6}, {"generations": 3, "population": 8}
ROUND = ("sweep", "descend", "grow", "evolve", "sweep", "reduce", "grow", "descend_other")
"""What steps do, over and over."""
SIMPLE = 0.35
"""How often a step goes on from one of the simplest candidates."""
STARTS = 2
"""Candidates whose knobs are set right before any structure is changed."""


@dataclass
class State:
    """All that a search knows; plain data but for the pool.

    Attributes:
        step: Steps that were done.
        pool: The best candidates.
        curve: Score of the best candidate after each step.
        prior: How likely types are to be drawn, 1 where nothing is said.
    """

    pool: Pool
    prior: Mapping[str, float]
    step: int = 0
    curve: list[float] = field(default_factory=list)


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
        return search

    def advance(self) -> None:
        """Do one step; what it does depends on the state, the seed and its number alone."""
        state = self.state
        rng = Random(f"fit/{self.seed}/{state.step}")
        kind = ROUND[state.step % len(ROUND)]
        before, whole = list(state.pool.members), False
        try:
            if state.step < min(STARTS, len(before)):  # the starts get their knobs right first
                self._enter([descend(self.objective, before[state.step].graph, rng)])
            else:
                getattr(self, f"_{kind}")(rng)
            whole = True
        finally:
            if not whole:  # an interrupt leaves no half a step
                state.pool.members = before
        state.step += 1
        state.curve.append(state.pool.best.score)

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

    def _sweep(self, rng: Random) -> None:
        """Try every type in one place of one candidate."""
        parent = self._drawn(rng).graph
        form = form_of(parent)
        children = [rounded(child) for child in sweep(parent, rng) if form_of(child) != form]
        self._challenge(parent, children, rng)

    def _challenge(self, parent: Graph, children: list[Graph], rng: Random) -> None:
        """Set the knobs of the best of some children, and take those in that are worth it."""
        if not children:
            return
        distances = self.objective.distances(children)
        order = sorted(range(len(children)), key=lambda i: distances[i])
        chosen: list[Graph] = []
        for i in order:  # one of each structure
            if all(form_of(children[i]) != form_of(other) for other in chosen):
                chosen.append(children[i])
            if len(chosen) == CHALLENGERS[0]:
                break
        for keep, effort, spread in zip(CHALLENGERS, (SMALL, LARGE), (0.3, 0.15), strict=True):
            distances = self.objective.distances(chosen)
            order = sorted(range(len(chosen)), key=lambda i: distances[i])
            chosen = [self._set(chosen[i], parent, rng, spread, effort) for i in order[:keep]]
        self._enter(chosen)

    def _set(
        self, child: Graph, parent: Graph, rng: Random, spread: float, effort: Mapping[str, int]
    ) -> Graph:
        """Evolve the knobs of what is new in a graph."""
        knobs = Knobs(child, SPECS)
        places = of_nodes(knobs, fresh_nodes(child, parent)) or movable(knobs)
        return evolve(self.objective, child, places, rng, spread=spread, **effort)

    def _descend(self, rng: Random) -> None:
        """Follow the slope of the best candidate."""
        self._enter([descend(self.objective, self.state.pool.best.graph, rng)])

    def _descend_other(self, rng: Random) -> None:
        """Follow the slope of any candidate."""
        self._enter([descend(self.objective, self._drawn(rng).graph, rng)])

    def _evolve(self, rng: Random) -> None:
        """Evolve what has no slope, or anything where all has one."""
        graph = self.state.pool.best.graph
        knobs = Knobs(graph, SPECS)
        hard = rough(knobs)
        places = hard if hard and rng.random() < 0.6 else movable(knobs)
        spread = rng.choice((0.02, 0.08, 0.25))
        self._enter([evolve(self.objective, graph, places, rng, spread=spread)])

    def _reduce(self, rng: Random) -> None:
        """Leave out what is not worth its price."""
        self._enter([rounded(form) for form in smaller(self.state.pool.best.graph)])

    def _drawn(self, rng: Random) -> Candidate:
        """Draw a candidate: the better the likelier, or any of those that are simple."""
        if rng.random() < SIMPLE:
            return rng.choice(self.state.pool.simple())
        members = self.state.pool.members
        return rng.choices(members, [0.6**i for i in range(len(members))])[0]

    def _enter(self, graphs: Sequence[Graph]) -> None:
        if not graphs:
            return
        for graph, distance in zip(graphs, self.objective.distances(graphs), strict=True):
            if distance < float("inf"):
                score = distance + self.objective.cost(graph)
                self.state.pool.add(Candidate(graph, distance, score))
