"""Low-frequency oscillator with one swing for each channel."""

from typing import Annotated, NamedTuple

import torch

from graphophone.dsp import oscillator
from graphophone.processors.control.mono_lfo import FREQUENCY, PHASE
from graphophone.spec import Param, processor
from graphophone.tensors import Control

STEREO_OFFSET = Param(
    low=0, high=0.5, default=0.25, unit="cycles", help="how far right is ahead of left"
)


class StereoLfo(NamedTuple):
    """Outlets."""

    lfo: Control


@processor(
    group="control",
    source="U. Zölzer (ed.), DAFX, 2nd ed. (2011), sec. 2.6, sinusoidal modulator",
)
def stereo_lfo(
    *,
    frequency: Annotated[Control, FREQUENCY],
    phase: Annotated[Control, PHASE],
    stereo_offset: Annotated[Control, STEREO_OFFSET],
    samples: int,
    sample_rate: int,
) -> StereoLfo:
    """Swing as two slow sines between -1 and 1, one for each channel.

    Args:
        frequency: Swings per second.
        phase: Start of the left channel in cycles; 0.25 starts at the top.
        stereo_offset: Cycles by which the right channel is ahead; 0.5 is opposite.
        samples: Length of the clip.
        sample_rate: Samples per second.

    Returns:
        sin 2 pi (frequency t + phase) left and with the offset right, (batch, 2, samples).
    """
    phases = torch.cat((phase, phase + stereo_offset), dim=1)
    return StereoLfo(oscillator.sine(frequency, phases, samples=samples, sample_rate=sample_rate))
