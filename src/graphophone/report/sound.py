"""Excerpts for the page: short, equally loud, encoded into text."""

import base64
import io
from dataclasses import dataclass, replace

import soundfile
from torch import Tensor

from graphophone.audio.features import RATE
from graphophone.audio.files import resample
from graphophone.audio.level import to_level
from graphophone.errors import AudioError
from graphophone.report.picture import spectrogram
from graphophone.tensors import Stereo

SECONDS = 30.0
PEAK = 0.9
FADE_SECONDS = 0.01


@dataclass(frozen=True)
class Sound:
    """One thing to listen to.

    Attributes:
        name: What the button says.
        about: What it is, in a few words.
        audio: Samples (2, time).
        rate: Samples a second.
    """

    name: str
    about: str
    audio: Tensor
    rate: int


@dataclass(frozen=True)
class Clip:
    """A sound as the page holds it: encoded audio and a picture, both data addresses."""

    name: str
    about: str
    seconds: float
    audio: str
    picture: str


def excerpt(sound: Sound, start: float = 0.0) -> Sound:
    """Cut at most 30 s from ``start`` seconds on, at 44.1 kHz, with short fades."""
    first = round(start * sound.rate)
    part = sound.audio[:, first : first + round(SECONDS * sound.rate)]
    part = resample(part, sound.rate, RATE).clone()
    fade = min(round(FADE_SECONDS * RATE), part.shape[1] // 2)
    ramp = (1 + Tensor(range(fade))) / (fade + 1)
    part[:, :fade] *= ramp
    part[:, part.shape[1] - fade :] *= ramp.flip(0)
    return replace(sound, audio=part, rate=RATE)


def clips(sounds: list[Sound]) -> list[Clip]:
    """Make sounds equally loud, all as loud as none of them clips, and encode them."""
    equal = [_levelled(sound.audio, sound.rate) for sound in sounds]
    loudest = max(float(audio.abs().max()) for audio in equal)
    gain = min(1.0, PEAK / loudest) if loudest else 1.0
    return [
        Clip(
            s.name,
            s.about,
            audio.shape[1] / s.rate,
            encoded(audio * gain, s.rate),
            spectrogram(audio),
        )
        for s, audio in zip(sounds, equal, strict=True)
    ]


def encoded(audio: Stereo, rate: int) -> str:
    """Encode a sound as MP3, or as Ogg Vorbis where the library cannot; as a data address."""
    able = "MP3" in soundfile.available_formats()
    kind, subtype, mime = ("MP3", "MPEG_LAYER_III", "mpeg") if able else ("OGG", "VORBIS", "ogg")
    buffer = io.BytesIO()
    soundfile.write(buffer, audio.numpy().T, rate, format=kind, subtype=subtype)
    return f"data:audio/{mime};base64," + base64.b64encode(buffer.getvalue()).decode()


def _levelled(audio: Stereo, rate: int) -> Stereo:
    try:
        return to_level(audio, rate)[0]
    except AudioError:  # an excerpt may be silent where its recording is not
        return audio
