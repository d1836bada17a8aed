"""Trains of pulses, each shaped by a response: the voiced part of a vocoder."""

import numpy as np
import numpy.typing as npt

from graphophone.dsp.compile import kernel

Real = npt.NDArray[np.float32]
Index = npt.NDArray[np.int32]


@kernel
def train(
    out: Real,
    epochs: npt.NDArray[np.float64],
    gains: Real,
    lower: Index,
    upper: Index,
    parts: Real,
    responses: npt.NDArray[np.int16],
    scales: Real,
    stretch: float,
) -> None:
    """Add a response to ``out`` (time,) at every epoch, in place.

    A pulse's response lies between two rows, and is read at ``stretch`` samples a sample with
    cubic Hermite interpolation, so epochs fall between samples and a ``stretch`` of 1.1 moves
    every resonance up by a tenth (K. Lent, An efficient method for pitch shifting digitally
    sampled sounds, Computer Music Journal 13(4), 1989, on scaling grains to move formants).

    Args:
        out: What is added to.
        epochs: When pulses begin, in samples.
        gains: A factor a pulse.
        lower: Row of the response on one side.
        upper: Row on the other side.
        parts: How much of ``upper`` is in it, 0 to 1.
        responses: (row, tap) in units of ``scales``.
        scales: A factor a row.
        stretch: Speed at which responses are read.
    """
    taps = responses.shape[1]
    mixed = np.zeros(taps + 3, np.float32)
    for p in range(epochs.shape[0]):
        a, b = lower[p], upper[p]
        wa = gains[p] * (1 - parts[p]) * scales[a]
        wb = gains[p] * parts[p] * scales[b]
        for i in range(taps):
            mixed[i + 1] = wa * responses[a, i] + wb * responses[b, i]
        first = int(np.ceil(epochs[p]))
        count = int((taps - 1) / stretch)
        start = max(0, -first)
        stop = min(count, out.shape[0] - first)
        at = np.float32((first - epochs[p]) * stretch)
        step = np.float32(stretch)
        for n in range(start, stop):
            place = at + step * np.float32(n)
            i = int(place)
            x = place - np.float32(i)
            y0, y1, y2, y3 = mixed[i], mixed[i + 1], mixed[i + 2], mixed[i + 3]
            c1 = np.float32(0.5) * (y2 - y0)
            c3 = np.float32(1.5) * (y1 - y2) + np.float32(0.5) * (y3 - y0)
            c2 = y0 - y1 + c1 - c3
            out[first + n] += ((c3 * x + c2) * x + c1) * x + y1
