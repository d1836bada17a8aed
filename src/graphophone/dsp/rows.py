"""Lanes as rows: where a loop runs along time, neighbours in time should be neighbours in memory.

Filters in a loop with a delay line keep each lane's past in a row of its own, as lanes look back
to different times. What they hear and give lies time-major (:mod:`graphophone.dsp.lanes`) and is
turned round here, a few lanes at once, so that whole cache lines are read and written.
"""

from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic

from graphophone.dsp.compile import Array, kernel

SQUARE = 8
"""Lanes, and samples, that change places inside registers."""

PAD = 16
"""Elements by which rows grow longer, so that equal times of all rows share no part of a cache."""

SUMS = 64
"""Partial sums that are added up side by side."""


def apart(rows: int, length: int) -> Array:
    """Return zeros (rows, at least length) whose rows do not begin a power of two apart."""
    return np.zeros((rows, -(-length // 64) * 64 + PAD))


@kernel
def to_rows(audio: Array, rows: Array, start: int = 0) -> None:
    """Copy a contiguous signal (time, lanes) to rows (lanes, at least time), from a sample on.

    All lanes are read at once, as memory is fast only where it is read straight on.
    """
    time, count = audio.shape
    flat = audio.reshape(-1)
    if count == 1:
        row = rows[0, start:]
        for t in range(time):
            row[t] = flat[t]
    elif count == 2:
        left, right = rows[0, start:], rows[1, start:]
        for t in range(time):
            left[t], right[t] = flat[2 * t], flat[2 * t + 1]
    else:
        lanes, whole = count // SQUARE * SQUARE, time // SQUARE * SQUARE
        for t in range(0, whole, SQUARE):
            for i in range(0, lanes, SQUARE):
                turn(audio, t, i, rows, i, start + t)
        for t in range(whole, time):
            for i in range(lanes):
                rows[i, start + t] = audio[t, i]
        for i in range(lanes, count):
            row = rows[i, start:]
            for t in range(time):
                row[t] = audio[t, i]


@kernel
def to_lanes(rows: Array, out: Array, start: int = 0) -> None:
    """Copy rows (lanes, at least time), from a sample on, to a contiguous signal (time, lanes)."""
    time, count = out.shape
    flat = out.reshape(-1)
    if count == 1:
        row = rows[0, start:]
        for t in range(time):
            flat[t] = row[t]
    elif count == 2:
        left, right = rows[0, start:], rows[1, start:]
        for t in range(time):
            flat[2 * t], flat[2 * t + 1] = left[t], right[t]
    else:
        lanes, whole = count // SQUARE * SQUARE, time // SQUARE * SQUARE
        for t in range(0, whole, SQUARE):
            for i in range(0, lanes, SQUARE):
                turn(rows, i, start + t, out, t, i)
        for t in range(whole, time):
            for i in range(lanes):
                out[t, i] = rows[i, start + t]
        for i in range(lanes, count):
            row = rows[i, start:]
            for t in range(time):
                out[t, i] = row[t]


@kernel
def fold(values: Array, sums: Array) -> None:
    """Add values to partial sums in turn, so that none waits for the one before."""
    whole = values.size // SUMS * SUMS
    for start in range(0, whole, SUMS):
        base = np.uint64(start)
        for t in range(SUMS):
            sums[t] += values[base + np.uint64(t)]
    for t in range(values.size - whole):
        sums[t] += values[whole + t]


def _turn(_: Any, source: Any, i: Any, j: Any, target: Any, row: Any, column: Any) -> Any:
    """Write a square of a contiguous array, from (i, j) on, transposed to a place in another.

    Halves of rows change places, then quarters, then single elements.
    """

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        read, write = signature.args[0], signature.args[3]
        lines = [
            builder.load(at, align=read.dtype.bitwidth // 8)
            for at in _lines(context, builder, read, values[:3])
        ]
        for step in (4, 2, 1):
            low = [n + (0 if n & step == 0 else SQUARE - step) for n in range(SQUARE)]
            high = [n + (step if n & step == 0 else SQUARE) for n in range(SQUARE)]
            for n in range(SQUARE):
                if n & step == 0:
                    a, b = lines[n], lines[n + step]
                    lines[n] = builder.shuffle_vector(a, b, _mask(low))
                    lines[n + step] = builder.shuffle_vector(a, b, _mask(high))
        kind = ir.VectorType(context.get_data_type(write.dtype), SQUARE)
        bits = write.dtype.bitwidth
        for line, at in zip(lines, _lines(context, builder, write, values[3:]), strict=True):
            value = line
            if bits != read.dtype.bitwidth:
                convert = builder.fpext if bits > read.dtype.bitwidth else builder.fptrunc
                value = convert(line, kind)
            builder.store(value, at, align=bits // 8)
        return context.get_dummy_value()

    index = types.intp
    return types.void(source, index, index, target, index, index), generate


turn: Any = intrinsic(_turn)


def _mask(places: list[int]) -> Any:
    return ir.Constant(ir.VectorType(ir.IntType(32), SQUARE), places)


def _lines(context: Any, builder: Any, kind: Any, values: Any) -> list[Any]:
    """Return pointers to the rows of a square in an array."""
    array = context.make_array(kind)(context, builder, values[0])
    across = builder.extract_value(array.shape, 1)
    at = builder.gep(array.data, [builder.add(builder.mul(values[1], across), values[2])])
    vector = ir.VectorType(context.get_data_type(kind.dtype), SQUARE).as_pointer()
    pointers = []
    for _ in range(SQUARE):
        pointers.append(builder.bitcast(at, vector))
        at = builder.gep(at, [across])
    return pointers
