"""What happens to a finished recording before somebody listens to it: spoiled copies.

A copy is plain data: a kind and its amounts, drawn by chance and kept with the example. The graph
stays the label. What each kind may be stands in :data:`graphophone.generation.spoiling.KINDS`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import torch

from graphophone.audio.codecs import require_aac
from graphophone.audio.level import active_power, to_level
from graphophone.errors import AudioError, FormatError, UsageError
from graphophone.generation.spoiling import KINDS, Number, added
from graphophone.sources.room_tones import RoomTones
from graphophone.tensors import Stereo

SET_KINDS = ("shift", "room_tone", "limiting", "resampling", "mp3")
"""What copies in sets suffer. Not AAC, so that a set is the same whatever is installed, and so
that one kind is left which no model has been trained on. Not a fold to mono, which would make
ghosts of panning and width. Not a gain, since all recordings are brought to one level."""
MOST = 2
"""How many kinds a copy in a set suffers at most."""
RECORDED_SHARE = 0.5
"""Of the room tones in a set, where there are recordings of any."""


@dataclass(frozen=True, slots=True)
class Copy:
    """How a recording was spoiled.

    Attributes:
        kind: A name in ``KINDS``.
        amounts: Its numbers, all of them.

    Raises:
        FormatError: There is no such kind, or an amount is missing, unknown or not allowed.
    """

    kind: str
    amounts: Mapping[str, Any]

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise FormatError(f"copies must be among {', '.join(KINDS)}, got {self.kind!r}")
        allowed = KINDS[self.kind].amounts
        if self.amounts.keys() != allowed.keys():
            wanted, got = (", ".join(names) or "none" for names in (allowed, self.amounts))
            raise FormatError(f"a copy {self.kind!r} has the amounts {wanted}, got {got}")
        for name, value in self.amounts.items():
            if value not in allowed[name]:
                raise FormatError(
                    f"{name} of a copy {self.kind!r} must be {allowed[name]}, got {value!r}"
                )

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {"kind": self.kind, **self.amounts}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Copy":
        """Return the copy that plain data says; errors are those of the class."""
        amounts = {name: value for name, value in data.items() if name != "kind"}
        return cls(str(data.get("kind")), amounts)


@dataclass(frozen=True, slots=True)
class RecordedTone:
    """Room tone from a recording; unlike other copies it needs more than its numbers.

    Attributes:
        tones: Where the recording is found.
        file: Its name.
        seconds: Where the excerpt begins.
        level_db: Its level in dBFS RMS, as of a synthetic one.
    """

    tones: RoomTones
    file: str
    seconds: float
    level_db: float

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        said = {"file": self.file, "seconds": self.seconds, "level_db": self.level_db}
        return {"kind": "recorded_tone", **said}


def draw_tone(rng: Random, tones: RoomTones, samples: int, rate: int) -> RecordedTone:
    """Draw an excerpt of recorded room tone, as loud as a synthetic one may be."""
    level = KINDS["room_tone"].amounts["level_db"].draw(rng)
    return RecordedTone(tones, *tones.draw(rng, samples, rate), level)


def draw_copy(rng: Random, kind: str, **fixed: Number) -> Copy:
    """Draw the amounts of a copy; those that are given stay.

    Raises:
        FormatError: There is no such kind, or a given amount is not allowed.
    """
    amounts = KINDS[kind].amounts if kind in KINDS else {}
    return Copy(kind, {name: amount.draw(rng) for name, amount in amounts.items()} | fixed)


def draw_copies(rng: Random) -> tuple[Copy, ...]:
    """Draw what a copy in a set suffers: one kind or two, in the order of ``KINDS``."""
    chosen = rng.sample(SET_KINDS, rng.randint(1, MOST))
    return tuple(draw_copy(rng, kind) for kind in KINDS if kind in chosen)


def apply(copy: Copy | RecordedTone, wet: Stereo, rate: int) -> Stereo:
    """Spoil a recording; the same copy and recording give the same result.

    Args:
        copy: How.
        wet: Shape (2, time).
        rate: Samples a second.

    Returns:
        The same shape and precision.

    Raises:
        AudioError: The kind is a codec that does not know the rate, or is not installed; or the
            recording of a room cannot be read.
    """
    if isinstance(copy, RecordedTone):
        noise = copy.tones.excerpt(copy.file, copy.seconds, wet.shape[-1], rate)
        return added(wet, noise, copy.level_db)
    return KINDS[copy.kind].apply(wet, rate, **copy.amounts)


def heard(copies: Sequence[Copy | RecordedTone], wet: Stereo, rate: int) -> Stereo:
    """Return a spoiled recording as a model hears it: at the reference level.

    Where a shift left nothing to hear, it is all silence.
    """
    for copy in copies:
        wet = apply(copy, wet, rate)
    return to_level(wet, rate)[0] if active_power(wet, rate) > 0 else torch.zeros_like(wet)


def maybe_spoiled(
    wet: Stereo, rate: int, share: float, rng: Random, tones: RoomTones | None = None
) -> tuple[Stereo, list[dict[str, Any]]]:
    """Spoil a share of recordings.

    Args:
        wet: A recording at the reference level, shape (2, time).
        rate: Samples a second.
        share: Probability that it is spoiled.
        rng: Where chance comes from.
        tones: Recordings of rooms, which half of the room tones are then taken from.

    Returns:
        What there is to hear, and how it was spoiled, as plain data. A recording of which a
        copy would leave nothing stays as it is, and the list is empty.
    """
    if rng.random() >= share:
        return wet, []
    copies = [
        draw_tone(rng, tones, wet.shape[-1], rate)
        if tones and copy.kind == "room_tone" and rng.random() < RECORDED_SHARE
        else copy
        for copy in draw_copies(rng)
    ]
    spoiled = heard(copies, wet, rate)
    if not spoiled.any():
        return wet, []
    return spoiled, [copy.to_json() for copy in copies]


def available() -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the kinds that can be made here, and the reason why each other one cannot."""
    missing: dict[str, str] = {}
    try:
        require_aac()
    except AudioError as error:
        missing["aac"] = str(error)
    return tuple(kind for kind in KINDS if kind not in missing), missing


def named(word: str) -> tuple[str, dict[str, Number]]:
    """Read ``mp3`` or ``mp3=64``: a kind, and the number that its first amount is fixed to.

    Raises:
        UsageError: There is no such kind, it has no amount, or not this one.
    """
    kind, sign, text = word.partition("=")
    if kind not in KINDS:
        raise UsageError(f"copies must be among {', '.join(KINDS)} or all, got {kind!r}")
    if not sign:
        return kind, {}
    if not KINDS[kind].amounts:
        raise UsageError(f"a copy {kind!r} has no number, got {word!r}")
    name, allowed = next(iter(KINDS[kind].amounts.items()))
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if value not in allowed:
        raise UsageError(f"{name} of a copy {kind!r} must be {allowed}, got {text!r}")
    return kind, {name: int(value) if value.is_integer() else value}
