"""A cascade of resonators whose settings move, block by block: the vocal tract.

Each is the two-pole digital resonator of D. H. Klatt, Software for a cascade/parallel formant
synthesizer (JASA 67, 1980), of gain 1 at 0 Hz.
"""

import numpy as np
import numpy.typing as npt

from graphophone.dsp.compile import kernel

Array = npt.NDArray[np.float64]


@kernel
def cascade(source: Array, poles: Array, block: int) -> Array:
    """Filter ``source`` (time,) by resonators in series.

    Args:
        source: Samples.
        poles: (block index, resonator, 2): feedback coefficients of each block of samples.
        block: Samples a block; the last one holds to the end.
    """
    count = poles.shape[1]
    state = np.zeros((count, 2))
    out = np.empty_like(source)
    for i in range(source.shape[0]):
        row = min(i // block, poles.shape[0] - 1)
        value = source[i]
        for j in range(count):
            b, c = poles[row, j, 0], poles[row, j, 1]
            value = (1 - b - c) * value + b * state[j, 0] + c * state[j, 1]
            state[j, 1] = state[j, 0]
            state[j, 0] = value
        out[i] = value
    return out


def resonate(source: Array, frequencies: Array, bandwidths: Array, rate: int, block: int) -> Array:
    """Filter ``source`` (time,) by resonators at (block index, resonator) frequencies in Hz.

    Both are held from block to block; an unused resonator has a frequency above 0.49 of the
    rate, where it is held.
    """
    radius = np.exp(-np.pi * bandwidths / rate)
    angle = 2 * np.pi * np.minimum(frequencies, 0.49 * rate) / rate
    poles = np.stack((2 * radius * np.cos(angle), -(radius**2)), -1)
    return cascade(source.astype(np.float64), np.ascontiguousarray(poles), block)
