"""All that a model hears of recordings, as it is stored and as a network sees it."""

from typing import NamedTuple

import torch
from torch import Tensor

from graphophone.audio import cepstrum, features
from graphophone.tensors import Audio


class Packed(NamedTuple):
    """Features as bytes.

    Attributes:
        mel: Log-mel spectrograms of mid and side, (batch, 2, 256, frames).
        cepstra: Ripples in the spectrum, (batch, 2, 176, moments).
    """

    mel: Tensor
    cepstra: Tensor

    @classmethod
    def of(cls, audio: Audio) -> "Packed":
        """Analyse recordings (batch, 2, time) at 44.1 kHz."""
        mel = features.pack(features.log_mel(audio))
        return cls(mel, cepstrum.pack(cepstrum.cepstra(audio)))

    def unpacked(self) -> "Heard":
        """Return what a network sees."""
        return Heard(features.unpack(self.mel), cepstrum.unpack(self.cepstra))


class Heard(NamedTuple):
    """Features as numbers of about unit size; the same shapes as :class:`Packed`."""

    mel: Tensor
    cepstra: Tensor

    @classmethod
    def of(cls, audio: Audio) -> "Heard":
        """Hear recordings exactly as a model in training does: through their stored form."""
        return Packed.of(audio).unpacked()

    def to(self, other: Tensor | torch.device) -> "Heard":
        """Return the same on the device and in the precision of another tensor."""
        return Heard(self.mel.to(other), self.cepstra.to(other))
