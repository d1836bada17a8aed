"""What decides the examples of a set, as plain data, and one of them."""

import json
import os
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from graphophone.errors import FormatError
from graphophone.generation.item import Item, Task, generate_item
from graphophone.generation.mix import Mix, parse_mix, read_mix
from graphophone.sources import Stock, Supply, settle
from graphophone.sources.pools import KINDS

Store = Literal["graphs", "features", "dry", "stems", "audio"]
"""What is kept of an example: its graph alone; its packed features too; those of the mix of its
dry clips too; those of each of a kit's instruments too; or, beside its own features, its audio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that decides the examples of a set.

    Attributes:
        task: ``singing`` or ``drums``.
        mix: Name of a mix of the package (:mod:`graphophone.generation.mix`), or of ``mix_text``.
        count: Number of examples.
        seed: Seed of the set; the first examples of a larger set are those of a smaller one.
        sources: ``real``, ``procedural``, ``virtual`` or ``mixed``.
        split: ``train``, ``seen`` or ``unseen``.
        kinds: Categories of real recordings to draw from; empty for the split's own choice.
        copies: Share of examples that store a spoiled copy of the wet sound.
        allow_tiers: Licence tiers of real recordings; empty for the rule of the split.
        equalised: Whether drums have the mean spectra of the training kits.
        audible: Whether every graph is rendered without each of its nodes, and drawn again if
            one is not missed.
        mix_text: TOML of a mix of one's own, so that the recipe alone is enough to draw from it.

    Raises:
        FormatError: ``copies`` is not a share.
    """

    task: Task
    mix: str
    count: int
    seed: int
    sources: Literal["real", "procedural", "virtual", "mixed"] = "procedural"
    split: Literal["train", "seen", "unseen"] = "train"
    kinds: tuple[str, ...] = ()
    copies: float = 0.0
    allow_tiers: tuple[str, ...] = ()
    equalised: bool = False
    audible: bool = False
    mix_text: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.copies <= 1:
            raise FormatError(f"copies must be a share from 0 to 1, got {self.copies:g}")

    def read_mix(self) -> Mix:
        """Return the mix.

        Raises:
            FormatError: The text is no mix.
            UsageError: There is no mix of this name.
        """
        return _parsed(self.mix_text, self.mix) if self.mix_text else read_mix(self.mix)

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        data: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Recipe":
        """Return the recipe that :meth:`to_json` wrote.

        Raises:
            FormatError: Something is missing or unknown.
        """
        known = {field.name: field.default is MISSING for field in fields(cls)}
        if unknown := sorted(data.keys() - known.keys()):
            raise FormatError(f"the recipe has an unknown field {unknown[0]!r}")
        if missing := sorted(n for n, needed in known.items() if needed and n not in data):
            raise FormatError(f"the recipe lacks {', '.join(missing)}")
        plain: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in data.items()
        }
        return cls(**plain)


def supply_of(
    recipe: Recipe, data: Path | None, *, strict: bool = False, workers: int | None = 1
) -> Supply:
    """Settle what the examples of a set are drawn from.

    Args:
        recipe: Of the set.
        data: Folder of real recordings, where the recipe asks for them.
        strict: Refuse recordings with a fault instead of leaving them out.
        workers: Processes that look at recordings; None for one a core.

    Raises:
        FormatError: There are no recordings to make it from, or they are not allowed.
    """
    return settle(
        recipe.task,
        sources=recipe.sources,
        split=recipe.split,
        data=data,
        kinds=recipe.kinds or KINDS,
        allow_tiers=recipe.allow_tiers or None,
        equalised=recipe.equalised,
        room_tones=recipe.copies > 0,
        strict=strict,
        workers=workers or os.cpu_count() or 1,
    )


@lru_cache(maxsize=4)
def stock_of(supply: Supply) -> Stock:
    """Open a bare supply, once in a process."""
    return supply.stock()


def make_item(recipe: Recipe, index: int, stock: Stock) -> Item:
    """Make one example of a set, the same one whoever asks, and when."""
    return generate_item(
        recipe.task,
        recipe.read_mix(),
        recipe.seed,
        index,
        stock.pool,
        recipe.copies,
        tones=stock.tones,
        audible=recipe.audible,
    )


@lru_cache(maxsize=4)
def _parsed(text: str, name: str) -> Mix:
    return parse_mix(text, name)
