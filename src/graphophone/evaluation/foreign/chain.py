"""Chains of foreign effects, drawn so that each effect can be heard."""

from dataclasses import asdict, dataclass
from random import Random
from typing import Any

from graphophone.audio.level import active_power, to_level
from graphophone.audio.losses import multi_scale_spectral
from graphophone.evaluation.foreign.software import applied
from graphophone.evaluation.foreign.table import Effect, Table
from graphophone.tensors import Stereo

TRIES = 8
"""Settings that are drawn for an effect before another effect is."""


@dataclass(frozen=True, slots=True)
class Use:
    """An effect as it stands in a chain.

    Attributes:
        software: Whose.
        name: What the table calls it.
        kind: What we would call it.
        settings: Its knobs.
    """

    software: str
    name: str
    kind: str
    settings: dict[str, float]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Chain:
    """A recording and what was done to it.

    Attributes:
        wet: Shape (2, time), as loud as the software made it.
        uses: The effects, the first one first; no kind is there twice.
    """

    wet: Stereo
    uses: tuple[Use, ...]


def draw_chain(
    table: Table, software: str, dry: Stereo, rate: int, length: int, rng: Random
) -> Chain | None:
    """Draw effects one after the other, each on what the ones before made.

    An effect that leaves what enters it as it was, or nothing of it, is drawn again. Each effect is
    given a recording at the reference level, as a person would set levels between devices.

    Args:
        table: What there is.
        software: Whose effects.
        dry: Shape (2, time).
        rate: Samples a second.
        length: How many effects.
        rng: Where chance comes from.

    Returns:
        The chain; nothing where so many effects cannot be heard on this recording.

    Raises:
        AudioError: The software is missing or fails.
    """
    wet = to_level(dry, rate)[0]
    uses: list[Use] = []
    left = list(table.effects[software])
    while len(uses) < length:
        if not left:
            return None
        effect = rng.choice(left)
        found = _audible(table, effect, wet, rate, rng)
        if found is None:
            left.remove(effect)
            continue
        wet, settings = found
        uses.append(Use(software, effect.name, effect.kind, settings))
        left = [one for one in left if one.kind != effect.kind]
    return Chain(wet, tuple(uses))


def _audible(
    table: Table, effect: Effect, audio: Stereo, rate: int, rng: Random
) -> tuple[Stereo, dict[str, float]] | None:
    """Draw settings with which an effect is heard, and its sound at the reference level."""
    for _ in range(TRIES):
        settings = effect.draw(rng)
        wet = applied(effect, settings, audio, rate)
        if float(active_power(wet, rate)) > 0:
            wet = to_level(wet, rate)[0]
            if changed(audio, wet) >= table.audible:
                return wet, settings
    return None


def changed(before: Stereo, after: Stereo) -> float:
    """Return the multi-scale spectral distance of two recordings at one level."""
    return float(multi_scale_spectral(before[None], after[None])[0])
