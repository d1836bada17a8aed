"""The ways to spoil a recording, and what their numbers may be: said once, as a table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from types import MappingProxyType

import torch

from graphophone.audio.codecs import AAC_KBPS, MP3_KBPS, aac, mp3
from graphophone.audio.files import resample
from graphophone.audio.limiter import to_loudness
from graphophone.audio.room_tone import room_tone
from graphophone.tensors import Stereo

Number = int | float


@dataclass(frozen=True, slots=True)
class Choice:
    """A number that is one of a few."""

    values: tuple[Number, ...]

    def draw(self, rng: Random) -> Number:
        """Draw one, all alike."""
        return rng.choice(self.values)

    def __contains__(self, value: object) -> bool:
        return value in self.values

    def __str__(self) -> str:
        return "one of " + ", ".join(f"{value:g}" for value in self.values)


@dataclass(frozen=True, slots=True)
class Range:
    """A number between two, kept to some digits after the point."""

    low: float
    high: float
    digits: int = 2

    def draw(self, rng: Random) -> Number:
        """Draw one, all alike."""
        value = round(rng.uniform(self.low, self.high), self.digits)
        return value if self.digits else int(value)

    def __contains__(self, value: object) -> bool:
        kinds = (int, float) if self.digits else int
        return isinstance(value, kinds) and self.low <= value <= self.high

    def __str__(self) -> str:
        return f"from {self.low:.10g} to {self.high:.10g}"


Amount = Choice | Range


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to spoil a recording.

    Attributes:
        apply: Called with audio (2, time), the sample rate and the amounts by name; returns
            audio of the same shape, its content where it was (but for a shift).
        amounts: What each amount may be, the one that matters most first.
    """

    apply: Callable[..., Stereo]
    amounts: Mapping[str, Amount]


def _mono(audio: Stereo, rate: int) -> Stereo:
    """Fold both channels into one."""
    return audio.mean(0, keepdim=True).expand(2, -1).contiguous()


def _shift(audio: Stereo, rate: int, *, seconds: float) -> Stereo:
    """Bring all later, silence first; or, if negative, cut the beginning off, silence last."""
    length = audio.shape[-1]
    by = max(-length, min(length, round(seconds * rate)))
    silence = audio.new_zeros(2, abs(by))
    if by >= 0:
        return torch.cat([silence, audio[:, : length - by]], 1)
    return torch.cat([audio[:, -by:], silence], 1)


def _room_tone(audio: Stereo, rate: int, *, level_db: float, seed: int, **tone: float) -> Stereo:
    """Add room tone at a level in dBFS RMS; recordings are at -20."""
    return added(audio, room_tone(audio.shape[-1], rate, seed=seed, **tone), level_db)


def added(audio: Stereo, noise: Stereo, level_db: float) -> Stereo:
    """Add noise with an RMS value of 1 at a level in dBFS RMS."""
    return audio + noise.to(audio.dtype) * 10 ** (level_db / 20)


def _limiting(audio: Stereo, rate: int, *, lufs: float, ceiling_db: float) -> Stereo:
    """Make it as loud as is asked for, peaks limited."""
    return to_loudness(audio, rate, lufs, ceiling_db)[0]


def _gain(audio: Stereo, rate: int, *, gain_db: float) -> Stereo:
    """Turn it up or down."""
    return audio * 10 ** (gain_db / 20)


def _resampling(audio: Stereo, rate: int, *, to_rate: int) -> Stereo:
    """Go to another sample rate and back."""
    back = resample(resample(audio, rate, to_rate), to_rate, rate)
    return back[:, : audio.shape[-1]]


def _mp3(audio: Stereo, rate: int, *, kbps: int) -> Stereo:
    return mp3(audio, rate, kbps)


def _aac(audio: Stereo, rate: int, *, kbps: int) -> Stereo:
    return aac(audio, rate, kbps)


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "mono": Kind(_mono, {}),
        "shift": Kind(_shift, {"seconds": Range(-0.5, 0.5, digits=4)}),
        "room_tone": Kind(
            _room_tone,
            {
                "level_db": Range(-75.0, -40.0),
                "slope_db": Range(-6.0, -1.0),
                "hum_hz": Choice((50, 60)),
                "hum_db": Range(-30.0, 0.0),
                "seed": Range(0, 2**31 - 1, digits=0),
            },
        ),
        "limiting": Kind(_limiting, {"lufs": Choice((-8,)), "ceiling_db": Range(-1.0, -0.1)}),
        "gain": Kind(_gain, {"gain_db": Range(-24.0, 12.0)}),
        "resampling": Kind(_resampling, {"to_rate": Choice((48_000, 32_000, 22_050))}),
        "mp3": Kind(_mp3, {"kbps": Choice(MP3_KBPS)}),
        "aac": Kind(_aac, {"kbps": Choice(AAC_KBPS)}),
    }
)
"""In the order in which recordings usually go through them."""
