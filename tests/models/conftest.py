"""A model small enough for tests, and sequences for it."""

import pytest
import torch

from graphophone.codec.tokens import Tokens, Vocabulary, encode
from graphophone.codec.travel import width
from graphophone.graph import Edge, Graph, Node
from graphophone.models.config import ModelConfig
from graphophone.models.model import GraphModel
from graphophone.processors import SPECS

torch.set_num_threads(1)  # threads that wait for each other are slower than one
VOCABULARY = Vocabulary.of(SPECS)
TINY = ModelConfig(
    width=16,
    layers=2,
    heads=2,
    dropout=0.0,
    queries=3,
    channels=(4, 8, 8, 8, 8, 8, 8),
    bands=64,
    max_nodes=12,
)
WIRE = Graph((Node("out"), Node("in", source="voice")), (Edge(1, 0),))
SPLIT = Graph(
    (Node("out"), Node("mix"), Node("bell"), Node("in", source="voice"), Node("mono_lfo")),
    (Edge(1, 0), Edge(2, 1), Edge(3, 1), Edge(3, 2), Edge(4, 2, "lfo", "frequency")),
)


@pytest.fixture
def config() -> ModelConfig:
    return TINY


@pytest.fixture
def model() -> GraphModel:
    torch.manual_seed(0)
    return GraphModel(TINY, VOCABULARY, width(SPECS)).eval()


@pytest.fixture
def mel() -> torch.Tensor:
    return torch.rand(2, 2, 64, 48, generator=torch.Generator().manual_seed(1)) * 2 - 1


@pytest.fixture
def sequences() -> list[Tokens]:
    return [encode(WIRE, VOCABULARY, SPECS), encode(SPLIT, VOCABULARY, SPECS)]
