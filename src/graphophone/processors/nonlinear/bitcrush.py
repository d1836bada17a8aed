"""Word-length reduction."""

from typing import Annotated

from graphophone.dsp import shaping
from graphophone.spec import Param, processor
from graphophone.tensors import Audio, Control

BIT = Param(low=4, high=10, default=6, unit="bits", gradient=False, help="word length")


@processor(
    group="nonlinear",
    source="A. V. Oppenheim, R. W. Schafer, Discrete-Time Signal Processing, 3rd ed. (2010), "
    "sec. 4.8.2, mid-tread quantiser",
    traits=("per_channel",),
)
def bitcrush(in_: Audio, *, bit: Annotated[Control, BIT], sample_rate: int) -> Audio:
    """Round each sample to a coarse scale.

    Zero is a level of the scale, so silence stays silent, and what is softer than half a
    step becomes silence. Fractional word lengths have steps between those of their neighbours.

    Args:
        in_: Signal with full scale at 1.
        bit: Word length; steps are 2^(1 - bit).
        sample_rate: Samples per second; rounding does not depend on it.

    Returns:
        Rounded signal, same shape as ``in_``.
    """
    return shaping.quantise(in_, bits=bit)
