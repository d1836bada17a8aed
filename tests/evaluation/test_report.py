"""What the table and the JSON say, and how skill is reckoned."""

import json
from dataclasses import replace

import pytest

from graphophone.evaluation.paper import printed
from graphophone.evaluation.report import copies_table, table, to_json
from graphophone.evaluation.result import (
    METRICS,
    CopyFigures,
    EvaluationResult,
    complete,
    skill,
)
from graphophone.evaluation.tally import Figure


def figure(value: float) -> Figure:
    return Figure(value, value - 0.1, value + 0.1)


def result(*, row2: bool) -> EvaluationResult:
    baselines = {"most_frequent_graph": complete({"iou": figure(0.2)})}
    if row2:
        baselines = {"no_latent": complete({"node_error": figure(0.5), "iou": figure(0.4)})} | (
            baselines
        )
    return EvaluationResult(
        task="singing",
        split="unseen",
        sources="real",
        kinds=("speech",),
        mix="wide",
        count=200,
        seed=0,
        reference_count=300,
        reference_seed=7,
        weights="weights w.safetensors after 5 steps",
        metrics=complete({"node_error": figure(0.3), "iou": figure(0.7)}),
        baselines=baselines,
        seconds=1.5,
    )


@pytest.mark.parametrize(
    ("metric", "value", "row2", "expected"),
    [
        ("node_error", 0.0, 0.5, 1.0),
        ("node_error", 0.5, 0.5, 0.0),
        ("node_error", 0.6, 0.5, -0.2),
        ("iou", 1.0, 0.4, 1.0),
        ("iou", 0.7, 0.4, 0.5),
    ],
)
def test_skill_is_the_share_of_the_way_to_perfect(
    metric: str, value: float, row2: float, expected: float
) -> None:
    assert skill(metric, figure(value), figure(row2)) == pytest.approx(expected)


def test_there_is_no_skill_where_nothing_is_left_to_learn_or_nothing_to_compare() -> None:
    assert skill("invalid_rate", figure(0.1), figure(0.0)) is None
    assert skill("node_error", figure(0.1), None) is None
    assert skill("node_error", None, figure(0.1)) is None


@pytest.mark.parametrize(
    ("task", "metric", "expected"),
    [
        ("singing", "node_error", 0.52),
        ("singing", "iou", 0.69),
        ("singing", "parameter_loss", 0.38),
        ("singing", "mss_full", 0.45),
        ("drums", "node_error", 0.26),
        ("drums", "iou", 0.36),
        ("drums", "parameter_loss", 0.22),
        ("drums", "mss_full", 0.36),
    ],
)
def test_skill_of_the_papers_figures(task: str, metric: str, expected: float) -> None:
    row3, row2 = printed(task, 3, "unseen")[metric], printed(task, 2, "unseen")[metric]
    found = skill(metric, figure(row3), figure(row2))
    assert found == pytest.approx(expected, abs=0.006)


def test_table_has_intervals_skill_baselines_and_the_papers_figures() -> None:
    lines = table(result(row2=True)).splitlines()
    assert lines[0] == (
        "singing, unseen split, real sources (speech): 200 wide examples of seed 0, weights "
        "w.safetensors after 5 steps. The trivial baselines know 300 training examples of seed 7."
    )
    assert lines[4] == "| `node_error` | 0.300 (0.200 … 0.400) | 0.40 | 0.500 | – | 0.242 | 0.52 |"
    assert lines[5] == "| `iou` | 0.700 (0.600 … 0.800) | 0.50 | 0.400 | 0.200 | 0.800 | 0.69 |"
    assert len({line.count("|") for line in lines[2:]}) == 1


def test_without_row_2_the_table_says_why_there_is_no_skill() -> None:
    text = table(result(row2=False))
    assert "There are no row 2 weights, so there is no skill." in text.splitlines()[0]
    assert "| `iou` | 0.700 (0.600 … 0.800) | – | 0.200 |" in text


def test_json_has_the_fields_that_other_programs_rely_on() -> None:
    data = json.loads(json.dumps(to_json(result(row2=True)), allow_nan=False))
    assert {"task", "split", "sources", "count", "metrics", "skill", "baselines"} <= data.keys()
    assert (data["task"], data["split"], data["sources"], data["count"]) == (
        "singing",
        "unseen",
        "real",
        200,
    )
    assert data["metrics"].keys() == data["skill"].keys() == set(METRICS)
    assert data["metrics"]["node_error"] == 0.3
    assert data["metrics"]["mss_full"] is None
    assert data["skill"]["iou"] == pytest.approx(0.5)
    assert data["baselines"]["most_frequent_graph"]["iou"] == 0.2
    assert data["baselines"]["most_frequent_graph"]["node_error"] is None
    assert data["intervals"]["iou"] == pytest.approx([0.6, 0.8])
    assert to_json(result(row2=False))["skill"]["iou"] is None


def spoiled(missing: dict[str, str]) -> EvaluationResult:
    copies = {
        "mp3=64": CopyFigures(
            complete({"node_error": figure(0.35)}), complete({"node_error": figure(0.05)})
        )
    }
    return replace(result(row2=False), copies=copies, copies_missing=missing)


def test_the_table_of_copies_says_what_each_adds() -> None:
    lines = copies_table(spoiled({"aac": "AAC needs PyAV"})).splitlines()
    assert lines[4] == "| none | 0.300 (0.200 … 0.400) | – | – | – |"
    assert lines[5] == "| mp3=64 | +0.050 (-0.050 … +0.150) | – | – | – |"
    assert lines[-1] == "aac is left out: AAC needs PyAV."
    assert len({line.count("|") for line in lines[2:6]}) == 1
    assert copies_table(result(row2=False)) == ""


def test_json_has_the_figures_on_copies() -> None:
    data = json.loads(json.dumps(to_json(spoiled({"aac": "no"})), allow_nan=False))
    found = data["copies"]["mp3=64"]
    assert found["metrics"]["node_error"] == 0.35
    assert found["changes"]["node_error"] == 0.05
    assert found["change_intervals"]["node_error"] == pytest.approx([-0.05, 0.15])
    assert found["changes"]["iou"] is None
    assert data["copies_missing"] == {"aac": "no"}
    assert to_json(result(row2=False))["copies"] == {}
