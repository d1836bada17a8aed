"""What every source hands out: dry tracks, and where they came from."""

from dataclasses import dataclass
from random import Random
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import torch

from graphophone.audio.level import to_level
from graphophone.tensors import Stereo

Mono = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Dry:
    """One draw from a pool.

    Attributes:
        tracks: A recording for each source name, all of one length: ``voice``, or the drum
            instruments that sound. Each is at -20 dBFS RMS over its active frames.
        provenance: Plain data (ready for JSON) that says what was drawn.
    """

    tracks: dict[str, Stereo]
    provenance: dict[str, Any]


@runtime_checkable
class Pool(Protocol):
    """A supply of dry signals."""

    def draw(self, rng: Random, samples: int, rate: int) -> Dry:
        """Draw tracks of ``samples`` samples; all chance comes from ``rng``."""
        ...


def stereo(samples: Mono) -> Stereo:
    """Return (2, time) from (time,) or (1 or 2, time); one channel becomes two equal ones."""
    tensor = torch.from_numpy(np.ascontiguousarray(np.atleast_2d(samples), dtype=np.float32))
    return tensor.expand(2, -1).contiguous()


def levelled(tracks: dict[str, Mono], rate: int) -> tuple[dict[str, Stereo], dict[str, float]]:
    """Bring each track to the reference level; return them and the gains in dB by name."""
    done = {name: to_level(stereo(samples), rate) for name, samples in tracks.items()}
    return {n: audio for n, (audio, _) in done.items()}, {
        n: round(g, 3) for n, (_, g) in done.items()
    }


def numpy_rng(rng: Random) -> np.random.Generator:
    """Return a NumPy generator seeded by the next 64 bits of ``rng``."""
    return np.random.default_rng(rng.getrandbits(64))
