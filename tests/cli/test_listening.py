"""``graphophone listening-test``: tables for people, figures for programs."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from graphophone.listening.ratings import save
from tests.cli.sounds import Ran
from tests.listening.simulation import BAD, PLANTED, simulated
from tests.listening.sounds import planned

Run = Callable[..., Ran]


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Twenty listeners, one of them bad."""
    save(tmp_path / "mushra.csv", simulated(1, PLANTED))
    return tmp_path / "mushra.csv"


def test_tables_and_pictures_with_and_without_the_bad_listener(run: Run, results: Path) -> None:
    out = results.parent / "out"
    ran = run("listening-test", "analyse", results, "--out", out)
    assert ran.status == 0, ran.err
    before, _, after = ran.out.partition("Post-screening excludes")
    assert "All listeners: 20 listeners, 12 excerpts" in before
    assert f"- {BAD}: hidden reference below 90" in after
    assert "After post-screening: " in after
    for name in PLANTED:
        assert f"| {name} |" in before
        assert f"| {name} |" in after
    assert "| ours - row3 |" in after
    files = {path.name for path in out.iterdir()}
    assert files == {"scores-all.svg", "scores-screened.svg", "analysis.md"}
    assert (out / "analysis.md").read_text().strip() in ran.out


def test_programs_get_the_same_figures(run: Run, results: Path) -> None:
    answer = run("listening-test", "analyse", results, "--json", "--of", "median").json
    assert (answer["graphophone"], answer["command"]) == (1, "listening-test analyse")
    assert answer["interval_of"] == "median"
    assert BAD in {exclusion["listener"] for exclusion in answer["excluded"]}
    assert BAD in answer["all"]["listeners"]
    assert BAD not in answer["screened"]["listeners"]
    order = [s["condition"] for s in answer["screened"]["scores"] if s["condition"] in PLANTED]
    assert order == list(PLANTED)
    assert all(pair["differs"] for pair in answer["screened"]["pairs"])
    assert answer == run("listening-test", "analyse", results, "--json", "--of", "median").json


def test_a_file_that_is_wrong_is_refused_in_one_sentence(run: Run, results: Path) -> None:
    lines = results.read_text().splitlines()
    cells = lines[3].split(",")
    cells[4] = "120"
    (results.parent / "high.csv").write_text("\n".join([*lines[:3], ",".join(cells)]))
    ran = run("listening-test", "analyse", results.parent / "high.csv")
    said = f"{results.parent}/high.csv: line 4: rating_score must be 0 to 100, got 120"
    assert (ran.status, ran.refusal) == (1, said)
    alone = [lines[0], *(line for line in lines if "listener-01" in line)]
    (results.parent / "one.csv").write_text("\n".join(alone))
    ran = run("listening-test", "analyse", results.parent / "one.csv")
    assert (ran.status, "at least 2 listeners" in ran.refusal) == (1, True)
    (results.parent / "analysis.md").write_bytes(results.read_bytes())
    ran = run("listening-test", "analyse", results.parent / "analysis.md", "--out", results.parent)
    assert (ran.status, "this is an input" in ran.refusal) == (2, True)
    assert run("listening-test", "analyse").status == 2
    assert "analyse" in run("listening-test", "--help").out


def test_a_test_that_cannot_be_served_is_refused_before_anybody_sits_down(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = planned(tmp_path, trials=1)
    data = json.loads(test.read_text())
    data["trials"][0]["reference"] = "none.wav"
    test.write_text(json.dumps(data))
    ran = run("listening-test", "serve", test, "--no-open")
    said = f"{tmp_path}/none.wav: there is no such file"
    assert (ran.status, ran.refusal) == (1, said)
    assert not (tmp_path / "results").exists()
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "fastapi", None)
        ran = run("listening-test", "serve", test)
    said = "a listening test needs more: pip install 'graphophone[listening]'"
    assert (ran.status, ran.refusal) == (2, said)


def test_a_test_of_rows_needs_rows(run: Run, tmp_path: Path) -> None:
    ran = run("listening-test", "build", "--out", tmp_path / "panel", "--runs", tmp_path)
    assert ran.status == 2
    assert f"there are no runs in {tmp_path}" in ran.refusal
    assert not (tmp_path / "panel").exists()
