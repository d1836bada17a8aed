"""Any number of channels to two."""

import torch
from torch import Tensor

from graphophone.tensors import Stereo

SURROUND = {  # L, R, C, LFE, left and right surrounds; the order of WAV (RIFF) channel masks
    6: ("L", "R", "C", "LFE", "Ls", "Rs"),
    8: ("L", "R", "C", "LFE", "Ls", "Rs", "Ls", "Rs"),
}
LEFT = {"L": 1.0, "C": 0.5**0.5, "Ls": 0.5**0.5}
RIGHT = {"R": 1.0, "C": 0.5**0.5, "Rs": 0.5**0.5}


def to_stereo(
    audio: Tensor,
) -> tuple[Stereo, tuple[str, ...]]:
    """Return two channels, and a note on what was done where it was not nothing.

    One channel becomes two equal ones. Six and eight are taken as 5.1 and 7.1 and mixed as
    ITU-R BS.775 says: front + .7071 centre + .7071 surrounds, without the low-frequency
    channel. Of any other number, the mean of the odd channels is left, of the even ones right.
    """
    channels = audio.shape[0]
    if channels == 2:
        return audio, ()
    if channels == 1:
        return audio.expand(2, -1), ("mono, taken as two equal channels",)
    if names := SURROUND.get(channels):
        matrix = torch.tensor([[side.get(n, 0.0) for n in names] for side in (LEFT, RIGHT)])
        order = " ".join(names)
        note = (
            f"{channels} channels, taken as {order} and mixed down to two "
            "(ITU-R BS.775: front + 0.707 centre + 0.707 surround, no LFE)"
        )
        return matrix.to(audio.dtype) @ audio, (note,)
    mixed = torch.stack((audio[0::2].mean(0), audio[1::2].mean(0)))
    note = f"{channels} channels, mixed down to two (mean of the odd ones left, of the even right)"
    return mixed, (note,)
