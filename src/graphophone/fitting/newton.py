"""Settings by least squares: what is left of the wet recording is taken for linear in the knobs."""

from collections.abc import Sequence

import torch
from torch import Tensor

from graphophone.audio.losses import magnitudes
from graphophone.fitting.free import movable
from graphophone.fitting.objective import SEARCH_OVERLAP, Objective
from graphophone.fitting.pool import written
from graphophone.graph.model import Graph
from graphophone.processors import SPECS
from graphophone.render.knobs import Knobs

STEP = 0.01
"""Travel by which a knob is moved to see what it does."""
PART = 0.25
"""Of a sample, by which a delay line is: its waveform is a straight line no further."""
BOLD = (((1.0, 1.0), 1e-3), ((1.0, 1.0), 1e-1), ((1.0, 0.0), 1e-2), ((0.0, 1.0), 1e-3))
"""How much levels and waveform count, and the damping, of each step that is tried at once."""
CAREFUL = (((1.0, 1.0), 1.0), ((1.0, 0.0), 1.0), ((1.0, 1.0), 10.0))
"""What is tried where none of them helps."""
FARTHEST = 0.3
"""Travel that a knob moves at most in one iteration."""
SIZE, BANDS = 512, 32
FLOOR = 1e-5


def refine(
    objective: Objective,
    graph: Graph,
    places: Sequence[int] | None = None,
    *,
    iterations: int = 3,
) -> Graph:
    """Return a graph with better settings, or the graph itself if none were found.

    Levenberg and Marquardt's damped Gauss-Newton steps (J. Nocedal and S. J. Wright, Numerical
    Optimization, 2nd ed., 2006, ch. 10) on two residuals: levels in bands over time, which lead
    from afar, and the waveform, which near the truth leads to the last digit. Each of them, and
    both together, say where to go; the objective decides where it was best. Slopes are differences,
    so that knobs without a gradient are moved too. All renderings of an iteration are two batches.

    Args:
        objective: What is to become small.
        graph: A finished graph.
        places: Positions of the settings that may move, as in :class:`Knobs`; all by default.
        iterations: Steps.
    """
    knobs = Knobs(graph, SPECS)
    free = [i for i in movable(knobs) if knobs.places[i].param.step is None]
    free = free if places is None else [i for i in free if i in set(places)]
    if not free:
        return graph
    wanted = _residuals(objective.wet, objective.wet)
    best, (value,) = graph, objective.distances([graph])
    for _ in range(iterations):
        knobs = Knobs(best, SPECS)
        at, moves = knobs.travel, _moves(knobs, free, objective.pair.rate)
        near = [written(best, knobs, (at + move).tolist()) for move in moves]
        first, *others = (_residuals(s, objective.wet) for s in objective.sounds([best, *near]))
        levels, wave = (
            _normal(one, [other[i] for other in others], target, moves)
            for i, (one, target) in enumerate(zip(first, wanted, strict=True))
        )
        found = False
        for trials in (BOLD, CAREFUL):
            tried = []
            for (one, two), damping in trials:
                inner, towards = (one * levels[i] + two * wave[i] for i in (0, 1))
                change = torch.zeros_like(at)
                change[free] = _solved(inner, towards, damping, at[free])
                tried.append(written(best, knobs, _held(knobs, at + change).tolist()))
            values = objective.distances(tried)
            low = min(range(len(tried)), key=values.__getitem__)
            if values[low] < value:
                best, value, found = tried[low], values[low], True
                break
        if not found:
            break
    return best


def _normal(
    rest: Tensor, others: Sequence[Tensor], wanted: Tensor, moves: Sequence[Tensor]
) -> tuple[Tensor, Tensor]:
    """Return the normal equations of one residual: J^T J, and J^T r turned towards less of it."""
    slopes = torch.stack(
        [(one - rest) / float(move.sum()) for one, move in zip(others, moves, strict=True)]
    )
    return (slopes @ slopes.T).double(), -(slopes @ (rest - wanted)).double()


def _moves(knobs: Knobs, free: Sequence[int], rate: int) -> list[Tensor]:
    """Return a small movement of each free knob, away from the nearer end of its travel."""
    moves = []
    for i in free:
        at, param = float(knobs.travel[i]), knobs.places[i].param
        step = STEP
        if param.unit == "s" and (not param.gradient or param.inlet):
            value = param.from_travel(at)
            other = value + PART / rate if at < 0.5 else value - PART / rate
            step = abs(param.to_travel(other) - at)
        move = torch.zeros_like(knobs.travel)
        move[i] = step if at < 0.5 else -step
        moves.append(move)
    return moves


def _residuals(sound: Tensor, wet: Tensor) -> tuple[Tensor, Tensor]:
    """Return levels in bands over time, and the waveform in the polarity of the wet one.

    Both are scaled so that the square of their length is a mean: of squared differences of natural
    logarithms, and of energy.
    """
    spectrum = magnitudes(sound.flatten(0, 1), SIZE, SEARCH_OVERLAP).square()
    edges = torch.logspace(0, torch.tensor(SIZE / 2 + 1.0).log10(), BANDS + 1).round().long()
    bands = [
        spectrum[:, low - 1 : high - 1].mean(1)
        for low, high in edges.unfold(0, 2, 1).tolist()
        if high > low
    ]
    levels = 0.5 * (torch.stack(bands) + FLOOR**2).log().flatten()
    flat, target = sound.flatten(), wet.flatten()
    sign = -1.0 if float(flat @ target) < 0 else 1.0
    return levels / len(levels) ** 0.5, sign * flat / target.norm().clamp_min(FLOOR)


def _solved(inner: Tensor, towards: Tensor, damping: float, at: Tensor) -> Tensor:
    """Return the damped step; a knob at its end that would go further is left out of it."""
    out = ((at <= 0.0) & (towards < 0)) | ((at >= 1.0) & (towards > 0))
    inner = inner.masked_fill(out[:, None] | out[None], 0.0)
    weight = inner.diagonal() + 1e-6 * inner.diagonal().max().clamp_min(1e-12)
    whole = inner + torch.diag(damping * weight + 1e-12 + out.double())
    step: Tensor = torch.linalg.solve(whole, towards.masked_fill(out, 0.0))
    return step.nan_to_num().clamp(-FARTHEST, FARTHEST)


def _held(knobs: Knobs, travel: Tensor) -> Tensor:
    """Bring travels back between both ends, or around where these are one."""
    circular = torch.tensor([place.param.circular for place in knobs.places])
    return torch.where(circular, travel % 1.0, travel.clamp(0, 1))
