"""What is heard of the dry sound by a model that is given it beside the wet one.

Row 4 of Table 2 in Lee et al. 2023 has the dry sources "concatenated with the reference across
the channel axis" (section 4.3): the mel spectrograms of their mix stand below those of the wet
sound, or, in a variant for drums, those of each instrument.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from graphophone.audio import features
from graphophone.audio.level import to_level
from graphophone.spec import SOURCES

Mel = npt.NDArray[np.uint8]
MIX: Final = "mix"
STEMS: Final = tuple(name for name in SOURCES if name != "voice")
"""The instruments of a kit, in the order of their channels."""
DRY_NAMES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({"dry": (MIX,), "stems": STEMS})
"""Clips that are heard beside the wet one, by what a model is given."""


def dry_mels(clips: Mapping[str, Tensor], given: str) -> dict[str, Mel]:
    """Return packed mel spectrograms (2, bands, frames) of dry clips.

    Args:
        clips: A clip (2, time) at 44.1 kHz and the reference level for each source that sounds.
        given: ``"dry"`` gives their mix, brought to the reference level; ``"stems"`` each of
            them; anything else nothing.

    Returns:
        Spectrograms by the names in :data:`DRY_NAMES`; instruments that are silent have none.
    """
    names = DRY_NAMES.get(given, ())
    found = {name: clips[name] for name in names if name in clips}
    if MIX in names:
        total = torch.stack([clips[name] for name in sorted(clips)]).sum(0)
        found[MIX] = to_level(total, features.RATE)[0]
    return {name: features.pack(features.log_mel(c[None]))[0].numpy() for name, c in found.items()}


def beside(wet: Mel, mels: Mapping[str, Mel], given: str) -> Mel:
    """Lay the spectrograms of dry clips below that of the wet one.

    Args:
        wet: Packed spectrogram (2, bands, frames).
        mels: What :func:`dry_mels` returned; what it lacks is silent.
        given: As there.

    Returns:
        Shape (2 + 2 a name, bands, frames).
    """
    parts = [wet, *(mels.get(name, np.zeros_like(wet)) for name in DRY_NAMES.get(given, ()))]
    return np.concatenate(parts) if len(parts) > 1 else wet
