"""Settings by gradient: several starts as one batch, by the slope of the distance itself."""

from random import Random

import torch

from graphophone.fitting.free import movable
from graphophone.fitting.objective import Objective
from graphophone.fitting.pool import written
from graphophone.graph.model import Graph
from graphophone.processors import SPECS
from graphophone.render.knobs import Knobs

ROWS = 3
ITERATIONS = 6
RATES = (0.003, 0.03)
"""Travel that a knob moves in one iteration: the smallest and the largest that is drawn."""
SPREAD = 0.1
"""Standard deviation, in travel, of the other starts around the first."""


def descend(
    objective: Objective,
    graph: Graph,
    rng: Random,
    *,
    rows: int = ROWS,
    iterations: int = ITERATIONS,
) -> Graph:
    """Return a graph with better settings, or the graph itself if none were found.

    Adam (D. P. Kingma and J. Ba, ICLR 2015) moves all rows at once; the first starts where the
    graph stands, the others near it. The best of all that was rendered on the way is taken.

    Args:
        objective: What is to become small.
        graph: A finished graph.
        rng: Decides the starts and the size of the steps.
        rows: Starts.
        iterations: Steps of each.
    """
    knobs = Knobs(graph, SPECS)
    free = movable(knobs)
    if not free:
        return graph
    distance = objective.slope(graph)
    generator = torch.Generator().manual_seed(rng.getrandbits(32))
    mask = torch.zeros_like(knobs.travel)
    mask[free] = 1.0
    start = knobs.travel.expand(rows, -1).clone()
    noise = torch.randn(start.shape, generator=generator, dtype=torch.float64) * SPREAD
    keep = torch.rand(start.shape, generator=generator, dtype=torch.float64) < 0.5
    noise[0] = 0.0
    travel = (start + noise * keep * mask).clamp(0, 1).requires_grad_()
    rate = RATES[0] * (RATES[1] / RATES[0]) ** rng.random()
    adam = torch.optim.Adam([travel], lr=rate, betas=(0.8, 0.95))
    best, where = float("inf"), knobs.travel
    for number in range(iterations + 1):
        with torch.set_grad_enabled(number < iterations):
            values = distance(travel)
        low = int(values.nan_to_num(nan=torch.inf).argmin())
        if number == 0:
            best = float(values[0].detach())
        if float(values[low].detach()) < best:
            best, where = float(values[low].detach()), travel[low].detach().clone()
        if number == iterations:
            break
        adam.zero_grad()
        values.sum().backward()  # type: ignore[no-untyped-call]
        if travel.grad is None:
            break
        travel.grad.nan_to_num_(nan=0.0, posinf=0.0, neginf=0.0).mul_(mask)
        adam.step()
        with torch.no_grad():
            travel.clamp_(0, 1)
    return written(graph, knobs, where.tolist())
