"""The anchors of BS.1534-3: the reference through a low-pass of 3.5 or 7 kHz, not delayed.

The recommendation asks of the low anchor's filter: a passband up to 3.5 kHz within 0.1 dB, at
least 25 dB of attenuation at 4 kHz and 50 dB at 4.5 kHz. Of the mid anchor's it says 7 kHz; the
same widths in Hz are used there, the stricter reading. One linear-phase filter for each sample
rate does it, by the window of Kaiser (Oppenheim and Schafer 2010, section 7.5.3): from passband
to stopband in 500 Hz. It is even, and what it delays is taken out, so an anchor stays in step with
its reference to the sample.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch
from scipy.signal import firwin, kaiserord, oaconvolve

from graphophone.errors import AudioError
from graphophone.listening.ratings import LOW_ANCHOR, MID_ANCHOR
from graphophone.tensors import Stereo

EDGES = {LOW_ANCHOR: 3_500.0, MID_ANCHOR: 7_000.0}
"""End of the passband in Hz."""
WIDTH_HZ = 500.0
ATTENUATION_DB = 60.0
"""Of the stopband; a window as good ripples by 0.01 dB in the passband."""


def anchor(reference: Stereo, rate: int, name: str) -> Stereo:
    """Return the anchor ``anchor35`` or ``anchor70`` of a reference, of its length.

    Before its begin and after its end the reference is taken as silent.

    Raises:
        AudioError: The sample rate is too low to hold what the filter must stop.
    """
    samples = reference.detach().cpu().double().numpy()
    taps = lowpass(rate, name)
    delay = len(taps) // 2
    filtered = oaconvolve(samples, taps[None], axes=-1)[:, delay : delay + samples.shape[1]]
    return torch.from_numpy(np.ascontiguousarray(filtered)).to(reference.dtype)


@lru_cache(maxsize=16)
def lowpass(rate: int, name: str) -> npt.NDArray[np.float64]:
    """Return the filter of an anchor: an odd number of taps, even around the middle one.

    Raises:
        AudioError: The sample rate is too low.
    """
    edge = EDGES[name]
    least = 2 * (edge + WIDTH_HZ)
    if rate < least:
        raise AudioError(f"{name} needs a sample rate of {least:g} Hz or more, got {rate} Hz")
    length, beta = kaiserord(ATTENUATION_DB, 2 * WIDTH_HZ / rate)
    taps: npt.NDArray[np.float64] = firwin(
        length | 1, edge + WIDTH_HZ / 2, window=("kaiser", beta), fs=rate
    )
    return taps
