"""What moves through the ripples of a spectrum: a chorus, a flanger, a shifter's taps.

A second voice is a line in the cepstrum that goes up and down with its oscillator, whatever
melody the first one has. Convolutions follow such lines over the whole window; averages and maxima
over the map say how much of the time there were any. It goes beyond the paper, whose mel bands
are wider than the notches.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from graphophone.audio.cepstrum import VIEWS
from graphophone.models.config import ModelConfig
from graphophone.models.shapes import Cepstra, Latents

CHANNELS = (24, 48, 64, 96)


class Ripples(nn.Module):
    """Cepstra to what is added to the latents."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.queries, self.width = config.queries, config.width
        inputs = (len(VIEWS), *CHANNELS)
        self.convolutions = nn.ModuleList(
            nn.Conv2d(a, b, 5 if i == 0 else 3, 2 if i == 0 else 1, 2 if i == 0 else 1)
            for i, (a, b) in enumerate(zip(inputs, CHANNELS, strict=False))
        )
        self.norms = nn.ModuleList(nn.GroupNorm(1, c) for c in CHANNELS)
        self.inner = nn.Linear(2 * CHANNELS[-1], config.width)
        self.outer = nn.Linear(config.width, config.queries * config.width)
        self.dropout = nn.Dropout(config.dropout)
        # Nothing at first: so it can be added to an encoder that has learned without it.
        nn.init.zeros_(self.outer.weight)
        nn.init.zeros_(self.outer.bias)

    def forward(self, cepstra: Cepstra) -> Latents:
        """Listen to ripples."""
        x = cepstra
        for i, (convolve, norm) in enumerate(zip(self.convolutions, self.norms, strict=True)):
            x = F.relu(norm(convolve(x if i == 0 else F.max_pool2d(x, 2))))
        x = torch.cat((x.mean((2, 3)), x.amax((2, 3))), 1)
        x = self.dropout(F.relu(self.inner(self.dropout(x))))
        out: Tensor = self.outer(x)
        return out.view(-1, self.queries, self.width)
