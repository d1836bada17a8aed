"""What stands in every script for pedalboard, whatever its graph."""

HEAD = '''"""{title}: an audio processing graph, by {author}, for pedalboard.

Levels were measured on {window}.
Of its nodes: {counts}.

{table}

    python SCRIPT.py {inputs} OUTPUT.wav
"""

import sys
from pathlib import Path

import numpy as np
from pedalboard import {classes}
from pedalboard.io import AudioFile


def scaled(x, db):
    """Change a level by some decibels."""
    return x * np.float32(10 ** (db / 20))


def through(x, rate, *plugins):
    """Put audio (2, time) through plug-ins in a row."""
    return Pedalboard(list(plugins))(np.ascontiguousarray(x, np.float32), rate)


def panned(x, pan):
    """Weigh left against right with constant power."""
    angle = (pan + 1) * np.pi / 4
    return x * np.float32([[np.sqrt(2) * np.cos(angle)], [np.sqrt(2) * np.sin(angle)]])


def widened(x, width):
    """Scale the difference of both channels."""
    middle, side = (x[0] + x[1]) / 2, (x[0] - x[1]) * (width / 2)
    return np.stack([middle + side, middle - side])
'''

BAKED = '''with np.load(Path(__file__).with_name(Path(__file__).stem + "-impulses.npz")) as file:
    IMPULSES = dict(file)
RATE = {rate}


def baked(x, rate, name):
    """Convolve with an impulse response from each side to each side."""
    straight, crossed = IMPULSES[name][[0, 1], [0, 1]], IMPULSES[name][[1, 0], [0, 1]]
    made = convolved(x, rate, straight)
    return made + convolved(x[::-1], rate, crossed) if crossed.any() else made


def convolved(x, rate, response):
    """Convolve each channel; what Convolution makes of a response's level is undone."""
    level = 8 * np.sqrt(max((response.astype(np.float64) ** 2).sum(1)))
    return through(x, rate, Convolution(response, 1.0, RATE)) * np.float32(level)
'''

MAIN = '''def main():
    """Read {names}, write the result."""
    *sources, target = sys.argv[1:]
    if len(sources) != {count}:
        sys.exit("give a recording each for {names}, and a file to write")
    takes = []
    for source in sources:
        with AudioFile(source) as file:
            take, rate = file.read(file.frames), int(file.samplerate)
        takes.append(np.concatenate([take] * 2)[:2] if len(take) == 1 else take[:2])
    longest = max(take.shape[1] for take in takes)
    takes = [np.pad(take, ((0, 0), (0, longest - take.shape[1]))) for take in takes]
    bits = 24 if target.lower().endswith((".wav", ".aiff", ".flac")) else 16
    with AudioFile(target, "w", rate, 2, bit_depth=bits) as file:
        file.write(process(*takes, rate))


if __name__ == "__main__":
    main()
'''
