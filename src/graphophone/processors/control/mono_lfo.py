"""Low-frequency oscillator."""

from typing import Annotated, NamedTuple

from graphophone.dsp import oscillator
from graphophone.spec import Param, processor
from graphophone.tensors import Control

FREQUENCY = Param(low=0.05, high=20, default=1, unit="Hz", taper="log", help="how often it swings")
PHASE = Param(
    low=0, high=1, default=0, unit="cycles", circular=True, help="where in its swing it starts"
)


class MonoLfo(NamedTuple):
    """Outlets."""

    lfo: Control


@processor(
    group="control",
    source="U. Zölzer (ed.), DAFX, 2nd ed. (2011), sec. 2.6, sinusoidal modulator",
)
def mono_lfo(
    *,
    frequency: Annotated[Control, FREQUENCY],
    phase: Annotated[Control, PHASE],
    samples: int,
    sample_rate: int,
) -> MonoLfo:
    """Swing as a slow sine between -1 and 1.

    Args:
        frequency: Swings per second.
        phase: Start in cycles; 0.25 starts at the top.
        samples: Length of the clip.
        sample_rate: Samples per second.

    Returns:
        sin 2 pi (frequency t + phase), shape (batch, 1, samples).
    """
    return MonoLfo(oscillator.sine(frequency, phase, samples=samples, sample_rate=sample_rate))
