"""How far the energy rule has to scale in a set; only making examples again can tell."""

import json
from dataclasses import dataclass
from pathlib import Path

from graphophone.errors import FormatError
from graphophone.generation.inspection import EXTREMES, Extreme
from graphophone.generation.reading import StoredSet
from graphophone.generation.remake import Remaker, spread
from graphophone.render.execute import SCALE_LIMIT_DB

REMADE = 40
"""Most examples that are made again."""
REMADE_SHARE = 0.1
"""Most of a set that is, so that a small one does not take twice its time."""
FEWEST = EXTREMES
"""But as many as are shown."""
NEAR_DB = 1e-3
"""How near to its limit a scale counts as limited."""
CARD = "card.json"


@dataclass(frozen=True, slots=True)
class Scales:
    """The largest scales in a sample of a set.

    Attributes:
        examples: How many examples were made again.
        share_limited: Share of them with a scale at the rule's limit; None where there are none.
        worst: Those with the largest, in dB.
    """

    examples: int = 0
    share_limited: float | None = None
    worst: tuple[Extreme, ...] = ()


def measured(stored: StoredSet, data: Path | None, workers: int | None = 1) -> Scales:
    """Make a sample again; nothing where the recordings are not here."""
    try:
        remaker = Remaker.of(stored, data)
    except FormatError:
        return Scales()
    count = stored.recipe.count
    indices = spread(count, min(REMADE, max(FEWEST, round(REMADE_SHARE * count))))
    found = remaker.scales(indices, workers)
    scales = [Extreme(value, index) for index, value in found.items()]
    limited = sum(scale.value > SCALE_LIMIT_DB - NEAR_DB for scale in scales)
    worst = sorted(scales, key=lambda case: (-case.value, case.index))[:EXTREMES]
    return Scales(len(scales), limited / len(scales), tuple(worst))


def kept(stored: StoredSet) -> Scales:
    """Return what the card of a set says; nothing where there is none, or one of another set."""
    try:
        card = json.loads((stored.folder / CARD).read_text(encoding="utf-8"))
        if any(card[name] != stored.manifest[name] for name in ("recipe", "catalogue")):
            return Scales()
        remade = card["remade"]
        worst = tuple(Extreme(c["value"], c["index"]) for c in card["worst"]["scales"])
        return Scales(remade["examples"], remade["share_with_a_limited_scale"], worst)
    except (OSError, ValueError, KeyError, TypeError):
        return Scales()
