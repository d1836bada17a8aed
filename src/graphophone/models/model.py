"""The whole model: it listens once, then writes the prototype, then sets the knobs.

Section 3 of the paper: one decoder serves both tasks. For the knobs a task token is appended
and the causal mask removed. The other rows of its Table 2 differ in what the latents are made of
(:mod:`graphophone.models.autoencoder`), and in how a graph is decoded from them: cables of a
whole node at once (:mod:`graphophone.models.cables`), or knobs along with each token.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from graphophone.codec.tokens import SAID, TASK, Vocabulary
from graphophone.errors import ShapeError
from graphophone.models.autoencoder import GraphEncoder
from graphophone.models.batch import Settings, TokenBatch
from graphophone.models.cables import CableHead, NodePlaces, nodes_of
from graphophone.models.config import ModelConfig
from graphophone.models.decoder import GraphDecoder, Memory
from graphophone.models.encoder import ReferenceEncoder
from graphophone.models.shapes import (
    CableScores,
    Cepstra,
    Hidden,
    Latents,
    Mel,
    New,
    Old,
    Scores,
    Travels,
)


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


class NextStep(NamedTuple):
    """Scores (logits) of a whole step of a decoder that writes node by node.

    Attributes:
        ahead: What comes after each token; of its heads, ``types`` and ``node_kinds`` count.
        cables: All cables between each node and those before it.
        nodes: Which node is which of ``cables``.
    """

    ahead: NextToken
    cables: CableScores
    nodes: NodePlaces


class GraphModel(nn.Module):
    """Encoder, graph decoder and heads.

    Args:
        config: Sizes.
        vocabulary: Kinds of nodes and edges.
        knobs: Largest number of knobs of a processor.
    """

    def __init__(self, config: ModelConfig, vocabulary: Vocabulary, knobs: int) -> None:
        super().__init__()
        self.config, self.vocabulary, self.knobs = config, vocabulary, knobs
        reads = config.conditioning == "graph"
        self.encoder = (
            GraphEncoder(config, vocabulary, knobs) if reads else ReferenceEncoder(config)
        )
        single = config.decoding == "single"
        self.decoder = GraphDecoder(config, vocabulary, knobs if single else 0)
        self.sizes = (
            len(SAID),
            len(vocabulary.node_kinds),
            len(vocabulary.edge_kinds),
            config.max_nodes,
            config.max_nodes,
        )
        self.next_token = nn.Linear(config.width, sum(self.sizes))
        self.knob_head = nn.Linear(config.width, knobs)
        self.join = nn.Linear(2 * config.width, config.width) if single else None
        by_node = config.decoding == "nodes"
        self.cables = CableHead(config.width, len(vocabulary.edge_kinds)) if by_node else None

    def listen(self, mel: Mel, cepstra: Cepstra | None = None) -> Latents:
        """Return the latents; zeros in a model that is not conditioned on what it hears.

        Raises:
            ShapeError: There are other channels than the model listens to.
        """
        if self.config.conditioning == "none":
            return mel.new_zeros(len(mel), self.config.queries, self.config.width)
        if self.config.conditioning == "graph":
            raise ShapeError("this model reads finished graphs and hears nothing")
        if mel.shape[1] != self.config.heard_inputs:
            raise ShapeError(
                f"this model hears {self.config.heard_inputs} channels (mid and side of "
                f"{self.config.heard_inputs // self.config.inputs} clips), got {mel.shape[1]}"
            )
        latents: Tensor = self.encoder(mel, cepstra)
        return latents

    def read(self, tokens: TokenBatch, settings: Settings) -> Latents:
        """Return the latents of finished graphs, in a model that is conditioned on them."""
        latents: Tensor = self.encoder(tokens.graph_only(), settings)
        return latents

    def write(self, latents: Latents, tokens: TokenBatch) -> NextToken:
        """Score what comes after each token, given those before it."""
        return self._score(self.decoder(latents, tokens, causal=True))

    def write_on(self, latents: Latents, last: TokenBatch, memory: Memory) -> NextToken:
        """Score what comes after the newest token, given those in the memory."""
        return self._score(self.decoder.follow(latents, last, memory))

    def write_set(
        self, latents: Latents, tokens: TokenBatch, settings: Settings, next_: TokenBatch
    ) -> tuple[NextToken, Travels]:
        """Score what comes after each token, and set the token that does come there.

        A token's knobs are told apart by its kind, so that is heard too, in training the true
        one; of the graph nothing is heard but what comes before it.
        """
        hidden = self.decoder(latents, tokens, causal=True, settings=settings)
        return self._score(hidden), self.set_next(hidden, next_)

    def write_set_on(
        self, latents: Latents, last: TokenBatch, memory: Memory, settings: Settings
    ) -> tuple[NextToken, Hidden]:
        """Score what comes after the newest token; the vector is for :meth:`set_next`."""
        hidden = self.decoder.follow(latents, last, memory, settings)
        return self._score(hidden), hidden

    def set_next(self, hidden: Hidden, next_: TokenBatch) -> Travels:
        """Estimate the knobs of tokens from what was heard right before them."""
        if self.join is None:
            raise ShapeError("this model sets knobs on finished prototypes only")
        kinds = self.decoder.embed.kind(next_)
        joint = F.gelu(self.join(torch.cat([hidden, kinds], dim=-1)))
        return torch.sigmoid(self.knob_head(joint).float())

    def write_steps(self, latents: Latents, tokens: TokenBatch) -> NextStep:
        """Score each next node, and the cables of each node to those before it."""
        hidden, nodes = self.decoder(latents, tokens, causal=True), NodePlaces.of(tokens)
        own = nodes_of(hidden, nodes)
        return NextStep(self._score(hidden), self.score_cables(own, own), nodes)

    def write_steps_on(
        self, latents: Latents, new: TokenBatch, memory: Memory
    ) -> tuple[NextToken, Hidden]:
        """Score what comes after the newest tokens, padded; the vectors are for cables."""
        hidden = self.decoder.follow_all(latents, new, memory)
        return self._score(hidden), hidden

    def score_cables(self, new: New, old: Old) -> CableScores:
        """Score the cables between new nodes and old ones."""
        if self.cables is None:
            raise ShapeError("this model writes cables one by one")
        scores: Tensor = self.cables(new, old)
        return scores.float()

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
