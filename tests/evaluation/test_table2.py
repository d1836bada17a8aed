"""The table of all rows, on a few examples and models that know nothing."""

import json
from pathlib import Path

import pytest
import torch

from graphophone.codec.tokens import Vocabulary
from graphophone.codec.travel import width
from graphophone.errors import UsageError
from graphophone.evaluation import table2_report
from graphophone.evaluation.paper import COLUMNS, printed
from graphophone.evaluation.result import METRICS
from graphophone.evaluation.table2 import Table2, find_runs, table2
from graphophone.models.config import ROWS, ModelConfig
from graphophone.models.model import GraphModel
from graphophone.models.weights import save_weights
from graphophone.processors import SPECS
from tests.evaluation.test_suites import TINY


def leave(folder: Path, row: int, seed: int, given: str | None = None, steps: int = 3) -> None:
    """Leave a run as training does."""
    torch.manual_seed(seed)
    conditionings, decoding = ROWS[row]
    config = ModelConfig.model_validate(
        {**TINY, "conditioning": given or conditionings[0], "decoding": decoding}
    )
    told = {
        "name": folder.name,
        "train": {"seed": seed, "learning_rate": 1e-3, "threads": row},
        "data": {"train": [{"count": 10, "folder": f"sets/{row}"}]},
        "model": config.model_dump(mode="json"),
    }
    folder.mkdir(parents=True)
    model = GraphModel(config, Vocabulary.of(SPECS), width(SPECS))
    notes = {"config": told}
    save_weights(folder / "weights.safetensors", model, task="singing", step=steps, notes=notes)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Table2:
    folder = tmp_path_factory.mktemp("runs")
    for row in ROWS:
        for seed in (0, 1) if row == 3 else (0,):
            leave(folder / f"row{row}-{seed}", row, seed)
    patch = pytest.MonkeyPatch()
    patch.setattr("graphophone.generation.item.draw_size", lambda rng, mix: 1)
    patch.setattr("graphophone.models.estimator.READINGS", 2)
    try:
        runs = find_runs([folder])
        return table2("singing", "unseen", "procedural", 2, runs, mix="wide")
    finally:
        patch.undo()


def test_every_row_has_every_figure_that_has_a_meaning(table: Table2) -> None:
    assert list(table.rows) == ["1", "2", "3", "4", "5", "6"]
    for name, row in table.rows.items():
        for metric in METRICS:
            figure = row.metrics[metric]
            if (name, metric) == ("6", "mss_oracle"):
                assert figure is None, "it sets no knobs of a finished prototype"
            else:
                assert figure is not None, (name, metric)
                assert figure.low <= figure.value <= figure.high
    assert table.skill("2")["node_error"] == 0
    assert table.rows["3"].seeds == (0, 1)
    assert len(table.rows["3"].runs) == 2
    assert table.unequal == {}


def test_the_text_has_ours_and_the_papers_figures(table: Table2) -> None:
    text = table2_report.text(table)
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("| 3: token by token"))
    assert "(2 seeds)" in lines[start]
    assert lines[start + 2] == (
        "| paper | 0.242 | 0.009 | 0.000 | 0.800 | 0.054 | 0.125 | 0.057 | 0.059 |"
    )
    assert lines[start + 3].startswith("| its skill | 0.52 | 0.36 | – | 0.69 |")
    assert "wrong nodes that are order only" in text
    widths = {line.count("|") for line in lines if line.startswith("|")}
    assert widths == {len(COLUMNS) + 2, len(table2_report.SHARES) + 2}


def test_the_json_is_plain_and_says_what_is_tied(table: Table2) -> None:
    data = json.loads(json.dumps(table2_report.to_json(table), allow_nan=False))
    assert data["rows"]["3"]["seeds"] == [0, 1]
    assert data["rows"]["6"]["metrics"]["mss_oracle"] is None
    assert data["rows"]["4"]["paper"]["node_error"] == 0.169
    for row, one in data["rows"].items():
        for metric, others in one["tied_with"].items():
            assert all(row in data["rows"][other]["tied_with"][metric] for other in others)


def test_runs_that_were_not_trained_alike_are_told(tmp_path: Path) -> None:
    leave(tmp_path / "a", 2, 0)
    leave(tmp_path / "b", 3, 1, steps=4)
    patch = pytest.MonkeyPatch()
    patch.setattr("graphophone.generation.item.draw_size", lambda rng, mix: 1)
    patch.setattr("graphophone.models.estimator.READINGS", 2)
    runs = find_runs([tmp_path / "a", tmp_path / "b"])
    table = table2("singing", "unseen", "procedural", 1, runs, mix="wide")
    patch.undo()
    assert list(table.unequal) == ["step"]
    assert sorted(table.unequal["step"].values()) == [3, 4]
    assert "Not equal between runs: step is" in table2_report.text(table)


def test_folders_without_rows_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there are no runs in .*: `graphophone train"):
        find_runs([tmp_path])
    config = ModelConfig.model_validate({**TINY, "conditioning": "dry", "decoding": "nodes"})
    model = GraphModel(config, Vocabulary.of(SPECS), width(SPECS))
    save_weights(tmp_path / "weights.safetensors", model, task="singing", step=1)
    with pytest.raises(UsageError, match="is no row of Table 2: its conditioning is 'dry'"):
        find_runs([tmp_path])


def test_there_must_be_runs_of_the_task(tmp_path: Path) -> None:
    leave(tmp_path / "a", 2, 0)
    with pytest.raises(UsageError, match="there are no runs for drums"):
        table2("drums", "unseen", "procedural", 1, find_runs([tmp_path]))
    with pytest.raises(UsageError, match="at least one example, got 0"):
        table2("singing", "unseen", "procedural", 0, find_runs([tmp_path]))


@pytest.mark.parametrize(
    ("task", "row", "split", "expected"),
    [
        ("singing", 3, "seen", 0.215),
        ("singing", 2, "seen", 0.502),
        ("singing", 4, "unseen", 0.169),
        ("drums", 5, "unseen", 0.461),
        ("drums", 6, "unseen", 0.442),
        ("singing", 5, "seen", None),
    ],
)
def test_figures_are_those_that_are_printed(
    task: str, row: int, split: str, expected: float | None
) -> None:
    assert printed(task, row, split).get("node_error") == expected
