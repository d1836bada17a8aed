"""A graphic equaliser of ten octave bands."""

from typing import Annotated

from graphophone.dsp import octaves
from graphophone.spec import Param, processor
from graphophone.tensors import Audio, Control


def _band(centre: str) -> Param:
    return Param(low=-12, high=12, default=0, unit="dB", help=f"gain at {centre}")


@processor(
    group="filter",
    source="V. Välimäki and J. Liski, Accurate Cascade Graphic Equalizer, IEEE Signal Processing "
    "Letters 24(2), 2017",
    traits=("lti", "per_channel"),
)
def graphic_equaliser(
    in_: Audio,
    *,
    gain_31: Annotated[Control, _band("31.25 Hz")],
    gain_63: Annotated[Control, _band("62.5 Hz")],
    gain_125: Annotated[Control, _band("125 Hz")],
    gain_250: Annotated[Control, _band("250 Hz")],
    gain_500: Annotated[Control, _band("500 Hz")],
    gain_1k: Annotated[Control, _band("1 kHz")],
    gain_2k: Annotated[Control, _band("2 kHz")],
    gain_4k: Annotated[Control, _band("4 kHz")],
    gain_8k: Annotated[Control, _band("8 kHz")],
    gain_16k: Annotated[Control, _band("16 kHz")],
    sample_rate: int,
) -> Audio:
    """Raise and lower ten octaves; what is set at a centre is what is heard there.

    Ten bells in a row overlap, so their gains are solved for such that their product
    passes through the settings. Bands whose centre lies above 0.45 of the sample rate do nothing.

    Args:
        in_: Signal to process.
        gain_31: Gain in dB at 31.25 Hz.
        gain_63: Gain in dB at 62.5 Hz.
        gain_125: Gain in dB at 125 Hz.
        gain_250: Gain in dB at 250 Hz.
        gain_500: Gain in dB at 500 Hz.
        gain_1k: Gain in dB at 1 kHz.
        gain_2k: Gain in dB at 2 kHz.
        gain_4k: Gain in dB at 4 kHz.
        gain_8k: Gain in dB at 8 kHz.
        gain_16k: Gain in dB at 16 kHz.
        sample_rate: Samples per second.

    Returns:
        Processed signal, same shape as ``in_``.
    """
    gains = (
        gain_31,
        gain_63,
        gain_125,
        gain_250,
        gain_500,
        gain_1k,
        gain_2k,
        gain_4k,
        gain_8k,
        gain_16k,
    )
    return octaves.equalised(in_, gains=gains, sample_rate=sample_rate)
