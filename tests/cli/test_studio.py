"""The command that opens the studio, as far as it can be tried without serving."""

import sys
from collections.abc import Callable

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
