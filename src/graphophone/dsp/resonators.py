"""A cascade of resonators whose settings move: the vocal tract.

Each is the two-pole digital resonator of D. H. Klatt, Software for a cascade/parallel formant
synthesizer (JASA 67, 1980), of gain 1 at 0 Hz.
"""

import numpy as np
import numpy.typing as npt

from graphophone.dsp.compile import kernel

Array = npt.NDArray[np.float64]


@kernel
def cascade(source: Array, moving: Array, fixed: Array, block: int) -> Array:
    """Filter ``source`` (time,) by resonators in series.

    Args:
        source: Samples.
        moving: (row, resonator, 2): feedback coefficients every ``block`` samples, with
            straight lines between; the last row holds to the end.
        fixed: (resonator, 2): those of resonators that do not move.
        block: Samples from row to row.
    """
    rows, count, others = moving.shape[0], moving.shape[1], fixed.shape[0]
    state = np.zeros((count + others, 2))
    out = np.empty_like(source)
    for i in range(source.shape[0]):
        row = min(i // block, rows - 1)
        following = min(row + 1, rows - 1)
        part = (i - row * block) / block
        value = source[i]
        for j in range(count):
            b = moving[row, j, 0] + part * (moving[following, j, 0] - moving[row, j, 0])
            c = moving[row, j, 1] + part * (moving[following, j, 1] - moving[row, j, 1])
            value = (1 - b - c) * value + b * state[j, 0] + c * state[j, 1]
            state[j, 1] = state[j, 0]
            state[j, 0] = value
        for k in range(others):
            j = count + k
            b, c = fixed[k, 0], fixed[k, 1]
            value = (1 - b - c) * value + b * state[j, 0] + c * state[j, 1]
            state[j, 1] = state[j, 0]
            state[j, 0] = value
        out[i] = value
    return out


def coefficients(frequencies: Array, bandwidths: Array, rate: int) -> Array:
    """Return feedback coefficients (..., 2) of resonators in Hz, held below 0.49 of the rate."""
    shape = np.broadcast_shapes(frequencies.shape, bandwidths.shape)
    radius = np.exp(-np.pi * np.broadcast_to(bandwidths, shape) / rate)
    angle = 2 * np.pi * np.minimum(frequencies, 0.49 * rate) / rate
    return np.ascontiguousarray(np.stack((2 * radius * np.cos(angle), -(radius**2)), -1))
