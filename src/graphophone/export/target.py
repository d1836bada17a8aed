"""Targets: who writes a graph for which program. A new one is one file that registers itself."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from graphophone.errors import UsageError
from graphophone.export.fidelity import Export
from graphophone.export.patch import Patch
from graphophone.graph.rules import suggestion

Writer = Callable[[Patch, str], Export]
"""Writes a patch, in one of the target's modes or ``""``."""


@dataclass(frozen=True, slots=True)
class Target:
    """One format.

    Attributes:
        name: As the command line knows it.
        suffix: How a file of it ends, with the dot.
        summary: What it is for, in a line.
        write: Writes it.
        sounds: Whether it renders audio, so that levels have to be measured first.
        modes: Ways of writing it, the usual one first; none if there is only one.
        folder: Whether it is a folder of files.
    """

    name: str
    suffix: str
    summary: str
    write: Writer
    sounds: bool = True
    modes: tuple[str, ...] = ()
    folder: bool = False

    def mode(self, wanted: str | None) -> str:
        """Return the mode that was asked for, or the usual one.

        Raises:
            UsageError: There is no such mode.
        """
        if wanted is None:
            return next(iter(self.modes), "")
        if wanted not in self.modes:
            offered = " or ".join(self.modes) or "none"
            raise UsageError(f"--mode of {self.name} must be {offered}, got {wanted!r}")
        return wanted


_TARGETS: dict[str, Target] = {}


def register(target: Target) -> Target:
    """Make a target known by its name."""
    _TARGETS[target.name] = target
    return target


def targets() -> Mapping[str, Target]:
    """Return all targets by name: whatever stands in :mod:`graphophone.export.targets`."""
    from graphophone.export import targets as folder

    for module in pkgutil.iter_modules(folder.__path__):
        importlib.import_module(f"{folder.__name__}.{module.name}")
    return dict(sorted(_TARGETS.items()))


def find(name: str) -> Target:
    """Return the target of a name.

    Raises:
        UsageError: There is none.
    """
    known = targets()
    if name not in known:
        hint = suggestion(name, known)
        raise UsageError(f"--to must be one of {', '.join(known)}, got {name!r}{hint}")
    return known[name]
