"""What follows an onset: echoes, tails and flutter, laid out by how late they come.

Convolutions see a spectrogram a little at a time, and an echo is two places in it, up to a second
apart. Here each mel band is correlated with its own onsets and endings, so that an echo is a line
at its delay through all bands, and a tail a slope behind the onset: an average of what came after
all onsets, as physiologists average what follows a stimulus (G. D. Dawson, A Summation Technique
for the Detection of Small Evoked Potentials, Electroencephalography and Clinical Neurophysiology
6, 1954). It goes beyond the paper.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from graphophone.audio.features import STEP_DB, STEPS
from graphophone.models.config import ModelConfig
from graphophone.models.shapes import Latents, Map, Mel

BANDS = 64
BEFORE, AFTER = 24, 136
"""Frames before and after an onset: 0.2 s and 1.2 s."""
RANGE_DB = 60.0
"""What is this far below a band's peak counts as silence."""
PAIRS = 3
"""Kinds of correlation that :func:`correlations` returns for each input."""
CHANNELS = 32


@torch.no_grad()
def correlations(mel: Mel) -> Map:
    """Return what follows the onsets and endings in each band.

    The level of each band, over its ``RANGE_DB`` loudest decibels, is taken apart into rises and
    falls. The sum over time of one sequence times a later piece of another is taken for every
    lag, by a Fourier transform. A change of gain or of tone leaves it as it is.

    Args:
        mel: Log-mel spectrograms.

    Returns:
        For each input in turn (batch, 3 x input, 64, lags): how much rises follow rises, what the
        level is around rises, and around falls.
    """
    batch, inputs, _, frames = mel.shape
    level = F.adaptive_avg_pool2d(mel.float().flatten(0, 1), (BANDS, frames))
    top = level.amax(-1, keepdim=True)
    level = ((level - top) * (STEPS * STEP_DB / 2 / RANGE_DB)).clamp(min=-1)
    level = F.avg_pool1d(level, 3, 1, 1)
    slope = F.pad(level[..., 2:] - level[..., :-2], (1, 1))
    rise, fall = slope.clamp(min=0), (-slope).clamp(min=0)
    size = frames + AFTER
    size += -size % 32
    risen, fallen, heard = (
        torch.fft.rfft(x - x.mean(-1, keepdim=True), size) for x in (rise, fall, level)
    )
    pairs = torch.stack((risen.conj() * risen, risen.conj() * heard, fallen.conj() * heard), 1)
    late = torch.fft.irfft(pairs, size)
    late = torch.cat((late[..., -BEFORE:], late[..., :AFTER]), -1)
    once = late[:, 0, :, BEFORE, None]
    scale = torch.stack((once + 0.02, rise.sum(-1, True) + 0.5, fall.sum(-1, True) + 0.5), 1)
    scaled = late / scale * torch.tensor([1.0, 2.0, 2.0], device=mel.device)[:, None, None]
    return scaled.view(batch, inputs * PAIRS, BANDS, BEFORE + AFTER)


class Echoes(nn.Module):
    """Correlations to what is added to the latents."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        inputs, c = config.inputs * PAIRS, CHANNELS
        self.queries, self.width = config.queries, config.width
        self.first = nn.Conv2d(inputs, c, (8, 3), (4, 1), (2, 1))
        self.second = nn.Conv2d(c, c, (4, 3), (4, 2), (0, 1))
        self.third = nn.Conv1d(c * BANDS // 16, c, 3, 2, 1)
        self.norms = nn.ModuleList(nn.GroupNorm(1, n) for n in (c, c, c))
        lags = (BEFORE + AFTER) // 4
        self.inner = nn.Linear(c * lags, config.width)
        self.outer = nn.Linear(config.width, config.queries * config.width)
        self.dropout = nn.Dropout(config.dropout)
        # Nothing at first: so it can be added to an encoder that has learned without it.
        nn.init.zeros_(self.outer.weight)
        nn.init.zeros_(self.outer.bias)

    def forward(self, mel: Mel) -> Latents:
        """Listen to what follows onsets."""
        with torch.autocast(mel.device.type, enabled=False):
            x = correlations(mel)
        x = F.relu(self.norms[0](self.first(x)))
        x = F.relu(self.norms[1](self.second(x)))
        x = F.relu(self.norms[2](self.third(x.flatten(1, 2))))
        x = self.dropout(F.relu(self.inner(self.dropout(x.flatten(1)))))
        out: Tensor = self.outer(x)
        return out.view(-1, self.queries, self.width)
