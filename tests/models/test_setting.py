"""A single stage: knobs as tokens are written, from what was written before."""

import pytest
import torch

from graphophone.codec.tokens import EDGE, NODE, Tokens, encode
from graphophone.codec.travel import live_of, travels, width
from graphophone.graph.rules import check
from graphophone.models.batch import Settings, TokenBatch
from graphophone.models.estimator import Estimator
from graphophone.models.model import GraphModel
from graphophone.models.weights import Weights
from graphophone.processors import SPECS
from tests.evaluation.graphs import chain, kit
from tests.models.conftest import TINY, VOCABULARY

GRAPH = chain("bell", "stereo_reverb", "bitcrush")


@pytest.fixture
def single() -> GraphModel:
    torch.manual_seed(0)
    config = TINY.model_copy(update={"decoding": "single"})
    model = GraphModel(config, VOCABULARY, width(SPECS)).eval()
    for parameter in model.parameters():
        parameter.data += 0.3 * torch.randn_like(parameter)
    return model


@pytest.mark.parametrize("task", ["singing", "drums"])
def test_an_untrained_model_writes_valid_graphs(
    single: GraphModel, mel: torch.Tensor, task: str
) -> None:
    estimator = Estimator(Weights(single, task, 0, {}))
    latents = estimator.listen(mel)
    for guesses in estimator.readings(latents):
        for guess in guesses:
            check(guess.graph, SPECS)
    for graph in estimator.prototypes(latents):
        check(graph, SPECS, prototype=True)


@pytest.mark.parametrize("masked", [True, False])
def test_written_knobs_are_those_of_the_same_tokens_shown(
    single: GraphModel, mel: torch.Tensor, masked: bool
) -> None:
    estimator = Estimator(Weights(single, "singing", 0, {}))
    latents = estimator.listen(mel)
    for row, sketch in enumerate(estimator.written(latents, masked=masked)):
        rows = list(sketch.tokens.rows())
        values = torch.tensor(sketch.values)
        live = [
            live_of(token, [t[1] for t in rows[: i + 1] if t[0] == NODE], knobs, VOCABULARY, SPECS)
            for i, (token, knobs) in enumerate(zip(rows, sketch.values, strict=True))
        ]
        told = Settings(values[None], torch.tensor([one.tolist() for one in live])[None])
        tokens = TokenBatch.of([sketch.tokens])
        _, ahead = single.write_set(
            latents[[row]], tokens.history(), told.history(), tokens.future()
        )
        nodes_and_edges = sum(token[0] in (NODE, EDGE) for token in rows)
        torch.testing.assert_close(
            ahead[0, :nodes_and_edges], values[1 : 1 + nodes_and_edges], atol=1e-4, rtol=0
        )


def test_knobs_hear_what_came_before_and_nothing_later(
    single: GraphModel, mel: torch.Tensor
) -> None:
    tokens, travel = encode(GRAPH, VOCABULARY, SPECS), travels(GRAPH, SPECS)
    batch, latents = TokenBatch.of([tokens]), single.listen(mel[:1])
    live = torch.from_numpy(travel.live)[None]
    values = torch.from_numpy(travel.values)[None]
    place = int(live[0].any(-1).nonzero()[1])

    def estimated(values: torch.Tensor, tokens: TokenBatch = batch) -> torch.Tensor:
        settings = Settings(values, live).history()
        return single.write_set(latents, tokens.history(), settings, tokens.future())[1][0]

    before, turned = estimated(values), values.clone()
    turned[0, place] += 0.2
    after = estimated(turned)
    torch.testing.assert_close(after[:place], before[:place], atol=1e-5, rtol=0)
    assert ((after - before).abs().amax(-1)[place:] > 1e-6).all()
    kinds = batch.kinds.clone()
    kinds[0, place] = (kinds[0, place] + 1) % len(VOCABULARY.edge_kinds)
    other = estimated(values, batch._replace(kinds=kinds))
    torch.testing.assert_close(other[: place - 1], before[: place - 1], atol=1e-5, rtol=0)
    assert (other - before).abs()[place - 1].max() > 1e-6, "a token's own kind tells its knobs"


@pytest.mark.parametrize("graph", [GRAPH, kit(kick=("bell",), hat=("compressor", "phaser"))])
def test_what_does_something_is_known_when_a_token_is_written(graph: object) -> None:
    tokens: Tokens = encode(graph, VOCABULARY, SPECS)  # type: ignore[arg-type]
    travel = travels(graph, SPECS)  # type: ignore[arg-type]
    kinds: list[int] = []
    for row, token in enumerate(tokens.rows()):
        if token[0] == NODE:
            kinds.append(token[1])
        found = live_of(token, kinds, travel.values[row].tolist(), VOCABULARY, SPECS)
        assert found.tolist() == travel.live[row].tolist()
    assert live_of((EDGE, 0, 99, 98), kinds, [0.5], VOCABULARY, SPECS).sum() == 0


def test_the_true_knobs_of_a_token_are_not_shown_to_it(
    single: GraphModel, mel: torch.Tensor
) -> None:
    estimator = Estimator(Weights(single, "singing", 0, {}))
    tokens, travel = encode(GRAPH, VOCABULARY, SPECS), travels(GRAPH, SPECS)
    (rows,) = estimator.travels(estimator.listen(mel[:1]), [tokens], [travel])
    assert rows.shape == (len(tokens), width(SPECS))
    last = max(row for row, live in enumerate(travel.live) if live.any())
    travel.values[last] = 0.123
    (again,) = estimator.travels(estimator.listen(mel[:1]), [tokens], [travel])
    torch.testing.assert_close(again[: last + 1], rows[: last + 1], atol=0, rtol=0)
