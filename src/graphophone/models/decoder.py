"""The graph decoder: a plain transformer over latents and graph tokens.

Section 3 of the paper, "Prototype Decoder" (TokenGT, Kim et al. 2022): nodes and edges are
tokens alike. A token is the sum of embeddings of its type and of its kind, and of a
projection of the ids of its two ends (a node's own id twice); ids are sinusoids. There is no
other position: what came before is told by the causal mask. The latents stand before the
tokens and are seen by all of them.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from graphophone.codec.tokens import EDGE, NODE, TOKEN_TYPES, Vocabulary
from graphophone.models.batch import Settings, TokenBatch
from graphophone.models.config import ModelConfig
from graphophone.models.encoder import sinusoids
from graphophone.models.shapes import Hidden, Latents, Mask, Used


class Embedding(nn.Module):
    """Tokens to vectors.

    Args:
        config: Sizes.
        vocabulary: Kinds of nodes and edges.
        knobs: Largest number of knobs of a processor, if tokens come with their knobs.
    """

    ids: Tensor

    def __init__(self, config: ModelConfig, vocabulary: Vocabulary, knobs: int = 0) -> None:
        super().__init__()
        self.first_edge_kind = len(vocabulary.node_kinds)
        kinds = len(vocabulary.node_kinds) + len(vocabulary.edge_kinds) + 1
        self.of_type = nn.Embedding(len(TOKEN_TYPES), config.width)
        self.of_kind = nn.Embedding(kinds, config.width)
        self.ends = nn.Linear(2 * config.width, config.width)
        # Row i + 1 is id i; row 0 is "no id".
        table = F.pad(sinusoids(config.max_nodes, config.width), (0, 0, 1, 0))
        self.register_buffer("ids", table, persistent=False)
        for lookup in (self.of_type, self.of_kind):
            nn.init.normal_(lookup.weight, std=0.5)
        self.settings = nn.Linear(2 * knobs, config.width) if knobs else None

    def forward(self, tokens: TokenBatch, settings: Settings | None = None) -> Hidden:
        """Sum what a token says, and how it is set where that is told."""
        ends = torch.cat([self.ids[tokens.sources + 1], self.ids[tokens.targets + 1]], dim=-1)
        out: Tensor = self.of_type(tokens.types) + self.kind(tokens) + self.ends(ends)
        if self.settings is not None and settings is not None:
            live = settings.live.to(out.dtype)
            out = out + self.settings(torch.cat([(2 * settings.travel - 1) * live, live], dim=-1))
        return out

    def kind(self, tokens: TokenBatch) -> Hidden:
        """Say of which kind tokens are."""
        kind = torch.where(tokens.types == EDGE, tokens.kinds + self.first_edge_kind, tokens.kinds)
        named = (tokens.types == EDGE) | (tokens.types == NODE)
        kind = torch.where(named, kind, self.of_kind.num_embeddings - 1)
        out: Tensor = self.of_kind(kind)
        return out


class Memory:
    """Keys and values of all tokens so far, so that each is computed once while writing.

    Attributes:
        layers: For each layer nothing, or its keys and its values (batch, heads, all, width).
        used: Which of them are none of the padding; ``None`` where nothing was padded.
    """

    def __init__(self, layers: int) -> None:
        self.layers: list[list[Tensor]] = [[] for _ in range(layers)]
        self.used: Used | None = None

    def keep(self, rows: list[int]) -> None:
        """Forget all sequences of the batch but these."""
        self.layers = [[part[rows] for part in layer] for layer in self.layers]
        if self.used is not None:
            self.used = self.used[rows]


class Layer(nn.Module):
    """One pre-LN transformer encoder layer (Xiong et al. 2020)."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.width
        self.heads = config.heads
        self.norm_attention = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm_feedforward = nn.LayerNorm(width)
        self.up = nn.Linear(width, config.expansion * width)
        self.down = nn.Linear(config.expansion * width, width)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Hidden, mask: Mask | None, past: list[Tensor] | None = None) -> Hidden:
        """Attend, then think.

        Args:
            x: One vector a token.
            mask: Who may listen to whom; nothing lets all listen to all.
            past: Keys and values of earlier tokens, which are heard too; these are added.
        """
        batch, length, width = x.shape
        qkv = self.qkv(self.norm_attention(x)).view(batch, length, 3, self.heads, -1)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        if past is not None:
            if past:
                k, v = torch.cat([past[0], k], dim=2), torch.cat([past[1], v], dim=2)
            past[:] = k, v
        heard = attend(q, k, v, mask)
        x = x + self.dropout(self.out(heard.transpose(1, 2).reshape(batch, length, width)))
        thought: Tensor = self.down(F.gelu(self.up(self.norm_feedforward(x))))
        out: Tensor = x + self.dropout(thought)
        return out


