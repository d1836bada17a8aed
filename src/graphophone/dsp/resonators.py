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
    time, rows = source.shape[0], moving.shape[0]
    states = np.zeros((moving.shape[1] + fixed.shape[0], 2))
    out = source.copy()
    # A resonator waits for itself alone, so each goes through a block before the next one does.
    for row in range(-(-time // block)):
        start, stop = row * block, min((row + 1) * block, time)
        here, following = min(row, rows - 1), min(row + 1, rows - 1)
        for j in range(states.shape[0]):
            before, last = states[j, 1], states[j, 0]
            if j < moving.shape[1]:
                b, c = moving[here, j, 0], moving[here, j, 1]
                to_b = (moving[following, j, 0] - b) / block
                to_c = (moving[following, j, 1] - c) / block
            else:
                b, c = fixed[j - moving.shape[1], 0], fixed[j - moving.shape[1], 1]
                to_b = to_c = 0.0
            for i in range(start, stop):
                b_now, c_now = b + (i - start) * to_b, c + (i - start) * to_c
                value = (1 - b_now - c_now) * out[i] + c_now * before + b_now * last
                before, last = last, value
                out[i] = value
            states[j, 0], states[j, 1] = last, before
    return out


def coefficients(frequencies: Array, bandwidths: Array, rate: int) -> Array:
    """Return feedback coefficients (..., 2) of resonators in Hz, held below 0.49 of the rate."""
    shape = np.broadcast_shapes(frequencies.shape, bandwidths.shape)
    radius = np.exp(-np.pi * np.broadcast_to(bandwidths, shape) / rate)
    angle = 2 * np.pi * np.minimum(frequencies, 0.49 * rate) / rate
    return np.ascontiguousarray(np.stack((2 * radius * np.cos(angle), -(radius**2)), -1))
