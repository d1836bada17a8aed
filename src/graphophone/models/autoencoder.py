"""The graph encoder of row 1 of Table 2: a graph to the latents that it is written from again.

Section 4.3 of the paper, "Sanity Check": "a graph autoencoder by introducing another TokenGT as a
graph encoder (we also embedded the parameters for the encoder input)". It shows what the decoder
can do with latents of this size, whatever can be heard.
"""

import torch
from torch import Tensor, nn

from graphophone.codec.tokens import Vocabulary
from graphophone.models.batch import Settings, TokenBatch
from graphophone.models.config import ModelConfig
from graphophone.models.decoder import Embedding, Layer, attention_mask
from graphophone.models.shapes import Latents


class GraphEncoder(nn.Module):
    """A finished graph to latent vectors.

    Learnable queries stand before the tokens, all hear all, and what stands at the queries in the
    end are the latents. A token has no position, so the order of tokens says nothing: only ids do.

    Args:
        config: Sizes; as many layers as the decoder has.
        vocabulary: Kinds of nodes and edges.
        knobs: Largest number of knobs of a processor.
    """

    def __init__(self, config: ModelConfig, vocabulary: Vocabulary, knobs: int) -> None:
        super().__init__()
        self.embed = Embedding(config, vocabulary, knobs)
        self.queries = nn.Parameter(torch.randn(config.queries, config.width) * 0.5)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.norm = nn.LayerNorm(config.width)

    def forward(self, tokens: TokenBatch, settings: Settings) -> Latents:
        """Read graphs.

        Args:
            tokens: Their tokens, padded.
            settings: Their knobs; those that do nothing are not looked at.
        """
        queries = self.queries.expand(len(tokens.types), -1, -1)
        x = torch.cat([queries, self.embed(tokens, settings)], dim=1)
        mask = attention_mask(tokens.used, len(self.queries), causal=False)
        for layer in self.layers:
            x = layer(x, mask)
        out: Tensor = self.norm(x[:, : len(self.queries)])
        return out
