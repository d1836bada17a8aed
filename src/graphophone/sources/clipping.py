"""How much of a recording was cut off where it got loud."""

import numpy as np

from graphophone.sources.dry import Mono

NEAR_PEAK = 0.98
FLAT = 1e-4
FEWEST = 3
STEP = 5e-4
STEPS = 4


def clipped_share(mono: Mono) -> float:
    """Return the share of samples (time,) that lie on flat tops.

    A flat top is three samples or more of one value, within 2 % of the loudest sample, that the
    signal reaches or leaves by a jump. A low tone that was never clipped also stands still at
    its crest for some samples of a coarse format, but comes there by the smallest of steps.
    The level at which it happened does not matter: who clips and then turns down is found too.
    """
    peak = float(np.abs(mono).max(initial=0.0))
    if peak == 0 or len(mono) < FEWEST + 2:
        return 0.0
    share = 0
    steps = np.abs(np.diff(mono))
    smallest = float(steps[steps > 0].min(initial=peak))  # of the format, where it is coarse
    least = max(STEP * peak, STEPS * smallest)
    for side in (mono, -mono):
        top = side >= NEAR_PEAK * peak
        same = np.abs(np.diff(side)) <= FLAT * peak
        # runs of neighbours that are equal and near the peak
        joined = np.concatenate([[False], same & top[1:] & top[:-1], [False]])
        edges = np.flatnonzero(np.diff(joined.astype(np.int8)))
        first, last = edges[::2], edges[1::2]  # samples of the runs, both inclusive
        count = last - first + 1
        before = side[first] - side[np.maximum(first - 1, 0)]
        after = side[last] - side[np.minimum(last + 1, len(side) - 1)]
        jump = np.maximum(before, after) >= least
        share += int(count[(count >= FEWEST) & jump].sum())
    return share / len(mono)
