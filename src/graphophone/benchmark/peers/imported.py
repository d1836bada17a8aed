"""Other people's packages, imported when they are needed and not before."""

from collections.abc import Iterable
from functools import cache
from importlib import import_module, metadata
from typing import Any

HOW = "make bench installs it"


class Imported:
    """A package that may not be there.

    Args:
        name: What it is called in tables.
        modules: What has to be imported for it to run.
        packages: Distributions whose versions are told.
    """

    def __init__(self, name: str, modules: Iterable[str], packages: Iterable[str]) -> None:
        self.name = name
        self.modules = tuple(modules)
        self.packages = tuple(packages)

    def missing(self) -> str | None:
        """Say what cannot be imported, or nothing."""
        return _missing(self.name, self.modules)

    def remark(self) -> str | None:
        """Nothing had to be done."""
        return None

    def versions(self) -> dict[str, str]:
        """Return the versions of what is installed."""
        found = {}
        for package in self.packages:
            try:
                found[package] = metadata.version(package)
            except metadata.PackageNotFoundError:
                continue
        return found

    @staticmethod
    def module(name: str) -> Any:
        """Return a module of the package."""
        return import_module(name)


@cache
def _missing(name: str, modules: tuple[str, ...]) -> str | None:
    for module in modules:
        try:
            import_module(module)
        except ModuleNotFoundError as error:
            which = (error.name or module).partition(".")[0]
            return f"{which} is not installed; {HOW}"
        except (ImportError, OSError, RuntimeError) as error:
            return f"{name} cannot be imported: {error}"
    return None
