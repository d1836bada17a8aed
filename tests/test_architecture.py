"""Rules that hold for the whole tree."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from inspect import unwrap
from pathlib import Path

import pytest

from graphophone.processors import CATALOGUE, PROCESSORS, SPECS
from graphophone.training.config import load_config

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "graphophone"
MODULES = sorted(SOURCE.rglob("*.py"))
MOST_LINES = 300
FOLDERS = ("src", "tests", "docs", "configs", "examples", "benchmarks")
TEXT = {".py", ".md", ".toml", ".json", ".html", ".txt", ".cff"}
HOMES = re.compile(r"(?<![\w.])/(?:home|root|work|Users)/\w|(?:\.\./)+" + "shared")
CONFIGS = ("debug", "singing", "singing-second", "drums", "singing-paper", "drums-paper")


@cache
def parsed(path: Path) -> tuple[ast.AST, ...]:
    """All nodes of a module."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


@pytest.fixture(scope="module", autouse=True)
def forgotten() -> Iterator[None]:
    """The trees of all modules take some hundred megabytes."""
    yield
    parsed.cache_clear()


def nodes(kind: type[ast.AST]) -> Iterator[tuple[Path, ast.AST]]:
    """All nodes of a kind in all modules."""
    for path in MODULES:
        yield from ((path, node) for node in parsed(path) if isinstance(node, kind))


def places(found: Iterator[tuple[Path, ast.AST]]) -> list[str]:
    return [f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}" for path, node in found]


def imports(code: str, *modules: str) -> list[str]:
    """Which of some modules are loaded after running code in a fresh interpreter."""
    code = f"import sys\n{code}\nprint([m for m in {modules!r} if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return list(ast.literal_eval(ran.stdout))


def test_modules_are_short() -> None:
    long = {p.name: n for p in MODULES if (n := len(p.read_text().splitlines())) > MOST_LINES}
    assert long == {}
    lengths = sorted(len(p.read_text().splitlines()) for p in MODULES)
    assert lengths[len(lengths) // 2] <= 120


def test_nothing_is_printed_or_asserted() -> None:
    calls = (
        (path, node)
        for path, node in nodes(ast.Call)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"
    )
    assert places(calls) == []
    assert places(nodes(ast.Assert)) == []


def test_errors_have_names() -> None:
    raised = (
        (path, node)
        for path, node in nodes(ast.Raise)
        if isinstance(node, ast.Raise)
        and getattr(getattr(node.exc, "func", node.exc), "id", "") in ("Exception", "BaseException")
    )
    assert places(raised) == []
    caught = (
        (path, node)
        for path, node in nodes(ast.ExceptHandler)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or getattr(node.type, "id", "") in ("Exception", "BaseException"))
    )
    found = places(caught)
    assert [place.partition(":")[0] for place in found] == ["src/graphophone/cli/main.py"]


def test_one_file_a_processor() -> None:
    assert len(CATALOGUE) == 33
    for name, processor in PROCESSORS.items():
        folder = processor.spec.group if name in CATALOGUE else "console"
        expected = f"graphophone.processors.{folder}.{name}"
        assert unwrap(processor.kernel).__module__ == expected
    files = {
        path.stem for path in (SOURCE / "processors").rglob("*.py") if not path.stem.startswith("_")
    }
    assert files == PROCESSORS.keys()
    assert SPECS.keys() - CATALOGUE.keys() == {"in", "out"}


def test_importing_the_package_is_light() -> None:
    heavy = ("torch", "numpy", "numba", "scipy", "matplotlib", "pydantic", "typer")
    assert imports("import graphophone", *heavy) == []
    assert imports("from graphophone import GraphophoneError", *heavy) == []


def test_specs_and_graphs_are_plain_data() -> None:
    code = "import graphophone.spec, graphophone.graph.rules, graphophone.graph.canonical"
    assert imports(code, "torch", "numpy") == []


def test_plots_and_compilers_are_loaded_only_where_they_are_used() -> None:
    assert imports("import graphophone.cli.main", "torch", "numpy", "numba", "matplotlib") == []
    assert imports("import graphophone.api.fitting", "matplotlib", "mido", "tensorboard") == []


def test_no_file_knows_one_machine() -> None:
    files = [p for p in ROOT.iterdir() if p.is_file() and p.suffix in TEXT]
    for folder in FOLDERS:
        files += [p for p in (ROOT / folder).rglob("*") if p.is_file() and p.suffix in TEXT]
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if HOMES.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("name", CONFIGS)
def test_configurations_can_be_read(name: str) -> None:
    config = load_config(ROOT / "configs" / f"{name}.toml")
    assert config.task == ("drums" if name.startswith("drums") else "singing")
