"""Settings without a useful gradient: evolved, a generation of graphs as one batch."""

from collections.abc import Sequence
from random import Random

import numpy as np
from cmaes import CMA

from graphophone.fitting.objective import Objective
from graphophone.fitting.pool import written
from graphophone.graph.model import Graph
from graphophone.processors import SPECS
from graphophone.render.knobs import Knobs

POPULATION = 10
GENERATIONS = 4
MOST = 10
"""Settings that are evolved at once; more than that, and a few generations find nothing."""


def evolve(
    objective: Objective,
    graph: Graph,
    places: Sequence[int],
    rng: Random,
    *,
    spread: float = 0.2,
    generations: int = GENERATIONS,
    population: int = POPULATION,
) -> Graph:
    """Return a graph with better settings, or the graph itself if none were found.

    CMA-ES (N. Hansen and A. Ostermeier, Evolutionary Computation 9(2), 2001) on knob travel.

    Args:
        objective: What is to become small.
        graph: A finished graph.
        places: Positions of the settings that may move, as in :class:`Knobs`.
        rng: Decides the draws, and which settings where there are many.
        spread: Standard deviation of the first generation, in travel.
        generations: How many.
        population: Graphs in each.
    """
    chosen = sorted(rng.sample(list(places), MOST) if len(places) > MOST else places)
    if not chosen:
        return graph
    knobs = Knobs(graph, SPECS)
    start = knobs.travel.numpy()
    width = max(2, len(chosen))  # one alone has no covariance: a second one moves nothing
    mean = np.full(width, 0.5)
    mean[: len(chosen)] = start[chosen].clip(0.0, 1.0)
    bounds = np.array([[-0.001, 1.001]] * width)
    optimiser = CMA(
        mean=mean,
        sigma=spread,
        bounds=bounds,
        seed=rng.getrandbits(31),
        population_size=population,
    )
    best, found = objective.distances([graph])[0], graph
    for _ in range(generations):
        asked = [optimiser.ask() for _ in range(population)]
        graphs = []
        for point in asked:
            travel = start.copy()
            travel[chosen] = point[: len(chosen)].clip(0.0, 1.0)
            graphs.append(written(graph, knobs, travel.tolist()))
        values = objective.distances(graphs)
        low = min(range(population), key=lambda i: values[i])
        if values[low] < best:
            best, found = values[low], graphs[low]
        if not all(np.isfinite(values)):
            break
        optimiser.tell(list(zip(asked, values, strict=True)))
        if optimiser.should_stop():
            break
    return found
