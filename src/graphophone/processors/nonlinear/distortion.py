"""Static waveshaper."""

from typing import Annotated

from graphophone.dsp import shaping
from graphophone.dsp.lanes import scaled
from graphophone.dsp.level import from_db
from graphophone.spec import Param, processor
from graphophone.tensors import Audio, Control

GAIN = Param(low=0, high=36, default=18, unit="dB", help="drive into the curve")
HARDNESS = Param(low=0, high=1, default=0.3, help="how sharply the curve bends")
ASYMMETRY = Param(low=0, high=0.9, default=0, help="offset before the curve, for even harmonics")


@processor(
    group="nonlinear",
    source="U. Zölzer (ed.), DAFX, 2nd ed. (2011), sec. 4.3, nonlinear processing",
    traits=("per_channel",),
)
def distortion(
    in_: Audio,
    *,
    gain: Annotated[Control, GAIN],
    hardness: Annotated[Control, HARDNESS],
    asymmetry: Annotated[Control, ASYMMETRY],
    sample_rate: int,
) -> Audio:
    """Bend the waveform, which adds harmonics.

    With the driven signal u and the offset a, the output is f(u + a) - f(a), where f lies
    between tanh and a hard clip at 1. There is no oversampling: high notes alias.

    Args:
        in_: Signal to distort.
        gain: Drive in dB.
        hardness: 0 is tanh, 1 is a hard clip.
        asymmetry: Offset a; 0 gives odd harmonics only.
        sample_rate: Samples per second; a memoryless curve does not depend on it.

    Returns:
        Distorted signal, same shape as ``in_``.
    """
    return shaping.saturate(scaled(in_, from_db(gain)), hardness=hardness, bias=asymmetry)
