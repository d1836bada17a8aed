"""Mixes: which graphs a set is made of, as a table that anyone can change.

A mix says how large graphs are and how often each motif (:mod:`graphophone.generation.motifs`)
is drawn for a voice, a drum track and a drum bus. The mixes of the package are TOML files beside
this module; a file of one's own names what it is ``like`` and says what is different::

    title = "echoes everywhere"
    like = "wide"

    [voice.motifs]
    echo = 10.0
    crush = 0
"""

import hashlib
import json
import tomllib
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from graphophone.errors import FormatError, UsageError
from graphophone.generation.motifs import MOTIFS

MIXES = ("paper", "wide", "short", "single", "extended")
"""The mixes of the package."""
Place = Literal["voice", "track", "bus"]
PLAIN = {
    "model_type": "must be a table",
    "dict_type": "must be a table",
    "tuple_type": "must be a list",
    "too_short": "must have at least one entry",
    "too_long": "must be a number or two",
}
"""What some complaints are called in a file."""
Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=40)]


class Target(NamedTuple):
    """How large a stack of motifs should become.

    Attributes:
        size: Processors, or motifs where the mix counts those.
        most: Processors that it may have; a motif is drawn whole, so a stack may pass its size.
    """

    size: int
    most: int | None = None


class Table(BaseModel):
    """A table of the file; it refuses keys that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Size(Table):
    """One of the sizes that may be drawn.

    Attributes:
        weight: How often, beside the others.
        processors: A number, or the lowest and the highest of some that are equally likely.
        mean: Centre of a normal distribution to draw from instead, cut at the ends.
        deviation: Its standard deviation.
        most: Processors that a stack may have; a larger one is drawn again.
    """

    weight: Weight = 1.0
    processors: tuple[Count, Count]
    mean: float | None = Field(default=None, allow_inf_nan=False)
    deviation: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    most: Count | None = None

    @field_validator("processors", mode="before")
    @classmethod
    def _one_is_both_ends(cls, value: Any) -> Any:
        return (value, value) if isinstance(value, int) else value

    @model_validator(mode="after")
    def _agrees(self) -> "Size":
        low, high = self.processors
        if low > high:
            raise ValueError(
                f"processors must rise from the first to the second, got {low}, {high}"
            )
        if (self.mean is None) != (self.deviation is None):
            raise ValueError("mean and deviation go together, got one of them")
        if self.most is not None and self.most < high:
            raise ValueError(f"most must be at least {high}, the highest size, got {self.most}")
        return self

    def draw(self, rng: Random) -> Target:
        """Draw a size."""
        low, high = self.processors
        if self.mean is not None and self.deviation is not None:
            return Target(
                round(min(max(rng.gauss(self.mean, self.deviation), low), high)), self.most
            )
        return Target(rng.randint(low, high), self.most)


class Stack(Table):
    """What is stacked in one place.

    Attributes:
        unit: What sizes count: ``processors``, of which the last may stand alone, or
            ``motifs``, each of which is then worn at most once.
        sizes: How large stacks are.
        motifs: How often each motif is drawn; one that is not named, or weighs 0, is not.
    """

    unit: Literal["processors", "motifs"] = "processors"
    sizes: tuple[Size, ...] = Field(min_length=1)
    motifs: dict[str, Weight]

    @model_validator(mode="after")
    def _can_be_drawn(self) -> "Stack":
        if unknown := sorted(self.motifs.keys() - MOTIFS.keys()):
            raise ValueError(f"unknown motif {unknown[0]!r} (there are {', '.join(MOTIFS)})")
        if not any(size.weight for size in self.sizes):
            raise ValueError("at least one of the sizes must weigh more than 0")
        # The same motif is not drawn twice running, nor a placement on a bus of equal channels.
        if len(self.choices) < 3:
            raise ValueError(
                f"at least three motifs must weigh more than 0, got {len(self.choices)}"
            )
        if self.unit == "motifs" and max(s.processors[1] for s in self.sizes) > len(self.choices):
            raise ValueError("sizes ask for more motifs than weigh more than 0")
        return self

    @property
    def choices(self) -> dict[str, float]:
        """The motifs that can be drawn with their weights, in the order of the registry."""
        return {name: self.motifs[name] for name in MOTIFS if self.motifs.get(name)}

    def draw(self, rng: Random) -> Target:
        """Draw how large a stack should become."""
        return rng.choices(self.sizes, weights=[size.weight for size in self.sizes])[0].draw(rng)


class Mix(Table):
    """A kind of set.

    Attributes:
        name: Of the file; it goes into the seed of every example.
        title: What the mix is, in a line.
        untouched: Share of drum mixes whose tracks are only added up.
        other_hands: Share of examples rendered with effects of another make
            (:mod:`graphophone.generation.hands`).
        voice: Chains for one voice.
        track: Chains for one drum.
        bus: Chains for all drums together.
    """

    name: str
    title: str = ""
    untouched: float = Field(default=0.0, ge=0, le=1)
    other_hands: float = Field(default=0.0, ge=0, le=1)
    voice: Stack
    track: Stack
    bus: Stack

    @property
    def digest(self) -> str:
        """Hash of everything that decides a draw, the same however the file is written."""
        said = json.dumps(self.model_dump(exclude={"title"}), sort_keys=True)
        return "sha256:" + hashlib.sha256(said.encode()).hexdigest()


def name_and_text(word: str) -> tuple[str, str]:
    """Return the name of a mix and, where it is a file's, the text of the file.

    Args:
        word: One of :data:`MIXES`, or the path of a ``.toml`` file.

    Raises:
        UsageError: There is neither a mix nor a file of this name.
        FormatError: The file is empty or no text.
    """
    if word in MIXES:
        return word, ""
    path = Path(word)
    if path.suffix != ".toml":
        raise UsageError(f"a mix is {', '.join(MIXES)} or a .toml file, got {word!r}")
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise UsageError(f"there is no mix {path}") from None
    except (UnicodeDecodeError, OSError) as error:
        raise FormatError(f"the mix {path} cannot be read: {error}") from None
    if not text.strip():
        raise FormatError(f"the mix {path} is empty")
    return path.stem, text


@lru_cache(maxsize=64)
def read_mix(word: str) -> Mix:
    """Return a mix of the package by its name, or one of a file by its path.

    Raises:
        UsageError: There is neither a mix nor a file of this name.
        FormatError: The file is no mix; the message names the key.
    """
    name, text = name_and_text(word)
    own = files(__package__) / "mixes" / f"{name}.toml"
    return parse_mix(own.read_text("utf-8") if word in MIXES else text, name)


def parse_mix(text: str, name: str) -> Mix:
    """Read a mix.

    Args:
        text: TOML.
        name: Name of the mix.

    Raises:
        FormatError: The text is no TOML, a key is unknown, or a value is not allowed.
    """
    try:
        return Mix.model_validate(_tables(text, name))
    except ValidationError as error:
        raise FormatError(f"mix {name}: {complaint(error)}") from None


def _tables(text: str, name: str) -> dict[str, Any]:
    """Return the tables of a mix, those that it is like filled in."""
    try:
        tables: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FormatError(f"mix {name} is not TOML: {error}") from None
    like = tables.pop("like", None)
    if like is not None:
        if like not in MIXES:
            raise FormatError(f"mix {name}: like must be one of {', '.join(MIXES)}, got {like!r}")
        tables = _merged(read_mix(like).model_dump(), tables)
    return tables | {"name": name}


def _merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Return one table with what another says in its place; tables in it likewise."""
    both = {
        key: _merged(old[key], value)
        if isinstance(value, dict) and isinstance(old.get(key), dict)
        else value
        for key, value in new.items()
    }
    return old | both


def complaint(error: ValidationError) -> str:
    """Say the first complaint in a sentence that names the key."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"unknown key {place!r}"
    if first["type"] == "missing":
        return f"{place} is missing"
    said = PLAIN.get(first["type"], first["msg"].removeprefix("Value error, "))
    said = f"{place}: {said[:1].lower()}{said[1:]}"
    if first["type"] == "value_error":
        return said
    return f"{said}, got {json.dumps(first['input'], default=str)}"
