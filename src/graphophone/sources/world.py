"""Voices taken apart by the WORLD vocoder, where its package is installed (extra ``world``).

M. Morise, F. Yokomori, K. Ozawa, WORLD: a vocoder-based high-quality speech synthesis system for
real-time applications (IEICE Transactions E99-D, 2016). It gives the same :class:`.Analysis` as
our own analysis, so all that is made of it stays the same; it takes several times as long.
"""

import numpy as np
import numpy.typing as npt

from graphophone.errors import UsageError
from graphophone.sources.envelope import SIZE
from graphophone.sources.pitch import HOP
from graphophone.sources.vocoder import Analysis, assemble

Array = npt.NDArray[np.float64]
FLOOR_HERTZ = 65.0


def world_analysis(samples: Array, rate: int) -> Analysis:
    """Take a recording of one voice (time,) at 44.1 kHz apart by Harvest, CheapTrick and D4C.

    Raises:
        UsageError: pyworld is not installed.
    """
    try:
        import pyworld
    except ImportError:
        raise UsageError(
            "WORLD needs the package pyworld: pip install 'graphophone[world]'"
        ) from None
    audio = np.ascontiguousarray(samples, np.float64)
    hertz, times = pyworld.harvest(
        audio, rate, f0_floor=FLOOR_HERTZ, f0_ceil=900.0, frame_period=1_000 * HOP / rate
    )
    envelope = pyworld.cheaptrick(audio, hertz, times, rate, fft_size=SIZE)
    noise = pyworld.d4c(audio, hertz, times, rate, fft_size=SIZE)
    silent = (noise.min(1) > 0.999) | (hertz == 0)  # D4C's own judgement of voicing
    hertz[silent] = 0
    noise[silent] = 1
    count = 1 + (len(samples) - 1) // HOP
    return assemble(
        _fitted(hertz[:, None], count)[:, 0],
        _fitted(envelope, count).astype(np.float32),
        np.square(_fitted(noise, count)).clip(1e-3, 1).astype(np.float32),
        rate,
    )


def _fitted(rows: Array, count: int) -> Array:
    """Return ``count`` rows, the last one repeated where there are fewer."""
    return rows[np.minimum(np.arange(count), len(rows) - 1)]
