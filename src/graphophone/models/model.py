"""The whole model: it listens once, then writes the prototype, then sets the knobs.

Section 3 of the paper: one decoder serves both tasks. For the knobs a task token is appended
and the causal mask removed.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from graphophone.codec.tokens import SAID, TASK, Vocabulary
from graphophone.models.batch import TokenBatch
from graphophone.models.config import ModelConfig
from graphophone.models.decoder import GraphDecoder, Memory
from graphophone.models.encoder import ReferenceEncoder
from graphophone.models.shapes import Cepstra, Hidden, Latents, Mel, Scores, Travels


class NextToken(NamedTuple):
    """Scores (logits) of what comes after each token.

    Attributes:
        types: Over ``SAID``: node, edge, end.
        node_kinds: Over the vocabulary's node kinds.
        edge_kinds: Over its edge kinds.
        sources: Over ids; of a node its own.
        targets: Over ids; of a node its own.
    """

    types: Scores
    node_kinds: Scores
    edge_kinds: Scores
    sources: Scores
    targets: Scores


class GraphModel(nn.Module):
    """Reference encoder, graph decoder and heads.

    Args:
        config: Sizes.
        vocabulary: Kinds of nodes and edges.
        knobs: Largest number of knobs of a processor.
    """

    def __init__(self, config: ModelConfig, vocabulary: Vocabulary, knobs: int) -> None:
        super().__init__()
        self.config, self.vocabulary, self.knobs = config, vocabulary, knobs
        self.encoder = ReferenceEncoder(config)
        self.decoder = GraphDecoder(config, vocabulary)
        self.sizes = (
            len(SAID),
            len(vocabulary.node_kinds),
            len(vocabulary.edge_kinds),
            config.max_nodes,
            config.max_nodes,
        )
        self.next_token = nn.Linear(config.width, sum(self.sizes))
        self.knob_head = nn.Linear(config.width, knobs)

    def listen(self, mel: Mel, cepstra: Cepstra | None = None) -> Latents:
        """Return the latents; zeros in a model that is not conditioned on what it hears."""
        if self.config.conditioning == "none":
            return mel.new_zeros(len(mel), self.config.queries, self.config.width)
        latents: Tensor = self.encoder(mel, cepstra)
        return latents

    def write(self, latents: Latents, tokens: TokenBatch) -> NextToken:
        """Score what comes after each token, given those before it."""
        return self._score(self.decoder(latents, tokens, causal=True))

    def write_on(self, latents: Latents, last: TokenBatch, memory: Memory) -> NextToken:
        """Score what comes after the newest token, given those in the memory."""
        return self._score(self.decoder.follow(latents, last, memory))

    def memory(self) -> Memory:
        """Return an empty memory for new sequences."""
        return Memory(self.config.layers)

    def set_knobs(self, latents: Latents, tokens: TokenBatch) -> Travels:
        """Estimate the travels of a finished prototype, in [0, 1], a row for each token."""
        task = TokenBatch(
            F.pad(tokens.types, (1, 0), value=TASK),
            *(F.pad(part, (1, 0), value=-1) for part in tokens[1:]),
        )
        # Without a causal mask the order of tokens says nothing, so the task token may lead.
        hidden = self.decoder(latents, task, causal=False)
        return torch.sigmoid(self.knob_head(hidden[:, 1:]).float())

    def _score(self, hidden: Hidden) -> NextToken:
        return NextToken(*self.next_token(hidden).float().split(self.sizes, dim=-1))
