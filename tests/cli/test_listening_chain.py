"""From training to the tables of a panel: each command takes what the one before it left."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="a test's server needs fastapi (extra `listening`)")
pytest.importorskip("httpx2", reason="the test client needs httpx2")

from starlette.testclient import TestClient

from graphophone.listening.app import build
from graphophone.listening.serve import prepared
from graphophone.listening.sitting import order
from tests.cli.sounds import Ran

Run = Callable[..., Ran]
CONFIG = """
name = "tiny"
task = "singing"
row = 3
[[data.train]]
folder = "{folder}"
count = 2
store = "dry"
[[data.held_out]]
folder = "{folder}"
count = 2
store = "dry"
[model]
width = 16
layers = 1
heads = 2
channels = [8, 8, 8, 8, 8, 8, 8]
max_nodes = 8
[train]
steps = 2
warmup = 1
batch = 2
measure_every = 2
device = "cpu"
"""
ROWS = ("1", "2", "3", "4", "5", "6")
SCORES = {"reference": 100, "anchor35": 10, "anchor70": 40, "ours": 70}


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Examples of a second with one processor, and few readings."""
    monkeypatch.setattr("graphophone.generation.item.SEGMENT", 44_100)
    monkeypatch.setattr("graphophone.generation.item.draw_size", lambda rng, mix: 1)
    monkeypatch.setattr("graphophone.models.estimator.READINGS", 1)


@pytest.mark.usefixtures("cheap")
def test_trained_rows_become_a_table_a_panel_and_its_analysis(run: Run, tmp_path: Path) -> None:
    config, runs = tmp_path / "tiny.toml", tmp_path / "runs"
    config.write_text(CONFIG.format(folder=tmp_path / "set"))
    for row in ROWS:
        ran = run("train", config, "--run", runs / f"row{row}", "--set", f"row={row}")
        assert ran.status == 0, ran.err

    drawn = ("--task", "singing", "--split", "unseen", "--sources", "procedural", "--json")
    ran = run("evaluate", "--table2", "--runs", runs, "--count", "1", *drawn)
    assert ran.status == 0, ran.err
    assert list(ran.json["tables"][0]["rows"]) == list(ROWS)

    words = ("--runs", runs, "--count", "4", "--trials", "1", "--training", "0", *drawn)
    ours = runs / "row3" / "weights.safetensors"
    ran = run("listening-test", "build", "--out", tmp_path / "panel", "--weights", ours, *words)
    assert ran.status == 0, ran.err
    (made,) = ran.json["tests"]
    rows = [f"row{row}" for row in ROWS]
    assert made["conditions"] == ["anchor_dry", *rows, "ours", "anchor_random"]
    assert made["missing"] == []

    pages, sittings = prepared(Path(made["file"]))
    http = TestClient(build(pages, sittings))
    for listener in ("ann", "bob"):
        http.post("/api/sittings", json={"listener": listener})
        shown = order(pages.plan, listener)[0].conditions
        assert len(http.get(f"/api/sittings/{listener}/pages/0/0").content) == 44_100 * 2 * 4
        scores = [SCORES.get(name, 50) for name in shown]
        body = {"scores": scores, "milliseconds": 1}
        assert http.post(f"/api/sittings/{listener}/pages/0", json=body).json()["page"] is None

    ran = run("listening-test", "analyse", sittings.results, "--json")
    assert ran.status == 0, ran.err
    found = {one["condition"]: one["mean"] for one in ran.json["all"]["scores"]}
    assert found == dict.fromkeys(("anchor_dry", *rows, "anchor_random"), 50) | SCORES
    assert json.loads(Path(made["file"]).read_text())["meta"]["runs"]["row5"] == "row5"
