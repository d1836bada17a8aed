"""Kernels of echoes on a GPU, forwards and backwards, see :mod:`graphophone.dsp.feedback_delay`."""

from typing import Any

from numba import cuda, float64, int64

from graphophone.dsp import svf_loops
from graphophone.dsp.cuda.kernels import device, inner, kernel
from graphophone.dsp.subnormals import TINY

STATES = 3
"""Of a lane: two of its filter, and one of the all-pass before it."""

FEEDBACK, MIX, THROUGH, BAND, LOW, BEND, R1, R2, R3, SUMS = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
"""Sums over time that gradients to controls are made of; the last three are for the filter's."""

turned = device(svf_loops.turned)


@inner
def audible(value: float) -> float:
    """Return zero for what is too small to hear."""
    return value if abs(value) > TINY else 0.0


@kernel
def run(
    audio: Any,
    crossing: int,
    feedback: Any,
    mix: Any,
    g: Any,
    k: Any,
    through: Any,
    band: Any,
    low: Any,
    lengths: Any,
    bends: Any,
    rings: Any,
    states: Any,
    clock: int,
    keep: int,
    trace: Any,
    out: Any,
) -> None:
    """Take a line, or two that feed each other, forwards through time."""
    sides = 1 + crossing
    first = cuda.grid(1) * sides
    if first < audio.shape[1]:
        echoes, at = cuda.local.array(2, float64), cuda.local.array(2, int64)
        for side in range(sides):
            at[side] = clock % lengths[first + side]
        for t in range(audio.shape[0]):
            for side in range(sides):
                i = first + side
                p, q, late = states[0, i], states[1, i], states[2, i]
                r = rings[i, at[side]]
                if keep:
                    trace[0, t, i], trace[1, t, i] = r, late
                    trace[2, t, i], trace[3, t, i] = p, q
                y = bends[i] * r + late
                states[2, i] = r - bends[i] * y
                p, q, made = turned(y, p, q, g[0, i], k[0, i], through[0, i], band[0, i], low[0, i])
                states[0, i], states[1, i], echoes[side] = p, q, made
            for side in range(sides):
                i = first + side
                x, back = float64(audio[t, i]), feedback[0, i] * echoes[sides - 1 - side]
                entering = x
                if crossing:  # all that is new enters on the left
                    entering = 0.5 * (x + float64(audio[t, i + 1])) if side == 0 else 0.0
                rings[i, at[side]] = audible(entering + back)
                at[side] = at[side] + 1 if at[side] + 1 < lengths[i] else 0
                out[t, i] = (1 - mix[0, i]) * x + mix[0, i] * echoes[side]


@kernel
def back(
    audio: Any,
    crossing: int,
    feedback: Any,
    mix: Any,
    g: Any,
    k: Any,
    through: Any,
    band: Any,
    low: Any,
    lengths: Any,
    bends: Any,
    clock: int,
    trace: Any,
    rings: Any,
    grad: Any,
    to_audio: Any,
    sums: Any,
) -> None:
    """Go backwards; ``rings`` carry the gradient from each reading to its writing."""
    sides = 1 + crossing
    first = cuda.grid(1) * sides
    if first < audio.shape[1]:
        felt, written = cuda.local.array((STATES, 2), float64), cuda.local.array(2, float64)
        at = cuda.local.array(2, int64)
        for side in range(sides):
            at[side] = (clock + audio.shape[0]) % lengths[first + side]
            for n in range(STATES):
                felt[n, side] = 0.0
        for turn in range(audio.shape[0]):
            t = audio.shape[0] - 1 - turn
            for side in range(sides):
                i = first + side
                at[side] = (at[side] if at[side] > 0 else lengths[i]) - 1
                written[side] = rings[i, at[side]]
            for side in range(sides):
                i, entered = first + side, written[sides - 1 - side]
                r, late = trace[0, t, i], trace[1, t, i]
                p, q, heard = trace[2, t, i], trace[3, t, i], float64(grad[t, i])
                a1 = 1 / (1 + g[0, i] * (g[0, i] + k[0, i]))
                a2 = g[0, i] * a1
                a3 = g[0, i] * a2
                x = bends[i] * r + late
                drive = x - q
                v1, v2 = a1 * p + a2 * drive, q + (a2 * p + a3 * drive)
                echo = through[0, i] * x + (band[0, i] * v1 + low[0, i] * v2)
                other = first + sides - 1 - side
                y = mix[0, i] * heard + feedback[0, other] * entered
                d1, d2 = band[0, i] * y + 2 * felt[0, side], low[0, i] * y + 2 * felt[1, side]
                down = a2 * d1 + a3 * d2
                felt[0, side] = a1 * d1 + a2 * d2 - felt[0, side]
                felt[1, side] = d2 - down - felt[1, side]
                state = felt[2, side]
                to_x = through[0, i] * y + down - bends[i] * state
                felt[2, side] = to_x
                rings[i, at[side]] = audible(bends[i] * to_x + state)
                share = written[side] if crossing == 0 else 0.5 * written[0]
                to_audio[t, i] = (1 - mix[0, i]) * heard + share
                sums[FEEDBACK, other] += entered * echo
                sums[MIX, i] += heard * (echo - float64(audio[t, i]))
                sums[THROUGH, i] += y * x
                sums[BAND, i] += y * v1
                sums[LOW, i] += y * v2
                sums[BEND, i] += to_x * r - state * x
                sums[R1, i] += d1 * p
                sums[R2, i] += d1 * drive + d2 * p
                sums[R3, i] += d2 * drive
