"""Graphs written node by node: valid by the grammar, and what is said is what is written."""

import random

import numpy as np
import pytest
import torch

from graphophone.codec.grammar import Grammar, State
from graphophone.codec.steps import by_step, steps_of
from graphophone.codec.tokens import EDGE, END, NODE, PAD, SAID, Tokens, decode, encode
from graphophone.codec.travel import width
from graphophone.generation.mix import read_mix
from graphophone.generation.prototype import drums_prototype, singing_prototype
from graphophone.graph.rules import check
from graphophone.models.batch import TokenBatch
from graphophone.models.cables import NodePlaces, true_cables
from graphophone.models.estimator import Estimator
from graphophone.models.model import GraphModel
from graphophone.models.stepping import choose_cables, choose_node, said_steps, write_steps
from graphophone.models.weights import Weights
from graphophone.processors import SPECS
from graphophone.spec import SOURCES
from tests.models.conftest import SPLIT, TINY, VOCABULARY

KINDS = len(VOCABULARY.edge_kinds)


@pytest.fixture
def stepper() -> GraphModel:
    torch.manual_seed(0)
    config = TINY.model_copy(update={"decoding": "nodes"})
    return GraphModel(config, VOCABULARY, width(SPECS)).eval()


def shaken(model: GraphModel, seed: int) -> GraphModel:
    torch.manual_seed(seed)
    for parameter in model.parameters():
        parameter.data += 0.3 * torch.randn_like(parameter)
    return model


@pytest.mark.parametrize("task", ["singing", "drums"])
def test_what_is_generated_can_be_written_node_by_node_under_the_grammar(task: str) -> None:
    rng, mix = random.Random(3), read_mix("paper")
    for _ in range(12):
        if task == "singing":
            sources, graph = SOURCES[:1], singing_prototype(rng, mix, rng.randint(1, 12)).graph
        else:
            sources = SOURCES[1:]
            graph = drums_prototype(rng, mix, tuple(rng.sample(sources, 3))).graph
        tokens = encode(graph, VOCABULARY, SPECS)
        state = State(Grammar(VOCABULARY, SPECS, sources, 192, 3 * 192))
        for number, step in enumerate(steps_of(tokens)):
            types, kinds = np.full(len(SAID), -9.0), np.full(len(VOCABULARY.node_kinds), -9.0)
            types[SAID.index(step.node[0])] = 0.0
            kinds[step.node[1]] = 0.0
            said = choose_node(types, kinds, state.legal())
            assert said is not None
            assert said[:2] == step.node[:2]
            state.push(step.node)
            if step.node[0] == END:
                break
            one = TokenBatch.of([tokens])
            chances = true_cables(one, len(graph), KINDS)[0, number, :number].double().numpy()
            cables = choose_cables(chances, chances > 0.5, number, state, 99)
            assert set(cables) == step.cables
            for cable in cables:
                state.push(cable)
        assert state.ended


@pytest.mark.parametrize(("task", "seed"), [("singing", 0), ("drums", 1)])
def test_an_untrained_model_writes_valid_graphs(
    stepper: GraphModel, mel: torch.Tensor, task: str, seed: int
) -> None:
    estimator = Estimator(Weights(shaken(stepper, seed), task, 0, {}))
    stepper.cables.ways.bias.data += 5  # type: ignore[union-attr]  # many cables are wanted
    latents = estimator.listen(mel)
    for guesses in estimator.readings(latents):
        for guess in guesses:
            check(guess.graph, SPECS)
    for graph in estimator.prototypes(latents):
        check(graph, SPECS, prototype=True)


@pytest.mark.parametrize("masked", [True, False])
def test_written_steps_are_what_is_said_after_them(
    stepper: GraphModel, mel: torch.Tensor, masked: bool
) -> None:
    shaken(stepper, 1)
    latents = stepper.listen(mel)
    grammar = Grammar(VOCABULARY, SPECS, ("voice",), TINY.max_nodes, 40) if masked else None
    written = write_steps(stepper, latents, grammar, 40)
    assert any(EDGE in tokens.types for tokens in written)
    for tokens in written:
        ended = tokens if tokens.types[-1] == END else _cut(tokens)
        for true, said in zip(
            steps_of(ended),
            said_steps(stepper, latents[[written.index(tokens)]], [ended], grammar)[0],
            strict=True,
        ):
            if true.node[0] == NODE:
                assert said.node == true.node
                if len(tokens) < 40:
                    assert said.cables == true.cables


def _cut(tokens: Tokens) -> Tokens:
    """The same with an end after it."""
    return Tokens(*zip(*[*tokens.rows(), (END, -1, -1, -1)], strict=True))


def test_with_a_memory_tokens_in_any_portions_are_heard_as_at_once(
    stepper: GraphModel, mel: torch.Tensor
) -> None:
    latents, tokens = stepper.listen(mel), by_step(encode(SPLIT, VOCABULARY, SPECS))
    rows = list(tokens.rows())
    whole, memory = stepper.write_steps(latents, TokenBatch.of([tokens] * 2)), stepper.memory()
    heard: list[list[torch.Tensor]] = [[], []]
    # The rows are cut at other places, so that padding stands amidst what is heard later.
    for cuts in (((0, 1), (0, 1)), ((1, 2), (1, 4)), ((2, 2), (4, 5)), ((2, 7), (5, 7))):
        parts = [rows[first:last] for first, last in cuts]
        padded = TokenBatch.of(
            [Tokens(*zip(*(part or [(PAD, -1, -1, -1)]), strict=True)) for part in parts]
        )
        ahead, _ = stepper.write_steps_on(latents, padded, memory)
        for row, part in enumerate(parts):
            heard[row] += list(ahead.node_kinds[row, : len(part)])
    for row, one in enumerate(heard):
        expected = whole.ahead.node_kinds[row, : len(one)]
        torch.testing.assert_close(torch.stack(one), expected, atol=1e-5, rtol=0)


def test_cables_are_laid_out_by_the_newer_node_and_the_way_they_lead() -> None:
    tokens = TokenBatch.of([by_step(encode(SPLIT, VOCABULARY, SPECS))])
    nodes = NodePlaces.of(tokens)
    assert tokens.types[0, nodes.places[0]].eq(NODE).all()
    there = true_cables(tokens, len(SPLIT), KINDS)
    assert int(there.sum()) == len(SPLIT.edges)
    assert not (there.any(-1) & ~nodes.pairs).any()
    graph = decode(encode(SPLIT, VOCABULARY, SPECS), VOCABULARY)
    for _, new, old, way in there.nonzero().tolist():
        ends = (new, old) if way < KINDS else (old, new)
        kind = VOCABULARY.edge_kinds[way % KINDS]
        assert (*ends, *kind) in {(e.source, e.target, e.outlet, e.inlet) for e in graph.edges}


def test_a_node_is_drawn_as_often_as_it_is_probable() -> None:
    types, kinds = np.log([0.6, 1e-9, 0.4]), np.log([0.25, 0.75])
    rng = np.random.default_rng(0)
    said = [choose_node(types, kinds, None, draw) for draw in rng.random(20_000)]
    assert sum(token[0] == END for token in said if token) / 20_000 == pytest.approx(0.4, abs=0.02)
    second = sum(token[:2] == (NODE, 1) for token in said if token) / 20_000
    assert second == pytest.approx(0.45, abs=0.02)
