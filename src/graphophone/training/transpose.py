"""Other throats: spectra moved up or down, and with them the settings of filters.

The freely licensed voices are few, and a model that knows few of them takes a stranger for a
voice whose pitch was shifted. N. Jaitly and G. Hinton, Vocal Tract Length Perturbation (VTLP)
improves speech recognition, ICML Workshop on Deep Learning for Audio, Speech and Language
Processing, 2013.
"""

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from graphophone.audio.features import RATE, hertz, mel
from graphophone.codec.tokens import NODE, Vocabulary
from graphophone.codec.travel import width
from graphophone.spec import ProcessorSpec
from graphophone.training.rows import Batch


def pitched(vocabulary: Vocabulary, specs: Mapping[str, ProcessorSpec]) -> Tensor:
    """Return by how much travel each knob of each node kind moves an octave, (kinds, knobs).

    It is 0 but for the frequencies of what shapes the spectrum; an oscillator's is none.
    """
    table = torch.zeros(len(vocabulary.node_kinds), width(specs))
    for row, kind in enumerate(vocabulary.node_kinds):
        spec = specs.get(kind)
        if spec is None or spec.group == "control":
            continue
        for column, param in enumerate(spec.params.values()):
            if param.unit == "Hz" and param.taper == "log":
                table[row, column] = 1 / math.log2(param.high / param.low)
    return table


def transpose(batch: Batch, semitones: float, table: Tensor, seed: tuple[int, ...]) -> Batch:
    """Move each example by its own random interval.

    Args:
        batch: Examples.
        semitones: Largest interval, up or down; 0 changes nothing.
        table: What :func:`pitched` returned.
        seed: Decides the intervals.

    Returns:
        The examples, their features moved along the mel axis, the frequencies of their filters
        moved alike as far as the knobs go.
    """
    if not semitones:
        return batch
    octaves = np.random.default_rng(seed).uniform(-semitones, semitones, len(batch.mel)) / 12
    moved = torch.stack([_moved(m, float(o)) for m, o in zip(batch.mel, octaves, strict=True)])
    nodes = (batch.tokens.types == NODE)[..., None]
    step = table[batch.tokens.kinds.clamp(0, len(table) - 1)] * nodes
    travel = batch.travel + step * torch.from_numpy(octaves).float()[:, None, None]
    return batch._replace(mel=moved, travel=travel.clamp(0, 1))


def _moved(one: Tensor, octaves: float) -> Tensor:
    """Read each band of (input, band, frame) where its content came from, between two bands."""
    bands = one.shape[1]
    step = mel(np.array([RATE / 2]))[0] / (bands + 1)
    centres = hertz(step * np.arange(1, bands + 1))
    place = np.clip(mel(centres / 2**octaves) / step - 1, 0, bands - 1)
    first = np.minimum(place.astype(np.int64), bands - 2)
    # A matrix product: six times as fast as looking the bands up and weighing them.
    weights = torch.zeros(bands, bands)
    rows, part = torch.arange(bands), torch.from_numpy(place - first).float()
    weights[rows, first] = 1 - part
    weights[rows, first + 1] = part
    return (weights @ one.float()).add_(0.5).to(torch.uint8)
