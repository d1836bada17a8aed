"""The table of foreign effects: what is in it, what it calls them, and how knobs are drawn."""

import hashlib
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from random import Random
from types import MappingProxyType
from typing import Any

from graphophone.graph.model import Graph

SOFTWARE = ("pedalboard", "sox", "ffmpeg", "lv2")
"""Whose effects the table has, in its order."""
DIGITS = 4
"""Significant digits of a drawn knob: what a command line shows is what was done."""
ENDS = ("in", "out")

Ranges = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect of one software.

    Attributes:
        software: One of :data:`SOFTWARE`.
        name: What the table calls it; once in each software.
        kind: What we would call it, a key of the table's kinds.
        call: What the software calls it: a class, a line, a filter or an address, with the
            names of knobs in braces where they go.
        knobs: Between which ends each knob is drawn, a range or several.
        fixed: Knobs that always stand so.
        log: Knobs drawn by ratio.
        whole: Knobs that are whole numbers.
        channels: How many it takes at once.
        debian: The package that has it, where that is not its software's.
    """

    software: str
    name: str
    kind: str
    call: str
    knobs: Mapping[str, Ranges]
    fixed: Mapping[str, float] = field(default_factory=dict)
    log: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    channels: int = 2
    debian: str = ""

    def draw(self, rng: Random) -> dict[str, float]:
        """Draw all knobs; those that are fixed are among them."""
        drawn = {}
        for name, ranges in self.knobs.items():
            low, high = rng.choice(ranges)
            if name in self.log:
                value = math.exp(rng.uniform(math.log(low), math.log(high)))
            else:
                value = rng.uniform(low, high)
            drawn[name] = float(round(value)) if name in self.whole else _rounded(value)
        return drawn | dict(self.fixed)


@dataclass(frozen=True, slots=True)
class Table:
    """The whole table.

    Attributes:
        version: Raised with every change.
        digest: The first 12 hex digits of the SHA-256 of the file, for those who forget that.
        seconds: Length of a recording.
        longest: Effects in a chain.
        audible: Least multi-scale spectral distance that an effect makes, levels alike.
        kinds: Our types that are right for each kind of effect; no type is in two.
        carriers: Our types that are neither right nor wrong.
        effects: By software.
    """

    version: int
    digest: str
    seconds: float
    longest: int
    audible: float
    kinds: Mapping[str, tuple[str, ...]]
    carriers: frozenset[str]
    effects: Mapping[str, tuple[Effect, ...]]

    def named(self, node_type: str) -> str | None:
        """Return what a node of ours counts as.

        Returns:
            A kind; the type itself where no effect in the table is of it, so that it is wrong
            wherever it stands; nothing for ends of a graph and carriers.
        """
        if node_type in self.carriers or node_type in ENDS:
            return None
        return next((kind for kind, types in self.kinds.items() if node_type in types), node_type)

    def kinds_of(self, graph: Graph) -> set[str]:
        """Return what a graph has, as a set of kinds."""
        return {kind for node in graph.nodes if (kind := self.named(node.type)) is not None}


@cache
def table() -> Table:
    """Return the table that is shipped."""
    return parsed((files("graphophone.evaluation.foreign") / "effects.toml").read_bytes())


def parsed(content: bytes) -> Table:
    """Read a table from the bytes of a TOML file."""
    plain = tomllib.loads(content.decode("utf-8"))
    return Table(
        version=plain["version"],
        digest=hashlib.sha256(content).hexdigest()[:12],
        seconds=plain["seconds"],
        longest=plain["longest"],
        audible=plain["audible"],
        kinds=MappingProxyType({kind: tuple(types) for kind, types in plain["kinds"].items()}),
        carriers=frozenset(plain["carriers"]["types"]),
        effects=MappingProxyType(
            {name: tuple(_effect(name, one) for one in plain.get(name, [])) for name in SOFTWARE}
        ),
    )


def _effect(software: str, plain: Mapping[str, Any]) -> Effect:
    return Effect(
        software=software,
        name=plain["name"],
        kind=plain["kind"],
        call=plain.get("call", plain["name"]),
        knobs={name: _ranges(ends) for name, ends in plain["knobs"].items()},
        fixed=plain.get("fixed", {}),
        log=tuple(plain.get("log", ())),
        whole=tuple(plain.get("whole", ())),
        channels=plain.get("channels", 2),
        debian=plain.get("debian", ""),
    )


def _ranges(ends: Sequence[Any]) -> Ranges:
    pairs = ends if isinstance(ends[0], list) else [ends]
    return tuple((float(low), float(high)) for low, high in pairs)


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
