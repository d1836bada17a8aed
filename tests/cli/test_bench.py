"""``graphophone bench`` with tools that do nothing much."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from graphophone.benchmark import measure
from tests.benchmark.fakes import Fake
from tests.cli.sounds import Ran

Run = Callable[..., Ran]


@pytest.fixture(autouse=True)
def _fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    peers = (Fake("graphophone"), Fake("odd"), Fake("gone", missing="gone is not installed"))
    monkeypatch.setattr("graphophone.benchmark.peers.PEERS", peers)
    patience = measure.Patience(runs=1, seconds=0.0)
    monkeypatch.setattr(measure, "Patience", lambda: patience)


def test_a_table(run: Run) -> None:
    ran = run("bench", "--case", "processor:bell", "--case", "chain", "--seconds", 0.02)
    assert ran.status == 0
    assert "| processor:bell | odd |" in ran.out
    assert "odd is a fake." in ran.out
    assert "- chain, gone: gone is not installed" in ran.out


def test_a_document(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "rows.json"
    words = ("--case", "chain-64", "--clips", 2, "--seconds", 0.02, "--threads", 1, "--out", out)
    answer = run("bench", *words, "--json").json
    assert (answer["graphophone"], answer["command"]) == (1, "bench")
    assert [row["tool"] for row in answer["rows"]] == ["graphophone", "odd", "gone"]
    assert answer["machine"]["threads"] == 1
    assert json.loads(out.read_text()) == answer


def test_an_unknown_case_is_wrong_usage(run: Run) -> None:
    ran = run("bench", "--case", "chains")
    assert ran.status == 2
    assert "there is no case 'chains', did you mean 'chain'" in ran.refusal
