"""What the graph encoder of row 1 reads, and what it does not."""

import pytest
import torch

from graphophone.codec.tokens import EDGE, Tokens, encode
from graphophone.codec.travel import travels, width
from graphophone.errors import ShapeError
from graphophone.graph import Graph
from graphophone.models.batch import Settings, TokenBatch
from graphophone.models.estimator import Estimator
from graphophone.models.model import GraphModel
from graphophone.models.shapes import Latents
from graphophone.models.weights import Weights
from graphophone.processors import SPECS
from tests.evaluation.graphs import chain
from tests.models.conftest import TINY, VOCABULARY, WIRE

KNOBS = width(SPECS)
GRAPH = chain("bell", "stereo_reverb", "bitcrush")


@pytest.fixture
def reader() -> GraphModel:
    torch.manual_seed(0)
    config = TINY.model_copy(update={"conditioning": "graph"})
    return GraphModel(config, VOCABULARY, KNOBS).eval()


def read(model: GraphModel, *graphs: Graph) -> Latents:
    return Estimator(Weights(model, "singing", 0, {})).read(graphs)


def test_the_order_of_tokens_says_nothing(reader: GraphModel) -> None:
    tokens, travel = encode(GRAPH, VOCABULARY, SPECS), travels(GRAPH, SPECS)
    order = torch.randperm(len(tokens), generator=torch.Generator().manual_seed(2)).tolist()
    rows = list(tokens.rows())
    moved = Tokens(*zip(*(rows[place] for place in order), strict=True))
    found = reader.read(
        TokenBatch.of([moved]),
        Settings(
            torch.from_numpy(travel.values[order])[None], torch.from_numpy(travel.live[order])[None]
        ),
    )
    torch.testing.assert_close(found, read(reader, GRAPH), atol=1e-5, rtol=0)


def test_the_listing_of_nodes_and_the_company_in_a_batch_say_nothing(reader: GraphModel) -> None:
    listed = GRAPH.reordered(tuple(reversed(range(len(GRAPH)))))
    alone = read(reader, GRAPH)
    torch.testing.assert_close(read(reader, listed), alone, atol=1e-5, rtol=0)
    longer = chain(*["bell"] * 6)
    torch.testing.assert_close(read(reader, longer, GRAPH)[1:], alone, atol=1e-5, rtol=0)


def test_knobs_are_read_but_for_those_that_do_nothing(reader: GraphModel) -> None:
    tokens, travel = encode(GRAPH, VOCABULARY, SPECS), travels(GRAPH, SPECS)
    batch, live = TokenBatch.of([tokens]), torch.from_numpy(travel.live)[None]
    values = torch.from_numpy(travel.values)[None]
    before = reader.read(batch, Settings(values, live))
    dead = torch.where(live, values, torch.rand(values.shape))
    torch.testing.assert_close(reader.read(batch, Settings(dead, live)), before, atol=0, rtol=0)
    for row, column in live[0].nonzero().tolist():
        turned = values.clone()
        turned[0, row, column] = 1 - turned[0, row, column] + 0.1
        assert not torch.allclose(reader.read(batch, Settings(turned, live)), before, atol=1e-6)


def test_types_and_wiring_are_read(reader: GraphModel) -> None:
    before = read(reader, GRAPH)
    for other in (
        chain("bell", "stereo_reverb", "lowpass"),
        chain("stereo_reverb", "bell", "bitcrush"),
        WIRE,
    ):
        assert not torch.allclose(read(reader, other), before, atol=1e-4)
    tokens = TokenBatch.of([encode(GRAPH, VOCABULARY, SPECS)])
    knobs = Settings(torch.zeros(1, tokens.types.shape[1], KNOBS), torch.zeros(1, 1, KNOBS).bool())
    settings = knobs._replace(live=knobs.live.expand(-1, tokens.types.shape[1], -1))
    edge = int((tokens.types[0] == EDGE).nonzero()[0])
    swapped = tokens.sources.clone()
    swapped[0, edge] = 0
    a, b = (reader.read(t, settings) for t in (tokens, tokens._replace(sources=swapped)))
    assert not torch.allclose(a, b, atol=1e-5)


def test_it_hears_nothing(reader: GraphModel, mel: torch.Tensor) -> None:
    with pytest.raises(ShapeError, match="reads finished graphs and hears nothing"):
        reader.listen(mel)


def test_a_model_that_wants_the_dry_sound_says_so(mel: torch.Tensor) -> None:
    config = TINY.model_copy(update={"conditioning": "dry"})
    model = GraphModel(config, VOCABULARY, KNOBS).eval()
    with pytest.raises(ShapeError, match=r"hears 4 channels \(mid and side of 2 clips\), got 2"):
        model.listen(mel)
    both = torch.cat([mel, mel.flip(-1)], dim=1)
    assert not torch.allclose(model.listen(both), model.listen(both.roll(2, 1)), atol=1e-5)
