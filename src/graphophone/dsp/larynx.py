"""A wave table read at a pitch that moves, from tables with fewer harmonics the higher it is."""

import numpy as np
import numpy.typing as npt

from graphophone.dsp.compile import kernel

Array = npt.NDArray[np.float64]


@kernel
def read(hertz: Array, rate: float, tables: Array, highest: Array, voiced: Array) -> Array:
    """Read one period after the other, with straight lines between a table's points.

    Args:
        hertz: Fundamental (time,), which moves little from sample to sample.
        rate: Samples a second.
        tables: One period each, (table, point).
        highest: Fundamental up to which each table serves, ascending; the last serves beyond.
        voiced: Where the result goes, (time,).

    Returns:
        How many periods have passed at each sample, (time,).
    """
    points, last = tables.shape[1], tables.shape[0] - 1
    turns, turned, table = np.empty_like(hertz), 0.0, 0
    for t in range(hertz.shape[0]):
        turned += hertz[t] / rate
        while table < last and hertz[t] > highest[table]:
            table += 1
        while table > 0 and hertz[t] <= highest[table - 1]:
            table -= 1
        place = (turned - np.floor(turned)) * points
        index = int(place)
        here = tables[table, index]
        there = tables[table, index + 1 if index + 1 < points else 0]
        voiced[t] = here + (place - index) * (there - here)
        turns[t] = turned
    return turns
