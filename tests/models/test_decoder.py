"""Who hears whom in the decoder."""

import torch

from graphophone.codec.tokens import Tokens
from graphophone.models.batch import TokenBatch
from graphophone.models.model import GraphModel


def changed(tokens: TokenBatch, place: int) -> TokenBatch:
    """The same with another kind at one place of every row."""
    kinds = tokens.kinds.clone()
    kinds[:, place] = (kinds[:, place] + 1).clamp(min=0)
    return tokens._replace(kinds=kinds)


def test_while_writing_nobody_hears_what_comes_later(
    model: GraphModel, mel: torch.Tensor, sequences: list[Tokens]
) -> None:
    latents, tokens = model.listen(mel)[1:], TokenBatch.of(sequences[1:])
    before = torch.cat(list(model.write(latents, tokens)), -1)
    after = torch.cat(list(model.write(latents, changed(tokens, 4))), -1)
    torch.testing.assert_close(after[:, :4], before[:, :4], atol=1e-5, rtol=0)
    assert ((after - before).abs().amax(-1)[:, 4:] > 1e-5).all()


def test_while_setting_knobs_everybody_hears_all(
    model: GraphModel, mel: torch.Tensor, sequences: list[Tokens]
) -> None:
    latents, tokens = model.listen(mel)[1:], TokenBatch.of(sequences[1:]).graph_only()
    gap = model.set_knobs(latents, changed(tokens, 4)) - model.set_knobs(latents, tokens)
    assert (gap.abs().amax(-1)[:, 1:-1] > 1e-7).all()


def test_the_latents_are_heard_everywhere(
    model: GraphModel, mel: torch.Tensor, sequences: list[Tokens]
) -> None:
    tokens = TokenBatch.of(sequences)
    a, b = (model.write(model.listen(x), tokens) for x in (mel, -mel))
    assert ((a.types - b.types).abs().amax(-1)[tokens.used] > 1e-7).all()


def test_padding_is_heard_by_nobody(
    model: GraphModel, mel: torch.Tensor, sequences: list[Tokens]
) -> None:
    latents = model.listen(mel)
    together, alone = TokenBatch.of(sequences), TokenBatch.of(sequences[:1])
    n = len(sequences[0])
    assert n < len(sequences[1])
    for a, b in zip(model.write(latents, together), model.write(latents[:1], alone), strict=True):
        torch.testing.assert_close(a[:1, :n], b, atol=1e-5, rtol=0)
    torch.testing.assert_close(
        model.set_knobs(latents, together.graph_only())[:1, : n - 1],
        model.set_knobs(latents[:1], alone.graph_only())[:, : n - 1],
        atol=1e-5,
        rtol=0,
    )


def test_writing_with_a_memory_is_writing(
    model: GraphModel, mel: torch.Tensor, sequences: list[Tokens]
) -> None:
    latents, tokens = model.listen(mel)[1:], TokenBatch.of(sequences[1:])
    whole, memory = model.write(latents, tokens), model.memory()
    for place in range(len(sequences[1])):
        last = TokenBatch(*(part[:, place : place + 1] for part in tokens))
        for a, b in zip(model.write_on(latents, last, memory), whole, strict=True):
            torch.testing.assert_close(a[:, 0], b[:, place], atol=1e-5, rtol=0)


def test_without_conditioning_nothing_is_heard(
    model: GraphModel, mel: torch.Tensor, sequences: list[Tokens]
) -> None:
    deaf = GraphModel(
        model.config.model_copy(update={"conditioning": "none"}), model.vocabulary, model.knobs
    )
    assert deaf.listen(mel).shape == model.listen(mel).shape
    assert not deaf.listen(mel).any()
