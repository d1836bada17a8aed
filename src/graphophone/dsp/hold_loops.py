"""Compiled loops of a maximum over the last samples, and of the way back from it."""

import numpy as np

from graphophone.dsp.compile import Array, kernel
from graphophone.dsp.tiles import loudest, magnitude, read, rows_of, width_of, write


@kernel
def run(audio: Array, channels: int, window: int, past: Array, out: Array) -> None:
    """Write the largest magnitude of the last ``window`` samples of each clip.

    Args:
        audio: Signal (time, lanes).
        channels: Lanes of a clip.
        window: Samples that are remembered.
        past: What :func:`hold` remembers, ``window - 1`` values a clip; changed.
        out: Where the result goes, (time, clips).
    """
    time, clips = out.shape
    wide = width_of(clips)
    rows = rows_of(time, clips)
    line = np.empty(lead(window) * wide + rows * wide, audio.dtype)
    spare = np.empty_like(line)
    for start in range(0, time, rows):
        end = min(time, start + rows)
        for first in range(0, clips, wide):
            width = min(wide, clips - first)
            begin = lead(window) * width
            loudest(audio[start:end], channels, first, width, line[begin:])
            kept = past[first * (window - 1) : (first + width) * (window - 1)]
            tile = hold(line, spare, kept, window, width, (end - start) * width)
            write(tile, first, width, out[start:end])


@kernel
def run_back(
    audio: Array, channels: int, window: int, peaks: Array, grad: Array, out: Array
) -> None:
    """Add the gradient of ``peaks``, which :func:`run` wrote, to ``out``."""
    time, clips = peaks.shape
    wide = width_of(clips)
    rows = rows_of(time, clips)
    found, grads = np.empty(rows * wide, peaks.dtype), np.empty(rows * wide)
    entering = np.empty_like(found)
    at, amounts = np.full(clips, time), np.zeros(clips)
    for start in range((time - 1) // rows * rows, -1, -rows):
        end = min(time, start + rows)
        for first in range(0, clips, wide):
            width = min(wide, clips - first)
            size = (end - start) * width
            read(peaks[start:end], first, width, found[:size])
            read(grad[start:end], first, width, grads[:size])
            tile, g = found[:size], grads[:size]
            best, sums = at[first : first + width], amounts[first : first + width]
            hand_back(audio, channels, window, tile, g, start, first, best, sums, entering, out)


@kernel
def lead(window: int) -> int:
    """Return how many samples before a tile :func:`hold` needs room for."""
    return window // 2


@kernel
def hold(line: Array, spare: Array, past: Array, window: int, width: int, size: int) -> Array:
    """Replace each magnitude by the largest of the last ``window`` ones.

    A maximum over twice as many samples is that of two maxima, so ten passes without a branch
    reach over a thousand. Each pass looks back at the last values of the pass before
    it, and keeps them for the next tile.

    Args:
        line: A tile of ``size`` elements after a lead of :func:`lead` rows; lost.
        spare: The same room once more; lost.
        past: What is remembered of the tile before, ``window - 1`` rows; changed.
        window: Samples that are remembered.
        width: Clips.
        size: Elements of the tile.

    Returns:
        The maxima, which lie in one or the other room.
    """
    begin = lead(window) * width
    reach, at = 1, 0
    while reach < window:
        step = min(reach, window - reach)
        back = step * width
        kept = past[at : at + back]
        _copy(kept, line[begin - back : begin])
        _copy(line[begin + size - back : begin + size], kept)
        before, now = line[begin - back :], line[begin : begin + size]
        found = spare[begin : begin + size]
        for i in range(size):
            found[i] = before[i] if before[i] > now[i] else now[i]
        line, spare = spare, line
        reach, at = reach + step, at + back
    return line[begin : begin + size]


@kernel
def _copy(source: Array, out: Array) -> None:
    for i in range(out.size):
        out[i] = source[i]


@kernel
def hand_back(
    audio: Array,
    channels: int,
    window: int,
    peaks: Array,
    grads: Array,
    start: int,
    first: int,
    at: Array,
    amounts: Array,
    entering: Array,
    out: Array,
) -> None:
    """Hand the gradient of each maximum to the sample that it is, from the last tile to the first.

    Backwards in time a sample enters the window on its left and is the maximum if it is as large;
    the maximum leaves on the right, and then the next is looked for where nobody has looked yet.
    What no sample equals was heard in an earlier block, which is closed.

    Args:
        audio: The whole signal (time, lanes).
        channels: Lanes of a clip.
        window: Samples that were remembered.
        peaks: The maxima, a tile.
        grads: Their gradients, a tile.
        start: When the tile begins.
        first: Its first clip.
        at: When each of its clips had its last maximum: at the end of the signal, that is its
            length; before its beginning, -1. Changed.
        amounts: What that maximum has been handed so far; zeros at the end of the signal. Changed.
        entering: Room for as many elements as the tile has, of the signal's precision.
        out: Gradient of the signal (time, lanes), which is added to.
    """
    width = at.size
    rows = peaks.size // width
    # Who enters: what lies a window before the tile's samples; nobody before the beginning.
    before = min(rows, max(0, window - 1 - start))
    entering[: before * width] = -1
    first_row, last_row = start + before - window + 1, start + rows - window + 1
    loudest(audio[first_row:last_row], channels, first, width, entering[before * width :])
    for c in range(width):
        best, i = at[c], peaks.size - width + c
        while i >= 0 and best >= 0:
            t, peak = start + i // width, peaks[i]
            new = best
            if entering[i] == peak:
                new = t - window + 1
            elif best > t or magnitude(audio, best, first + c, channels) != peak:
                new = t
                while new >= 0 and magnitude(audio, new, first + c, channels) != peak:
                    new -= 1
            if new != best:
                _add(audio, channels, best, first + c, amounts[c], out)
                best, amounts[c] = new, 0.0
            # It stays the maximum until a larger one enters or it was not heard yet.
            amount, end = amounts[c] + grads[i], max(0, best - start) * width
            i -= width
            while i >= end and peaks[i] == peak and entering[i] != peak:
                amount += grads[i]
                i -= width
            amounts[c] = amount
        if start == 0:
            _add(audio, channels, best, first + c, amounts[c], out)
        at[c] = best


@kernel
def _add(audio: Array, channels: int, t: int, clip: int, amount: float, out: Array) -> None:
    """Add to the gradient of the first channel that is as loud as the loudest."""
    if t < 0 or t >= len(audio):
        return
    peak = magnitude(audio, t, clip, channels)
    for i in range(clip * channels, (clip + 1) * channels):
        if abs(audio[t, i]) == peak:
            out[t, i] += np.sign(audio[t, i]) * amount
            break
