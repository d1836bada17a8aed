"""How loud a recording is where it sounds, and bringing it to a stated level.

A dry source enters a graph at -20 dBFS RMS over its *active frames*, so that pauses do not
count. Frames are 50 ms long and follow each other without overlap; one is active where its
power, averaged over both channels, is within 40 dB of the loudest frame's and above
-90 dBFS. 0 dBFS is the RMS value 1: a full-scale sine reads -3.01 dB, as does the same sine
followed by any amount of silence; full-scale white noise from -1 to 1 reads -4.77 dB.
"""

import math
from array import array
from typing import Any

import torch
from torch import Tensor

from graphophone.errors import AudioError
from graphophone.tensors import Stereo

LEVEL_DB = -20.0
FRAME_SECONDS = 0.05
WITHIN_DB = 40.0
FLOOR_DB = -90.0


def active_power(audio: Tensor, rate: int) -> Tensor:
    """Return the mean power over active frames and channels of (..., channel, time).

    It is float64, has the leading axes, and is 0 for silence.

    A last frame that is cut short counts with the samples it has.
    """
    return _mean_of_active(*_frames(_power(audio), _frame_length(rate)))


class Meter:
    """Measures a recording that comes in blocks, as it would be measured in one piece.

    It keeps one number a frame, so an hour takes half a megabyte.

    Args:
        rate: Samples a second.
    """

    def __init__(self, rate: int) -> None:
        self._length = _frame_length(rate)
        self._sums = array("d")
        self._rest = torch.zeros(0, dtype=torch.float64)

    def add(self, block: Stereo) -> None:
        """Hear the next samples, one or more."""
        power = torch.cat((self._rest, _power(block)))
        whole = len(power) - len(power) % self._length
        self._sums.extend(_frames(power[:whole], self._length)[0].tolist())
        self._rest = power[whole:].clone()

    @property
    def power(self) -> Tensor:
        """:func:`active_power` of all blocks so far."""
        sums = torch.tensor(self._sums, dtype=torch.float64)
        last, count = _frames(self._rest, self._length)
        counts = torch.full_like(sums, float(self._length))
        return _mean_of_active(torch.cat((sums, last)), torch.cat((counts, count)))

    def rms_db(self) -> float:
        """Return the RMS level in dBFS over active frames.

        Raises:
            AudioError: There is nothing to hear.
        """
        return float(_in_db(self.power))


def _frame_length(rate: int) -> int:
    return max(1, round(FRAME_SECONDS * rate))


def _power(audio: Tensor) -> Tensor:
    """Return the power of each sample, the mean over channels.

    Channels are added up one after the other: a reduction over so short an axis takes ten times
    as long, and gives the same bits.
    """
    first, *others = audio.detach().square().unbind(-2)
    total = first.double()
    for other in others:
        total = total + other
    return total / (1 + len(others))


def _frames(power: Tensor, length: int) -> tuple[Tensor, Tensor]:
    """Return the sum of each frame's power, and of how many samples it is."""
    missing = -power.shape[-1] % length
    padded = torch.nn.functional.pad(power, (0, missing))
    sums = padded.reshape(*padded.shape[:-1], -1, length).sum(-1)
    counts = torch.full_like(sums, float(length))
    if missing:
        counts[..., -1] = length - missing
    return sums, counts


def _mean_of_active(sums: Tensor, counts: Tensor) -> Tensor:
    """Return the mean power over the frames that are active."""
    if sums.shape[-1] == 0:
        return sums.new_zeros(sums.shape[:-1])
    means = sums / counts
    least = means.amax(-1, keepdim=True) * 10 ** (-WITHIN_DB / 10)
    active = (means >= least) & (means > 10 ** (FLOOR_DB / 10))
    total = torch.where(active, sums, 0.0).sum(-1)
    return total / torch.where(active, counts, 0.0).sum(-1).clamp_min(1.0)


def active_rms_db(audio: Tensor, rate: int) -> Any:
    """Return the RMS level in dBFS over active frames.

    Args:
        audio: One recording (2, time), which gives a ``float``, or a batch of them
            (batch, 2, time), which gives a float64 tensor with a value an item.
        rate: Samples a second.

    Raises:
        AudioError: There is nothing to hear.
    """
    return _in_db(active_power(audio, rate))


def _in_db(power: Tensor) -> Any:
    """Return a power in dB: one as a ``float``, a batch as a tensor.

    Raises:
        AudioError: There is none.
    """
    if not bool((power > 0).all()):
        raise AudioError(f"the audio is silent: no 50 ms of it are above {FLOOR_DB:g} dBFS")
    return 10 * torch.log10(power) if power.dim() else 10 * math.log10(power.item())


def to_level(audio: Tensor, rate: int, level_db: float = LEVEL_DB) -> tuple[Tensor, Any]:
    """Return the audio at ``level_db`` over its active frames, and the gain applied in dB.

    One recording (2, time) gives a ``float`` gain, a batch (batch, 2, time) one an item.

    Raises:
        AudioError: There is nothing to hear.
    """
    gain_db = level_db - active_rms_db(audio, rate)
    if isinstance(gain_db, float):
        return audio * 10 ** (gain_db / 20), gain_db
    return audio * (10 ** (gain_db / 20)).to(audio.dtype)[:, None, None], gain_db


def match_level(audio: Stereo, reference: Stereo, rate: int) -> Stereo:
    """Return the audio as loud as the reference, both over their active frames.

    Raises:
        AudioError: One of the two is silent.
    """
    return to_level(audio, rate, active_rms_db(reference, rate))[0]
