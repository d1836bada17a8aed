"""The latents are asked what is where, and only about places that there are."""

import torch

from graphophone.codec.tokens import NODE
from graphophone.models.batch import TokenBatch
from graphophone.models.config import ModelConfig
from graphophone.training.hints import Hints

KINDS, KNOBS = 4, 2


def asked(*nodes: tuple[int, int]) -> tuple[TokenBatch, torch.Tensor, tuple[torch.Tensor, ...]]:
    """One graph of nodes, each a kind and a place, whose first knob is live at 0.25."""
    count = len(nodes)
    kinds, places = (torch.tensor(part)[None] for part in zip(*nodes, strict=True))
    ids = torch.arange(count)[None]
    tokens = TokenBatch(torch.full((1, count), NODE), kinds, ids, ids)
    live = torch.tensor([True, False]).expand(1, count, KNOBS)
    travel = torch.full((1, count, KNOBS), 0.25)
    return tokens, places, (travel, live, torch.zeros_like(live))


def hints() -> Hints:
    """Heads that know nothing."""
    heads = Hints(ModelConfig(width=8, queries=1), KINDS, KNOBS)
    for head in (heads.presence, heads.settings):
        torch.nn.init.zeros_(head.weight)
        torch.nn.init.zeros_(head.bias)
    return heads


def test_knowing_nothing_costs_a_bit_for_each_kind_in_each_place_there_is() -> None:
    latents = torch.zeros(1, 1, 8)
    for nodes, places in (([(0, 0), (1, 3)], 2), ([(0, 0), (1, 0), (2, 0)], 1)):
        presence, settings = hints()(latents, *_flat(asked(*nodes)))
        expected = places * KINDS * torch.tensor(2.0).log()
        torch.testing.assert_close(presence, expected)
        torch.testing.assert_close(settings, torch.tensor(0.25))


def test_a_kind_in_the_wrong_place_is_missed() -> None:
    heads, latents = hints(), torch.zeros(1, 1, 8)
    bias = torch.full((heads.places, KINDS), -20.0)
    bias[0, 0] = bias[3, 1] = 20.0
    heads.presence.bias.data = bias.flatten()
    right, _ = heads(latents, *_flat(asked((0, 0), (1, 3))))
    wrong, _ = heads(latents, *_flat(asked((1, 0), (0, 3))))
    assert right.item() < 1e-6
    assert wrong.item() > 70


def _flat(
    asked: tuple[TokenBatch, torch.Tensor, tuple[torch.Tensor, ...]],
) -> tuple[TokenBatch, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    tokens, places, (travel, live, circular) = asked
    return tokens, places, travel, live, circular
