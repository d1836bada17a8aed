"""Kernels of one tank on a GPU: combs side by side, all-passes in a row, and their slopes."""

from typing import Any

from numba import cuda, float64, int64

from graphophone.dsp.cuda.kernels import inner, kernel
from graphophone.dsp.diffusion_loops import DIFFUSION
from graphophone.dsp.subnormals import TINY

COMBS, RINGS = 8, 12
"""Of a tank: combs, and with them its all-passes."""


@inner
def audible(value: float) -> float:
    """Return zero for what is too small to hear."""
    return value if abs(value) > TINY else 0.0


@inner
def diffused(ring: Any, at: int, bend: float, lates: Any, j: int, x: float) -> float:
    """Return what an all-pass makes of a sample, and write its ring and its state on."""
    heard = float64(ring[at])
    y = bend * heard + lates[j]
    lates[j] = audible(heard - bend * y)
    w = x + DIFFUSION * y
    ring[at] = audible(w)
    out: float = y - DIFFUSION * w
    return out


@inner
def onwards(at: int, length: int) -> int:
    """Return the next place in a ring; a remainder would take longer than all else."""
    return at + 1 if at + 1 < length else 0


@kernel
def run(
    fed: Any,
    gains: Any,
    poles: Any,
    lengths: Any,
    starts: Any,
    bends: Any,
    heads: Any,
    lows: Any,
    lines: Any,
    tails: Any,
) -> None:
    """Write what each tank makes of what it is fed, (time, tanks)."""
    tank = cuda.grid(1)
    if tank < fed.shape[1]:
        pole, line = poles[tank // 2], lines[tank]
        low, place = cuda.local.array(RINGS, float64), cuda.local.array(RINGS, int64)
        for j in range(RINGS):
            low[j], place[j] = lows[tank, j], heads[tank, j]
        for t in range(fed.shape[0]):
            x, total = float64(fed[t, tank]), 0.0
            for j in range(COMBS):
                at = starts[tank, j] + place[j]
                y = float64(line[at])
                low[j] = audible((1 - pole) * y + pole * low[j])
                line[at] = x + gains[tank, j] * low[j]
                total += y
            for j in range(COMBS, RINGS):
                at = starts[tank, j] + place[j]
                total = diffused(line, at, bends[tank, j - COMBS], low, j, total)
            for j in range(RINGS):
                place[j] = onwards(place[j], lengths[tank, j])
            tails[t, tank] = total
        for j in range(RINGS):
            lows[tank, j], heads[tank, j] = low[j], place[j]


@kernel
def run_bent(
    fed: Any,
    gains: Any,
    poles: Any,
    to_gains: Any,
    to_poles: Any,
    levels: Any,
    lengths: Any,
    starts: Any,
    bends: Any,
    heads: Any,
    lows: Any,
    lines: Any,
    drifts: Any,
    moves: Any,
    tails: Any,
    slopes: Any,
) -> None:
    """Do so, and write the derivative along the slopes of gains, poles and levels as well."""
    tank = cuda.grid(1)
    if tank < fed.shape[1]:
        pole, bend, level = poles[tank // 2], to_poles[tank // 2], levels[tank]
        line, moved = lines[tank], moves[tank]
        low, drift = cuda.local.array(RINGS, float64), cuda.local.array(RINGS, float64)
        place = cuda.local.array(RINGS, int64)
        for j in range(RINGS):
            low[j], drift[j], place[j] = lows[tank, j], drifts[tank, j], heads[tank, j]
        for t in range(fed.shape[0]):
            x, total, slope = float64(fed[t, tank]), 0.0, 0.0
            for j in range(COMBS):
                at = starts[tank, j] + place[j]
                y, z = float64(line[at]), float64(moved[at])
                drift[j] = audible((1 - pole) * z + pole * drift[j] + bend * (low[j] - y))
                low[j] = audible((1 - pole) * y + pole * low[j])
                line[at] = x + gains[tank, j] * low[j]
                moved[at] = level * x + (to_gains[tank, j] * low[j] + gains[tank, j] * drift[j])
                total += y
                slope += z
            for j in range(COMBS, RINGS):
                at = starts[tank, j] + place[j]
                total = diffused(line, at, bends[tank, j - COMBS], low, j, total)
                slope = diffused(moved, at, bends[tank, j - COMBS], drift, j, slope)
            for j in range(RINGS):
                place[j] = onwards(place[j], lengths[tank, j])
            tails[t, tank], slopes[t, tank] = total, slope
