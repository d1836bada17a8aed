"""The command that opens the studio, as far as it can be tried without serving."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.sounds import Ran


def test_what_is_missing_is_named(run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fastapi", None)
    ran = run("studio", "--no-open")
    assert ran.status == 2
    assert ran.refusal == "the studio needs more: pip install 'graphophone[studio]'"


def test_a_port_is_a_port(run: Callable[..., Ran]) -> None:
    ran = run("studio", "--port", "70000")
    assert ran.status == 2
    assert "65535" in ran.refusal


def test_what_is_no_graph_is_named_before_anything_is_served(
    run: Callable[..., Ran], tmp_path: Path
) -> None:
    pytest.importorskip("fastapi", reason="the studio's server needs fastapi (extra `studio`)")
    path = tmp_path / "session.json"
    path.write_text("no graph")
    ran = run("studio", str(path), "--no-open", "--folder", str(tmp_path))
    assert ran.status == 1
    assert ran.refusal.startswith(f"{path}: not JSON")
