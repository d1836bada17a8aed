"""One example as arrays, and several as a batch."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

from graphophone.codec.steps import step_order
from graphophone.codec.tokens import Tokens, Vocabulary, encode, sequence
from graphophone.codec.travel import travels
from graphophone.graph.model import Graph, Node
from graphophone.graph.order import decoding_order, segments
from graphophone.models.batch import TokenBatch
from graphophone.models.shapes import Flags, Ids, PackedCepstra, PackedMel, Travels
from graphophone.processors import SPECS
from graphophone.spec import SOURCES

Array = np.ndarray[Any, np.dtype[Any]]


class Batch(NamedTuple):
    """Examples of one update.

    Attributes:
        mel: Packed spectrograms (batch, 2 or more, bands, frames); those of dry clips stand below
            that of the wet one.
        cepstra: Packed cepstra (batch, 2, lags, moments), where the model hears ripples.
        tokens: Sequences with start and end.
        places: Where each node stands (batch, length): 0 on the mixing bus, else one more than
            the number of the source whose track it is on; -1 for all other tokens.
        travel: Knob travels (batch, length, knobs), for the same tokens.
        live: Which of them count.
        circular: Which of them wrap around.
    """

    mel: PackedMel
    cepstra: PackedCepstra | None
    tokens: TokenBatch
    places: Ids
    travel: Travels
    live: Flags
    circular: Flags


class Answer(NamedTuple):
    """A graph as arrays.

    Attributes:
        tokens: Types, kinds, sources and targets (4, length), int16.
        places: Where each node stands (length,), as in :class:`Batch`, int8.
        travel: Knob travels (length, knobs), float32.
        flags: Bit 0 says live, bit 1 circular (length, knobs), uint8.
    """

    tokens: Array
    places: Array
    travel: Array
    flags: Array

    def by_step(self) -> "Answer":
        """The same in the order of steps (:mod:`graphophone.codec.steps`)."""
        order = step_order(*self.tokens)
        return Answer(self.tokens[:, order], *(part[order] for part in self[1:]))


class Row(NamedTuple):
    """One example as arrays.

    Attributes:
        answer: Its graph.
        mel: Packed spectrogram (2, bands, frames); more channels with dry clips.
        cepstra: Packed cepstra (2, lags, moments), where they are wanted.
    """

    answer: Answer
    mel: Array
    cepstra: Array | None


def answer_of(graph: Graph, vocabulary: Vocabulary) -> Answer:
    """Turn a graph into arrays."""
    tokens, travel = encode(graph, vocabulary, SPECS), travels(graph, SPECS)
    return Answer(
        np.array([tokens.types, tokens.kinds, tokens.sources, tokens.targets], np.int16),
        places_of(graph),
        travel.values.astype(np.float32),
        travel.live.astype(np.uint8) + 2 * travel.circular.astype(np.uint8),
    )


def collate(rows: Sequence[Row]) -> Batch:
    """Make a batch of examples; short ones are padded."""
    answers = [row.answer for row in rows]
    length = max(len(answer.places) for answer in answers)
    travel = np.zeros((len(rows), length, answers[0].travel.shape[1]), np.float32)
    flags = np.zeros(travel.shape, np.uint8)
    places = np.full(travel.shape[:2], -1, np.int64)
    for i, answer in enumerate(answers):
        travel[i, : len(answer.travel)] = answer.travel
        flags[i, : len(answer.flags)] = answer.flags
        places[i, : len(answer.places)] = answer.places
    cepstra = [row.cepstra for row in rows if row.cepstra is not None]
    return Batch(
        torch.from_numpy(np.stack([row.mel for row in rows])),
        torch.from_numpy(np.stack(cepstra)) if cepstra else None,
        TokenBatch.of([Tokens(*(tuple(part.tolist()) for part in a.tokens)) for a in answers]),
        torch.from_numpy(places),
        torch.from_numpy(travel),
        torch.from_numpy(flags & 1 > 0),
        torch.from_numpy(flags & 2 > 0),
    )


def places_of(graph: Graph) -> Array:
    """Say of each token of a graph where its node stands, as in :class:`Batch`."""
    track = segments(graph, SPECS)
    place = {0: 0} | {
        track[i]: 1 + SOURCES.index(graph.nodes[i].source or "") for i in graph.inputs
    }
    nodes = iter(decoding_order(graph, SPECS).nodes)
    said = [
        place[track[next(nodes)]] if isinstance(item, Node) else -1
        for item in sequence(graph, SPECS)
    ]
    return np.array([-1, *said, -1], np.int8)