class GraphDecoder(nn.Module):
    """Latents and tokens to one vector a token.

    Args:
        config: Sizes.
        vocabulary: Kinds of nodes and edges.
        knobs: Largest number of knobs of a processor, if tokens come with their knobs.
    """

    def __init__(self, config: ModelConfig, vocabulary: Vocabulary, knobs: int = 0) -> None:
        super().__init__()
        self.embed = Embedding(config, vocabulary, knobs)
        self.latent = nn.Parameter(torch.randn(config.queries, config.width) * 0.5)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.norm = nn.LayerNorm(config.width)

    def forward(
        self,
        latents: Latents,
        tokens: TokenBatch,
        *,
        causal: bool,
        settings: Settings | None = None,
    ) -> Hidden:
        """Let every token hear the latents and the tokens it may.

        Args:
            latents: What the encoder said.
            tokens: The sequences.
            causal: Whether a token hears only those before it, or all of its graph.
            settings: Knobs of the tokens, where they are told.
        """
        x = torch.cat([latents + self.latent, self.embed(tokens, settings)], dim=1)
        mask = attention_mask(tokens.used, latents.shape[1], causal=causal)
        for layer in self.layers:
            x = layer(x, mask)
        out: Tensor = self.norm(x[:, latents.shape[1] :])
        return out

    def follow(
        self,
        latents: Latents,
        last: TokenBatch,
        memory: Memory,
        settings: Settings | None = None,
    ) -> Hidden:
        """Return the vector of the newest token alone, as a causal :meth:`forward` would.

        Args:
            latents: What the encoder said; only used with the first token.
            last: The newest token of each sequence.
            memory: What earlier calls kept; this token is added.
            settings: Its knobs, where they are told.
        """
        x, mask = self.embed(last, settings), None
        if not memory.layers[0]:
            x = torch.cat([latents + self.latent, x], dim=1)
            mask = attention_mask(last.used, latents.shape[1], causal=True)
        for layer, past in zip(self.layers, memory.layers, strict=True):
            x = layer(x, mask, past)
        out: Tensor = self.norm(x[:, -1:])
        return out

    def follow_all(self, latents: Latents, new: TokenBatch, memory: Memory) -> Hidden:
        """Return the vectors of new tokens, as a causal :meth:`forward` would.

        Args:
            latents: What the encoder said; only used with the first tokens.
            new: The newest tokens of each sequence, padded at their end.
            memory: What earlier calls of this method kept; these tokens are added.
        """
        x, used, queries = self.embed(new), new.used, 0
        if memory.used is None:
            queries = latents.shape[1]
            x = torch.cat([latents + self.latent, x], dim=1)
            mask = attention_mask(used, queries, causal=True)
            memory.used = F.pad(used, (queries, 0), value=True)
        else:
            length = used.shape[1]
            own = torch.ones(length, length, dtype=torch.bool, device=used.device).tril()
            before = memory.used[:, None, None, :].expand(-1, 1, length, -1)
            mask = torch.cat([before, own.expand(len(used), 1, -1, -1)], dim=-1)
            memory.used = torch.cat([memory.used, used], dim=1)
        for layer, past in zip(self.layers, memory.layers, strict=True):
            x = layer(x, mask, past)
        out: Tensor = self.norm(x[:, queries:])
        return out


def attend(q: Tensor, k: Tensor, v: Tensor, mask: Mask | None) -> Tensor:
    """Return the attended values, (batch, heads, queries, width).

    On a CPU it is written out: for sequences as short as graphs the backward pass of the
    fused kernel takes two to four times as long.
    """
    if q.device.type != "cpu":
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    scores = q * q.shape[-1] ** -0.5 @ k.transpose(-1, -2)
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
    return F.softmax(scores, dim=-1, dtype=torch.float32).to(v.dtype) @ v


def attention_mask(used: Used, queries: int, *, causal: bool) -> Mask:
    """Return who may listen (rows) to whom (columns), the latents standing first.

    Padding stands at the end of a row, so a causal mask already hides it from all others.
    """
    length = used.shape[1] + queries
    if causal:
        mask = torch.ones(length, length, dtype=torch.bool, device=used.device).tril()
        mask[:queries, :queries] = True
        return mask[None, None]
    heard = F.pad(used, (queries, 0), value=True)
    return heard[:, None, None, :].expand(-1, 1, length, -1)
