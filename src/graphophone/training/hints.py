"""Heads for training alone: the latents are asked outright what a decoder would have to find.

A decoder learns its prior long before it listens, and for so long the encoder is told little.
These two linear heads tell it at once, from every example, which kinds of nodes are on the mixing
bus and on each source's track, and about where their knobs stand. They go beyond the paper, whose
models see a hundred times as many examples, and are no part of the weights.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from graphophone.codec.tokens import NODE
from graphophone.models.batch import TokenBatch
from graphophone.models.config import ModelConfig
from graphophone.models.shapes import Flags, Ids, Latents, Scalar, Travels
from graphophone.spec import SOURCES


class Hints(nn.Module):
    """Presence of each kind of node in each place, and its settings, read off the latents.

    Args:
        config: Sizes of the model that is taught.
        kinds: Number of node kinds.
        knobs: Largest number of knobs of a processor.
    """

    def __init__(self, config: ModelConfig, kinds: int, knobs: int) -> None:
        super().__init__()
        self.kinds, self.knobs, self.places = kinds, knobs, 1 + len(SOURCES)
        self.presence = nn.Linear(config.queries * config.width, self.places * kinds)
        self.settings = nn.Linear(config.queries * config.width, kinds * knobs)

    def forward(
        self,
        latents: Latents,
        tokens: TokenBatch,
        places: Ids,
        travel: Travels,
        live: Flags,
        circular: Flags,
    ) -> tuple[Scalar, Scalar]:
        """Return what the latents leave unsaid.

        Args:
            latents: What the reference encoder said.
            tokens: True graphs.
            places: Where each node stands (:class:`graphophone.training.rows.Batch`).
            travel: Their knob travels, a row for each token.
            live: Which of these count.
            circular: Which of them wrap around.

        Returns:
            The binary cross-entropy of presence, summed over kinds and over the places that there
            are, and the mean distance of live knob travels of nodes from the setting said for
            their kind.
        """
        flat, nodes = latents.flatten(1), tokens.types == NODE
        rest = self.places * self.kinds  # the last column takes what is no node
        column = (places * self.kinds + tokens.kinds).masked_fill(~nodes, rest)
        present = flat.new_zeros(len(flat), rest + 1, dtype=torch.float32)
        present = present.scatter_(1, column, 1.0)[:, :-1]
        unsure = F.binary_cross_entropy_with_logits(
            self.presence(flat).float(), present, reduction="none"
        ).view(-1, self.places, self.kinds)
        used = present.view_as(unsure).any(-1)
        said = torch.sigmoid(self.settings(flat).float()).view(len(flat), self.kinds, self.knobs)
        row = tokens.kinds.clamp(0, self.kinds - 1)[..., None].expand(-1, -1, self.knobs)
        asked = live & nodes[..., None]
        apart = knob_distance(said.gather(1, row), travel, circular)[asked]
        missed = (unsure.sum(-1) * used).sum(1).mean()
        return missed, apart.mean() if len(apart) else missed * 0


def knob_distance(a: Tensor, b: Tensor, circular: Tensor) -> Tensor:
    """Return how far travels are apart; circular knobs wrap around."""
    gap = (a - b).abs()
    return torch.where(circular, torch.minimum(gap, 1 - gap), gap)
