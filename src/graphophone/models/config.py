"""The sizes of a model, as plain data that travels with its weights."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from graphophone.audio.dry import DRY_NAMES

Pool = tuple[int, int]
Conditioning = Literal["wet", "none", "dry", "stems", "graph"]
Decoding = Literal["tokens", "nodes", "single"]

ROWS: Final[Mapping[int, tuple[tuple[Conditioning, ...], Decoding]]] = MappingProxyType(
    {
        1: (("graph",), "tokens"),
        2: (("none",), "tokens"),
        3: (("wet",), "tokens"),
        4: (("dry", "stems"), "tokens"),
        5: (("wet",), "nodes"),
        6: (("wet",), "single"),
    }
)
"""Rows of the paper's Table 2: what the latents are made of (the usual way first), and how a
graph is decoded from them."""


class ModelConfig(BaseModel):
    """Everything that decides the shapes of a model's tensors.

    The defaults are the size for a CPU; ``configs/*-paper.toml`` hold the paper's.

    Attributes:
        width: Channels of every token and of the latents (512 in the paper).
        layers: Transformer layers of the graph decoder (6 in the paper).
        heads: Attention heads of each layer (16 in the paper).
        expansion: Width of a feed-forward layer over ``width``.
        dropout: Share of activations set to zero in training, in the transformer layers.
        queries: Latent vectors that the pooling leaves (1 for singing, 6 for drums).
        channels: Output channels of the seven convolutions; all but the last divide by four.
        stem_stride: Steps of the first convolution over (mel bands, frames).
        pools: Max-pooling over (mel bands, frames) after each convolution.
        bands: Mel bands of the input.
        inputs: Channels of the input: mid and side.
        echoes: Whether the encoder also hears what follows onsets, laid out by its delay
            (:mod:`graphophone.models.echoes`); the paper's does not.
        ripples: Whether it also hears ripples in the spectrum, which move in a chorus
            (:mod:`graphophone.models.ripples`); the paper's does not.
        max_nodes: Largest number of nodes that ids can tell apart.
        conditioning: What the latents are made of. ``"wet"`` is the reference; ``"none"`` sets
            them to zero, which measures what can be had without listening; ``"dry"`` adds the
            mix of the dry clips as two more channels, ``"stems"`` each drum's dry clip;
            ``"graph"`` is the true graph itself, for autoencoding.
        decoding: ``"tokens"`` writes the prototype token by token, then sets all knobs;
            ``"nodes"`` writes the next node, then all its cables, then sets all knobs;
            ``"single"`` sets the knobs of each token as it is written.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    width: int = Field(default=256, ge=8)
    layers: int = Field(default=4, ge=1)
    heads: int = Field(default=8, ge=1)
    expansion: int = Field(default=4, ge=1)
    dropout: float = Field(default=0.1, ge=0, lt=1)
    queries: int = Field(default=1, ge=1)
    channels: tuple[int, int, int, int, int, int, int] = (64, 64, 64, 128, 128, 256, 256)
    stem_stride: Pool = (4, 4)
    pools: tuple[Pool, Pool, Pool, Pool, Pool, Pool, Pool] = (
        (2, 2),
        (1, 1),
        (2, 2),
        (1, 1),
        (2, 1),
        (1, 1),
        (1, 1),
    )
    bands: int = Field(default=256, ge=1)
    inputs: int = Field(default=2, ge=1)
    echoes: bool = False
    ripples: bool = False
    max_nodes: int = Field(default=64, ge=2)
    conditioning: Conditioning = "wet"
    decoding: Decoding = "tokens"

    @property
    def row(self) -> int | None:
        """Which row of the paper's Table 2 this is; ``None`` if it is none of them."""
        for number, (given, way) in ROWS.items():
            if self.conditioning in given and self.decoding == way:
                return number
        return None

    @property
    def hears(self) -> bool:
        """Whether the latents are made of sound."""
        return self.conditioning not in ("none", "graph")

    @property
    def heard_inputs(self) -> int:
        """Channels that the encoder listens to, those of dry clips included."""
        return self.inputs * (1 + len(DRY_NAMES.get(self.conditioning, ())))

    @property
    def rows(self) -> int:
        """Height of the last feature map, in cells of the mel axis."""
        rows = -(-self.bands // self.stem_stride[0])
        for pool, _ in self.pools:
            rows //= pool
        return rows
