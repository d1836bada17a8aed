"""Arrays of a user's as recordings."""

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from graphophone.audio.downmix import to_stereo
from graphophone.audio.files import RATES
from graphophone.errors import AudioError
from graphophone.tensors import Stereo


def stereo(audio: npt.NDArray[Any], rate: int) -> Stereo:
    """Check a recording and bring it to two channels.

    Raises:
        AudioError: The array or the rate is not one of a recording.
    """
    samples = np.asarray(audio)
    if samples.ndim not in (1, 2) or samples.size == 0 or samples.dtype.kind != "f":
        raise AudioError(
            "audio must be a float array (channels, samples) or (samples,), "
            f"got {samples.dtype} {samples.shape}"
        )
    samples = np.atleast_2d(samples)
    if samples.shape[0] > samples.shape[1]:
        raise AudioError(f"audio must be (channels, samples), got {samples.shape}: turn it with .T")
    if not RATES[0] <= rate <= RATES[1]:
        raise AudioError(f"the sample rate must be 8 kHz to 192 kHz, got {rate} Hz")
    if not np.isfinite(samples).all():
        raise AudioError("some samples are not finite numbers (NaN or infinity)")
    return to_stereo(torch.from_numpy(np.ascontiguousarray(samples, np.float32)))[0].contiguous()
