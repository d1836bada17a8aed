"""Some clips by some samples, few enough to stay in a cache from one step of a kernel to the next.

A kernel of many steps that takes each over a whole signal waits for memory; one that takes a
sample through all steps cannot use vector registers. So it goes tile by tile: a tile is flat and
time-major, one element a sample of a clip, so a step without memory is one loop, a row before is
``width`` elements before, and static knobs are read as if they moved (:func:`repeat`).
"""

from graphophone.dsp.compile import Array, kernel

WIDTH = 16
"""Clips of a tile at most."""

SIZE = 4096
"""Elements of a tile at most."""

ROWS = 64
"""All tiles but the last are a multiple of so many samples."""


@kernel
def width_of(clips: int) -> int:
    """Return how many clips, of so many, all tiles but the last have side by side."""
    return min(WIDTH, max(1, clips))


@kernel
def rows_of(time: int, clips: int) -> int:
    """Return how many samples, of so many, all tiles but the last have."""
    return max(1, min(time, SIZE // width_of(clips) // ROWS * ROWS))


@kernel
def tiles(time: int, clips: int) -> int:
    """Return how many tiles, one after another, a signal is cut into."""
    return -(-time // rows_of(time, clips))


@kernel
def period(width: int) -> int:
    """Return how many elements static knobs are written out for, a multiple of those of ROWS."""
    return WIDTH // width * width * ROWS


@kernel
def repeat(row: Array, out: Array) -> Array:
    """Fill ``out`` with a row of one knob a clip, again and again, and return it."""
    for start in range(0, out.size, row.size):
        for i in range(row.size):
            out[start + i] = row[i]
    return out


@kernel
def gather(values: Array, sums: Array) -> None:
    """Add a tile to sums of :data:`ROWS` rows, the last row first.

    Tiles are met in that order too, so the sums of a clip are the same in tiles of any width.
    """
    for start in range((values.size - 1) // sums.size * sums.size, -1, -sums.size):
        more = values[start : start + sums.size]
        for i in range(more.size):
            sums[i] += more[i]


@kernel
def read(signal: Array, first: int, width: int, out: Array) -> None:
    """Copy a tile out of a signal (time, clips)."""
    rows, clips = signal.shape
    if width == clips:
        flat = signal.reshape(-1)
        for i in range(flat.size):
            out[i] = flat[i]
    else:
        for t in range(rows):
            for c in range(width):
                out[t * width + c] = signal[t, first + c]


@kernel
def write(tile: Array, first: int, width: int, out: Array) -> None:
    """Copy a tile into a signal (time, clips)."""
    rows, clips = out.shape
    if width == clips:
        flat = out.reshape(-1)
        for i in range(flat.size):
            flat[i] = tile[i]
    else:
        for t in range(rows):
            for c in range(width):
                out[t, first + c] = tile[t * width + c]


@kernel
def loudest(audio: Array, channels: int, first: int, width: int, out: Array) -> None:
    """Write the largest magnitude among the channels of each clip into a tile.

    Two channels are a case of their own, so that the compiler knows how lanes alternate; so
    is a tile as wide as all tiles of many clips, whose rows are then read by vectors.
    """
    rows, count = audio.shape
    if channels == 2 and 2 * width == count:
        flat = audio.reshape(-1)
        for i in range(rows * width):
            left, right = abs(flat[2 * i]), abs(flat[2 * i + 1])
            out[i] = left if left > right else right
    elif channels == 2 and width == WIDTH:
        for t in range(rows):
            row, found = audio[t, 2 * first :], out[t * WIDTH :]
            for c in range(WIDTH):
                left, right = abs(row[2 * c]), abs(row[2 * c + 1])
                found[c] = left if left > right else right
    else:
        for t in range(rows):
            for c in range(width):
                out[t * width + c] = magnitude(audio, t, first + c, channels)


@kernel
def magnitude(audio: Array, t: int, clip: int, channels: int) -> float:
    """Return the largest magnitude among the channels of one clip at one time."""
    largest: float = abs(audio[t, clip * channels])
    for i in range(clip * channels + 1, (clip + 1) * channels):
        other = abs(audio[t, i])
        largest = other if other > largest else largest
    return largest


@kernel
def multiply(audio: Array, channels: int, gains: Array, first: int, width: int, out: Array) -> None:
    """Write what is left of all channels of a tile's clips."""
    rows, count = audio.shape
    if channels == 2 and 2 * width == count:
        flat, into = audio.reshape(-1), out.reshape(-1)
        for i in range(rows * width):
            into[2 * i] = flat[2 * i] * gains[i]
            into[2 * i + 1] = flat[2 * i + 1] * gains[i]
    elif channels == 2 and width == WIDTH:
        for t in range(rows):
            row, gain, into_row = audio[t, 2 * first :], gains[t * WIDTH :], out[t, 2 * first :]
            for c in range(WIDTH):
                into_row[2 * c] = row[2 * c] * gain[c]
                into_row[2 * c + 1] = row[2 * c + 1] * gain[c]
    else:
        for t in range(rows):
            for c in range(width):
                for i in range((first + c) * channels, (first + c + 1) * channels):
                    out[t, i] = audio[t, i] * gains[t * width + c]
