"""The reference encoder: what a recording says about its graph, in a few vectors.

Section 3 of the paper, "Reference Encoder" and "Architecture Details": seven two-dimensional
convolutions over the mel spectrogram (VGGish with depthwise separable convolutions, channels
in four groups with dilations 1, 2, 4 and 8, and layer normalisation), channels and mel bands
flattened and projected, and attentive pooling over time with learnable queries.

On a CPU this part is bound by memory: the first convolution therefore strides, tensors keep
channels last, and depthwise convolutions stay in float32, where their backward pass is three
times as fast as in bfloat16.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from graphophone.errors import ShapeError
from graphophone.models.config import ModelConfig, Pool
from graphophone.models.echoes import Echoes
from graphophone.models.ripples import Ripples
from graphophone.models.shapes import Cepstra, Frames, Latents, Map, Mel

DILATIONS = (1, 2, 4, 8)
POSITION_SCALE = 0.3
"""Size of the positional encoding beside features of unit size: heard, but not above them."""


def sinusoids(length: int, width: int) -> Tensor:
    """Encode the integers below ``length`` as sines and cosines (Vaswani et al. 2017, 3.5).

    Returns:
        Float tensor (length, width); the first half are sines.
    """
    position = torch.arange(length, dtype=torch.float32)[:, None]
    rate = torch.exp(-math.log(10_000) * torch.arange((width + 1) // 2) / max(width // 2, 1))
    return torch.cat([torch.sin(position * rate), torch.cos(position * rate)], dim=1)[:, :width]


class Depthwise(nn.Conv2d):
    """A convolution of each channel alone; on a CPU in float32 whatever the precision."""

    def forward(self, input: Map) -> Map:
        """Convolve."""
        if input.device.type != "cpu":
            return super().forward(input)
        with torch.autocast("cpu", enabled=False):
            return super().forward(input.float()).to(input.dtype)


def dilated(inputs: int, outputs: int, kernel: int, stride: Pool, groups: int) -> nn.ModuleList:
    """Four convolutions side by side, one for each dilation, that keep the map's size."""
    kind = nn.Conv2d if groups == 1 else Depthwise
    return nn.ModuleList(
        kind(
            inputs,
            outputs,
            kernel,
            stride=stride,
            padding=d * (kernel // 2),
            dilation=d,
            groups=groups,
        )
        for d in DILATIONS
    )


class Finish(nn.Module):
    """Pool, normalise over channels, rectify."""

    def __init__(self, channels: int, pool: Pool) -> None:
        super().__init__()
        self.pool = pool
        self.norm = nn.LayerNorm(channels)

    def forward(self, x: Map) -> Map:
        """Finish a convolution."""
        if self.pool != (1, 1):
            x = F.max_pool2d(x, self.pool)
        return F.relu(self.norm(x.permute(0, 2, 3, 1))).permute(0, 3, 1, 2)


class Stem(nn.Module):
    """The first convolution: it sees all inputs, with a quarter of its outputs a dilation."""

    def __init__(self, inputs: int, channels: int, stride: Pool, pool: Pool) -> None:
        super().__init__()
        self.convolutions = dilated(inputs, channels // len(DILATIONS), 5, stride, 1)
        self.finish = Finish(channels, pool)

    def forward(self, x: Map) -> Map:
        """Convolve the spectrogram."""
        out: Tensor = self.finish(torch.cat([conv(x) for conv in self.convolutions], dim=1))
        return out


class Separable(nn.Module):
    """A depthwise convolution in four dilations, then a pointwise one."""

    def __init__(self, inputs: int, channels: int, pool: Pool) -> None:
        super().__init__()
        group = inputs // len(DILATIONS)
        self.depthwise = dilated(group, group, 3, (1, 1), group)
        self.pointwise = nn.Conv2d(inputs, channels, 1)
        self.finish = Finish(channels, pool)

    def forward(self, x: Map) -> Map:
        """Convolve each channel alone, then all at each place."""
        parts = x.chunk(len(DILATIONS), dim=1)
        spread = [c(p) for c, p in zip(self.depthwise, parts, strict=True)]
        out: Tensor = self.finish(self.pointwise(torch.cat(spread, dim=1)))
        return out


class Pooling(nn.Module):
    """Attentive pooling: one transformer decoder layer whose inputs are learnable queries."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.width
        self.queries = nn.Parameter(torch.randn(config.queries, width) * 0.02)
        self.layer = nn.TransformerDecoderLayer(
            width,
            config.heads,
            width * config.expansion,
            config.dropout,
            activation="gelu",
            batch_first=True,
            norm_first=True,
        )
        self.norm = nn.LayerNorm(width)

    def forward(self, x: Frames) -> Latents:
        """Let the queries attend to all frames."""
        queries = self.queries.expand(len(x), -1, -1)
        out: Tensor = self.norm(self.layer(queries, x))
        return out


class ReferenceEncoder(nn.Module):
    """Mel spectrograms of mid and side, of the wet clip and of dry ones, to latent vectors."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        c = config
        self.inputs = c.inputs
        self.stem = Stem(c.heard_inputs, c.channels[0], c.stem_stride, c.pools[0])
        self.blocks = nn.Sequential(
            *(
                Separable(a, b, pool)
                for a, b, pool in zip(c.channels, c.channels[1:], c.pools[1:], strict=False)
            )
        )
        self.project = nn.Linear(c.channels[-1] * c.rows, c.width)
        self.norm = nn.LayerNorm(c.width)
        self.pooling = Pooling(c)
        self.echoes = Echoes(c) if c.echoes else None
        self.ripples = Ripples(c) if c.ripples else None
        # He et al. 2015: keeps the size of features through rectifiers, so that what differs
        # between recordings arrives at the latents from the first step on.
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                gain = 2 if module.groups == 1 else 1  # a rectifier follows, or it does not
                nn.init.normal_(module.weight, std=math.sqrt(gain / module.weight[0].numel()))
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, mel: Mel, cepstra: Cepstra | None = None) -> Latents:
        """Listen.

        Raises:
            ShapeError: The model hears ripples, and there are no cepstra.
        """
        centred = 2 * mel + 1  # most of a spectrogram lies in the lower half of the range
        x = self.blocks(self.stem(centred.contiguous(memory_format=torch.channels_last)))
        x = x.permute(0, 3, 1, 2).flatten(2)  # (batch, time, channels and bands)
        x = self.norm(self.project(x))
        x = x + POSITION_SCALE * sinusoids(x.shape[1], x.shape[2]).to(x)
        out: Tensor = self.pooling(x)
        if self.echoes is not None:
            out = out + self.echoes(mel[:, : self.inputs])  # those of the wet clip
        if self.ripples is not None:
            if cepstra is None:
                raise ShapeError("this model hears ripples: it needs cepstra beside spectrograms")
            out = out + self.ripples(cepstra)
        return out
