"""One setting at a time that no slope leads to: looked at from end to end, then ever closer."""

from graphophone.fitting.objective import Objective
from graphophone.fitting.pool import written
from graphophone.graph.model import Graph
from graphophone.processors import SPECS
from graphophone.render.knobs import Knobs

POINTS = 12
ZOOMS = 4
"""From the whole of its travel to a few ten-thousandths of it."""
INTERVALS = 49
"""Points of the first row for an interval: notes that are not the same are all alike wrong."""


def scan(
    objective: Objective, graph: Graph, place: int, *, width: float = 0.5, zooms: int = ZOOMS
) -> Graph:
    """Return a graph with a better setting, or the graph itself if none was found.

    A distance falls smoothly from afar and has its narrow hole inside, where the waveforms meet. So
    a row of settings is looked at, then one as wide as a step of that around the best, and so on.
    The first row of a delay also has the times at which the wet recording answers.

    Args:
        objective: What is to become small.
        graph: A finished graph.
        place: Position of the setting, as in :class:`Knobs`.
        width: Travel to either side of where it stands that is looked at first.
        zooms: Rows.
    """
    knobs = Knobs(graph, SPECS)
    param, start = knobs.places[place].param, knobs.travel.tolist()
    best, found, middle = objective.distances([graph])[0], graph, start[place]
    for zoom in range(zooms):
        points = INTERVALS if param.unit == "semitones" and zoom == 0 else POINTS
        step = 2 * width / (points - 1)
        row = [middle - width + step * i for i in range(points)]
        row = [t % 1.0 if param.circular else min(max(t, 0.0), 1.0) for t in row]
        if zoom == 0 and knobs.places[place].name == "delay":
            row += map(param.to_travel, objective.answers.times(param.low, param.high))
        tried = []
        for travel in dict.fromkeys(row):
            moved = list(start)
            moved[place] = travel
            tried.append((travel, written(graph, knobs, moved)))
        values = objective.distances([one for _, one in tried])
        low = min(range(len(tried)), key=values.__getitem__)
        if values[low] < best:
            best, (middle, found) = values[low], tried[low]
        width = step
    return found
