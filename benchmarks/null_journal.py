"""What null tests have given so far, on disk: a run that was stopped goes on where it was."""

import hashlib
import importlib.metadata
import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from graphophone.errors import WorkerError
from graphophone.export.bounded import run

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "runs" / "null-test"
MEASURING = ("nulls.py", "jsfx_player.py")
SOUNDING = (
    "audio",
    "codec",
    "dsp",
    "export",
    "generation",
    "graph",
    "processors",
    "render",
    "sources",
    "spec",
    "tensors.py",
)
"""What of the package decides a figure."""
PROGRAMS = ("faust", "g++", "pd")
PACKAGES = ("numba", "numpy", "pedalboard", "rpp", "torch")
Result = TypeVar("Result")


def code() -> str:
    """Return a name for all that decides the figures: those of other code or tools do not count."""
    digest = hashlib.sha256()
    files = [ROOT / "benchmarks" / name for name in MEASURING]
    for name in SOUNDING:
        path = ROOT / "src" / "graphophone" / name
        files += path.rglob("*") if path.is_dir() else [path]
    for path in sorted(files):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    for version in (*map(_program, PROGRAMS), *map(_package, PACKAGES)):
        digest.update(version.encode() + b"\0")
    return digest.hexdigest()[:12]


def _program(name: str) -> str:
    try:
        said = run(["sh", "-c", f"{name} --version 2>&1"])
    except WorkerError:
        return f"no {name}"
    return said.decode(errors="replace").partition("\n")[0]


def _package(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return f"no {name}"


class Journal:
    """Results by name, a line each.

    Args:
        path: The file; a last line that was cut off by a kill is taken away.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        content = path.read_bytes() if path.exists() else b""
        whole = content[: content.rfind(b"\n") + 1]
        if whole != content:
            with path.open("r+b") as file:
                file.truncate(len(whole))
        self._found = dict(json.loads(line) for line in whole.splitlines())

    def __contains__(self, name: str) -> bool:
        return name in self._found

    def find(self, name: str, measure: Callable[[], Result]) -> Result:
        """Return a result that is there, or measure it and write it down.

        A result is what JSON can say; lists and not tuples.
        """
        if name not in self._found:
            result = measure()
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps([name, result]) + "\n")
            self._found[name] = result
        found: Result = self._found[name]
        return found
