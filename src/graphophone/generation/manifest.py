"""``dataset.json``: what a folder of examples is, written before the first and after the last."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from graphophone import __version__
from graphophone.audio.features import RATE, SEGMENT
from graphophone.errors import FormatError
from graphophone.generation.disk import put
from graphophone.generation.recipe import Recipe, Store
from graphophone.processors import CATALOGUE_HASH

NAME = "dataset.json"
FORMAT = 2
"""Of the folder: its names, its archives and their indices."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a set is.

    Attributes:
        recipe: What its examples are.
        store: What is kept of them.
        shard: Examples in an archive.
        made: Figures of the finished set; ``None`` while some of it is missing.
        mix: Digest of the mix that it was drawn with; that of the recipe's mix if it is empty.
        version: Of the program that made it.
    """

    recipe: Recipe
    store: Store
    shard: int
    made: dict[str, Any] | None = None
    mix: str = ""
    version: str = __version__

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "graphophone": 1,
            "format": FORMAT,
            "version": self.version,
            "catalogue": CATALOGUE_HASH,
            "mix": self.mix or self.recipe.read_mix().digest,
            "recipe": self.recipe.to_json(),
            "store": self.store,
            "rate": RATE,
            "samples": SEGMENT,
            "shard": self.shard,
            "made": self.made,
        }

    def write(self, folder: Path) -> None:
        """Write it into the folder of the set."""
        put(folder / NAME, [json.dumps(self.to_json(), indent=2).encode()])


def read_manifest(folder: Path) -> Manifest:
    """Read what a set is.

    Raises:
        FormatError: There is none, or another version has made it.
    """
    path = folder / NAME
    if not path.exists():
        raise FormatError(f"{folder} holds no data set: it has no {NAME}")
    try:
        data = json.loads(path.read_bytes())
        if data.get("format") != FORMAT:
            there = data.get("format", 1)
            raise FormatError(
                f"{folder} holds a set in format {there}, this version has {FORMAT}; "
                "choose an empty folder and make it again"
            )
        if data["catalogue"] != CATALOGUE_HASH:
            raise FormatError(
                f"{folder} was made with catalogue {data['catalogue']}, this version has "
                f"{CATALOGUE_HASH}; choose an empty folder and make it again"
            )
        recipe = Recipe.from_json(data["recipe"])
        return Manifest(
            recipe,
            data["store"],
            int(data["shard"]),
            data["made"],
            data["mix"],
            str(data.get("version", "not known")),
        )
    except FormatError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FormatError(f"{path} is not the manifest of a data set: {error!r}") from None


def claim(folder: Path, wanted: Manifest) -> Manifest:
    """Make sure that a folder is empty or holds the wanted set, or the beginning of it.

    Returns:
        The manifest for the set; an archive keeps the size that it had at first.

    Raises:
        FormatError: The folder holds another set, or more of it than is wanted.
    """
    if not (folder / NAME).exists():
        return wanted
    there = read_manifest(folder)
    mine, other = wanted.recipe.to_json(), there.recipe.to_json()
    pairs = {n: (other[n], mine[n]) for n in mine if n != "count"}
    pairs["store"] = there.store, wanted.store
    for name, (had, asked) in pairs.items():
        if had != asked:
            raise FormatError(
                f"{folder} holds another set, its {name} is {had!r} and not {asked!r}; "
                "choose an empty folder for this one"
            )
    if there.mix != wanted.recipe.read_mix().digest:
        raise FormatError(
            f"{folder} holds another set, its mix {there.recipe.mix!r} was another one then; "
            "choose an empty folder for this one"
        )
    if there.recipe.count > wanted.recipe.count:
        raise FormatError(
            f"{folder} is to hold {there.recipe.count} examples of this set; ask for as many or "
            f"more, got {wanted.recipe.count}"
        )
    return replace(wanted, shard=there.shard, made=there.made if mine == other else None)
