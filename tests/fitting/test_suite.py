"""The suite that measures fitting: its problems, its sums, its tables."""

from typing import Any

import pytest
import torch

from graphophone.audio.features import RATE
from graphophone.errors import UsageError
from graphophone.evaluation.foreign.chain import Chain
from graphophone.evaluation.foreign.table import Table
from graphophone.fitting import suite
from graphophone.fitting.suite import FitSuite, Row, evaluate_fit, figures, problems
from graphophone.fitting.suite_report import table, to_json
from graphophone.processors import SPECS
from graphophone.render.execute import execute
from graphophone.render.plan import plan
from graphophone.sources import open_pool
from graphophone.tensors import Stereo

ROWS = [
    Row(10.0, 1.0, 0.8, 0.5, 10.0, 0.5, exact=True),
    Row(10.0, 1.0, 0.8, 0.1, 30.0, 0.9, exact=True),
    Row(10.0, 1.0, 0.3, 0.4, 20.0, 0.6, exact=False),
    Row(60.0, 1.0, 0.8, 0.0, 40.0, 1.0, exact=True),
]


def test_figures_are_medians_and_shares_at_each_limit() -> None:
    found = figures(ROWS, 10.0)
    assert found["count"] == 3
    assert found["gap_closed"] == 0.6
    assert found["si_sdr_db"] == 20.0
    assert found["exact"] == pytest.approx(2 / 3)
    assert found["worse"] == pytest.approx(1 / 3)
    assert figures(ROWS, 60.0)["gap_closed"] == 1.0
    assert figures(ROWS, 5.0) == {}
    unknown = [Row(10.0, 1.0, 1.0, 1.0, 0.0, 0.0, exact=None)]
    assert figures(unknown, 10.0)["exact"] is None


def test_the_table_has_every_line_and_says_what_is_missing() -> None:
    measured = FitSuite(3, 0, "real", {"chains": ROWS, "sox": []}, {"sox": "it is not installed"})
    text = table(measured)
    assert "| chains | 10 | 0.600 |" in text
    assert "| chains | 60 | 1.000 | 1.000 (aim 0.8) | 40.000 (aim 23) |" in text
    assert "sox is left out: it is not installed." in text
    assert to_json(measured)["lines"]["chains"]["10"]["gap_closed"] == 0.6


@pytest.mark.parametrize("line", ["singing", "chains"])
def test_a_problem_is_the_same_again_and_its_graph_makes_its_sound(line: str) -> None:
    pool = open_pool("singing", sources="procedural", split="unseen")
    (dry, wet, graph), (_, again, _) = (next(problems(line, 1, "wide", 5, pool)) for _ in range(2))
    assert torch.equal(wet, again)
    assert graph is not None
    clips = {name: clip[None] for name, clip in dry.items()}
    torch.testing.assert_close(execute(plan(graph, SPECS), clips, RATE).result()[0], wet)
    other = next(problems(line, 1, "wide", 6, pool))
    assert not torch.equal(other[1], wet)


def test_what_is_no_suite() -> None:
    with pytest.raises(UsageError, match="a line must be one of singing, chains, pedalboard, sox"):
        evaluate_fit(1, lines=("guitar",))
    with pytest.raises(UsageError, match="needs problems and seconds above 0"):
        evaluate_fit(0)


def test_chains_of_other_software_are_those_of_the_benchmark(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def drawn(table: Table, software: str, dry: Stereo, *rest: Any) -> Chain | None:
        asked.append((software, rest[1]))
        return None if len(asked) == 1 else Chain(-dry, ())

    monkeypatch.setattr(suite, "draw_chain", drawn)
    pool = open_pool("singing", sources="procedural", split="unseen")
    found = list(problems("sox", 8, "wide", 0, pool))
    assert len(asked) == 9
    assert {software for software, _ in asked} == {"sox"}
    assert {length for _, length in asked} <= {1, 2, 3}
    for dry, wet, graph in found:
        assert torch.equal(wet, -dry["voice"])
        assert graph is None
