"""An example as arrays is what its graph says."""

import random

import numpy as np
import pytest

from graphophone.codec.tokens import NODE, PAD, Vocabulary, encode
from graphophone.codec.travel import travels
from graphophone.graph import Edge, Graph, Node
from graphophone.processors import SPECS
from graphophone.spec import SOURCES
from graphophone.training.rows import Row, answer_of, collate, places_of
from tests.training.conftest import chain

VOCABULARY = Vocabulary.of(SPECS)


@pytest.mark.parametrize("ripples", [False, True])
def test_a_batch_holds_features_tokens_and_travels_of_its_examples(ripples: bool) -> None:
    rng = random.Random(3)
    graphs = [chain(rng) for _ in range(3)]
    mels = np.random.default_rng(0).integers(0, 256, (3, 2, 8, 5)).astype(np.uint8)
    cepstra = mels[:, :, ::-1]
    rows = [
        Row(answer_of(graph, VOCABULARY), mels[i], cepstra[i].copy() if ripples else None)
        for i, graph in enumerate(graphs)
    ]
    batch = collate(rows)
    np.testing.assert_array_equal(batch.mel.numpy(), mels)
    if batch.cepstra is None:
        assert not ripples
    else:
        np.testing.assert_array_equal(batch.cepstra.numpy(), cepstra)
    for row, graph in enumerate(graphs):
        tokens, travel = encode(graph, VOCABULARY, SPECS), travels(graph, SPECS)
        n = len(tokens)
        assert tuple(batch.tokens.types[row, :n].tolist()) == tokens.types
        assert (batch.tokens.types[row, n:] == PAD).all()
        assert tuple(batch.tokens.kinds[row, :n].tolist()) == tokens.kinds
        assert tuple(batch.tokens.targets[row, :n].tolist()) == tokens.targets
        np.testing.assert_array_equal(batch.places[row, :n].numpy(), places_of(graph))
        assert (batch.places[row, n:] == -1).all()
        np.testing.assert_array_equal(batch.travel[row, :n].numpy(), travel.values)
        np.testing.assert_array_equal(batch.live[row, :n].numpy(), travel.live)
        np.testing.assert_array_equal(batch.circular[row, :n].numpy(), travel.circular)
        assert not batch.live[row, n:].any()


def test_a_place_is_the_bus_or_the_track_of_a_source() -> None:
    mix = Graph(
        (
            *(Node("in", source=name) for name in ("hat", "kick")),
            *(Node(kind) for kind in ("bell", "compressor", "mix", "expander", "out")),
        ),
        (
            Edge(0, 2),
            Edge(2, 4),
            Edge(1, 3),
            Edge(3, 4),
            Edge(4, 5),
            Edge(5, 6),
        ),
    )
    tokens, places = encode(mix, VOCABULARY, SPECS), places_of(mix)
    nodes = [i for i, type_ in enumerate(tokens.types) if type_ == NODE]
    said = {VOCABULARY.node_kinds[tokens.kinds[i]]: int(places[i]) for i in nodes}
    hat, kick = (1 + SOURCES.index(name) for name in ("hat", "kick"))
    assert said == {
        "out": 0,
        "expander": 0,
        "mix": 0,
        "bell": hat,
        "in:hat": hat,
        "compressor": kick,
        "in:kick": kick,
    }
    assert (np.delete(places, nodes) == -1).all()
