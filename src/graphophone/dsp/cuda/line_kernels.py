"""Kernels that write and read delay lines on a GPU, see :mod:`graphophone.dsp.cuda.delay_line`."""

import math
from typing import Any

from numba import cuda, float64, int64

from graphophone.dsp import delay_line_loops, interpolation, pitch_loops
from graphophone.dsp.cuda.kernels import device, inner, kernel
from graphophone.dsp.pitch_loops import BLOCK
from graphophone.dsp.subnormals import TINY

TURNS = BLOCK + 1

places = device(delay_line_loops.places)
steer = device(delay_line_loops.steer)
blend = device(interpolation.blend)
slope = device(interpolation.slope)
spread = device(interpolation.spread)
move = device(pitch_loops.move)


@inner
def six(line: Any, first: int, lane: int) -> Any:
    """Return the samples between which a line is read."""
    a, b, c = line[first, lane], line[first + 1, lane], line[first + 2, lane]
    return a, b, c, line[first + 3, lane], line[first + 4, lane], line[first + 5, lane]


@kernel
def modulated(
    audio: Any,
    delay: Any,
    feedback: Any,
    mix: Any,
    sample_rate: float,
    past: int,
    line: Any,
    out: Any,
) -> None:
    """Write lines (past + time, lanes) on, and mix what is read from them in."""
    lane = cuda.grid(1)
    if lane < audio.shape[1]:
        at, f = cuda.local.array(1, int64), cuda.local.array(1, float64)
        share, moves = audio.shape[1] // delay.shape[1], int(delay.shape[0] > 1)
        back, wet = feedback[0, lane], mix[0, lane]
        for t in range(audio.shape[0]):
            now = past + t
            seconds = delay[t * moves : t * moves + 1, lane // share]
            places(seconds, sample_rate, past, now, at, f)
            a, b, c, d, e, g = six(line, at[0], lane)
            x, y = float64(audio[t, lane]), blend(a, b, c, d, e, g, f[0])
            w = x + back * y
            line[now, lane] = w if abs(w) > TINY else 0.0
            out[t, lane] = (1 - wet) * x + wet * y


@kernel
def modulated_back(
    audio: Any,
    delay: Any,
    feedback: Any,
    mix: Any,
    sample_rate: float,
    past: int,
    line: Any,
    pull: Any,
    grad: Any,
    to_audio: Any,
    to_delay: Any,
    sums: Any,
) -> None:
    """Go backwards; ``pull`` is the gradient to the line, ``sums`` those of feedback and mix."""
    lane = cuda.grid(1)
    if lane < audio.shape[1]:
        at, f = cuda.local.array(1, int64), cuda.local.array(1, float64)
        rise, amount = cuda.local.array(1, float64), cuda.local.array(1, float64)
        share, moves = audio.shape[1] // delay.shape[1], int(delay.shape[0] > 1)
        back, wet = feedback[0, lane], mix[0, lane]
        to_feedback, to_mix = 0.0, 0.0
        for turn in range(audio.shape[0]):
            t = audio.shape[0] - 1 - turn
            now = past + t
            seconds = delay[t * moves : t * moves + 1, lane // share]
            places(seconds, sample_rate, past, now, at, f)
            a, b, c, d, e, g = six(line, at[0], lane)
            y, heard, w = blend(a, b, c, d, e, g, f[0]), float64(grad[t, lane]), pull[now, lane]
            w = w if abs(w) > TINY else 0.0
            rise[0] = slope(a, b, c, d, e, g, f[0])
            amount[0] = wet * heard + back * w
            spread(pull[:, lane], at, 0, f, 0, 1, amount)
            steer(seconds, sample_rate, past, amount, rise, to_delay[t : t + 1, lane])
            to_feedback += w * y
            to_mix += heard * (y - float64(audio[t, lane]))
            to_audio[t, lane] = (1 - wet) * heard + w
        sums[0, lane], sums[1, lane] = to_feedback, to_mix


@kernel
def transposed(
    audio: Any,
    travel: Any,
    window: float,
    least: float,
    past: int,
    line: Any,
    taps: Any,
    out: Any,
) -> None:
    """Read two taps that move along lines (past + time, lanes), all of which is written."""
    lane = cuda.grid(1)
    if lane < audio.shape[1]:
        turns, fade = (
            cuda.local.array((2, TURNS), float64),
            cuda.local.array((3, BLOCK), float64),
        )
        at, f = cuda.local.array((2, BLOCK), int64), cuda.local.array((2, BLOCK), float64)
        for start in range(0, audio.shape[0], BLOCK):
            size = min(BLOCK, audio.shape[0] - start)
            span, way, tap = (window, least), travel[:, lane], taps[:, lane]
            move(way, span, past + start, size, turns, tap, at, f, fade)
            for t in range(size):
                total = float64(audio[start + t, lane])
                if travel[0, lane] != 0:
                    total = 0.0
                    for n in range(2):
                        a, b, c, d, e, g = six(line, at[n, t], lane)
                        total += fade[n, t] * blend(a, b, c, d, e, g, f[n, t])
                out[start + t, lane] = total


@kernel
def transposed_back(
    grad: Any,
    travel: Any,
    window: float,
    least: float,
    past: int,
    line: Any,
    taps: Any,
    pull: Any,
    to_travel: Any,
) -> None:
    """Follow the taps forwards, as nothing that they read comes back to the line."""
    lane = cuda.grid(1)
    if lane < grad.shape[1]:
        turns, fade = (
            cuda.local.array((2, TURNS), float64),
            cuda.local.array((3, BLOCK), float64),
        )
        at, f = cuda.local.array((2, BLOCK), int64), cuda.local.array((2, BLOCK), float64)
        amount, total = cuda.local.array(BLOCK, float64), 0.0
        for start in range(0, grad.shape[0], BLOCK):
            size = min(BLOCK, grad.shape[0] - start)
            span, way, tap = (window, least), travel[:, lane], taps[:, lane]
            move(way, span, past + start, size, turns, tap, at, f, fade)
            if travel[0, lane] == 0:
                for t in range(size):
                    pull[past + start + t, lane] = grad[start + t, lane]
                continue
            for n in range(2):
                sign = 1 - 2 * n
                for t in range(size):
                    amount[t] = fade[n, t] * grad[start + t, lane]
                spread(pull[:, lane], at[n], 0, f[n], 0, size, amount)
                for t in range(size):
                    a, b, c, d, e, g = six(line, at[n, t], lane)
                    y, rise = blend(a, b, c, d, e, g, f[n, t]), slope(a, b, c, d, e, g, f[n, t])
                    turned = sign * math.pi * fade[2, t] * y * grad[start + t, lane]
                    total += (start + t) * (turned + window * amount[t] * rise)
        to_travel[lane] = total
