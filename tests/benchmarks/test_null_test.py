"""Null tests: figures are what they say, what misses its aim is named, a stopped run goes on."""

import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from benchmarks import null_journal, null_test
from benchmarks.null_journal import Journal
from benchmarks.nulls import SILENT_DB, Signal, depth_db
from graphophone.errors import WorkerError
from graphophone.export.fidelity import Part
from graphophone.graph.build import GraphBuilder
from graphophone.graph.model import Graph
from graphophone.processors import SPECS

KINDS = ("lowpass", "bell", "mix")
Depths = Callable[[str], float]


def test_depth_is_what_is_left_over_ours() -> None:
    ours = np.random.default_rng(0).standard_normal((2, 1000))
    assert depth_db(ours * 1.001, ours) == pytest.approx(-60)
    assert depth_db(ours, ours) == depth_db(0 * ours, 0 * ours) == SILENT_DB
    assert depth_db(ours, 0 * ours) == math.inf, "sound where there should be none"
    assert depth_db(ours * np.nan, ours) == math.inf


def test_a_journal_keeps_whole_lines(tmp_path: Path) -> None:
    path, measured = tmp_path / "made" / "results.jsonl", list[str]()

    def found(name: str) -> float:
        def measure() -> float:
            measured.append(name)
            return -70.0 - len(name)

        return Journal(path).find(name, measure)

    assert (found("one"), found("three")) == (-73.0, -75.0)
    path.write_bytes(path.read_bytes()[:-4])  # killed while it wrote
    for _ in range(2):
        assert (found("one"), found("three")) == (-73.0, -75.0)
    assert measured == ["one", "three", "three"]
    assert len(path.read_text().splitlines()) == 2


def test_results_of_other_code_do_not_count(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kernel = tmp_path / "src" / "graphophone" / "dsp" / "kernel.py"
    for path in (kernel, *(tmp_path / "benchmarks" / name for name in null_journal.MEASURING)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1", encoding="utf-8")
    (tmp_path / "src" / "graphophone" / "tensors.py").write_text("1", encoding="utf-8")
    monkeypatch.setattr(null_journal, "ROOT", tmp_path)
    monkeypatch.setattr(null_journal, "PROGRAMS", ("no-such-compiler",))
    before = null_journal.code()
    assert null_journal.code() == before
    kernel.write_text("2", encoding="utf-8")
    after = null_journal.code()
    assert after != before
    monkeypatch.setattr(null_journal, "PROGRAMS", ("echo",))
    assert null_journal.code() != after


def ran(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    depth: Depths,
    *words: str,
    null: Callable[[Graph], float] = lambda graph: -100.0,
) -> int:
    """Run the null test with made-up figures; LV2 is missing."""

    def pedalboard_depth(kind: str, *, baked: bool) -> tuple[float, Part]:
        return depth(f"{kind} {baked}"), Part(kind, "exact" if baked else "approximated", "near")

    def random_null(graph: Graph, dry: Mapping[str, Signal]) -> float:
        return null(graph)

    for name in ("faust_depths", "effect_depths"):
        monkeypatch.setattr(null_test, name, lambda case: [depth(case.kind), -200.0])
    monkeypatch.setattr(null_test, "pedalboard_depth", pedalboard_depth)
    monkeypatch.setattr(null_test, "drawn", lambda number: (crushed(number), {}))
    for name in ("faust_depth", "reaper_depth"):
        monkeypatch.setattr(null_test, name, random_null)
    monkeypatch.setattr(null_test, "lv2_missing", lambda: "missing: lv2file (Debian package l)")
    monkeypatch.setattr(null_test.tools, "missing", str)
    monkeypatch.setattr(null_test.jsfx_player, "missing", str)
    monkeypatch.setattr(null_test, "code", lambda: "code")
    return null_test.main([*words, *KINDS], tmp_path)


def crushed(number: int) -> Graph:
    builder = GraphBuilder(SPECS)
    nodes = [builder.add(kind) for kind in ("lowpass", "bitcrush")]
    builder.chain(builder.add("in", source="voice"), *nodes, builder.add("out"))
    return builder.graph(energy="plain", meta={"name": str(number)})


def test_a_run_prints_and_keeps_what_it_measured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    page.write_text("before <!-- null test -->old<!-- end of null test --> after")
    words = ("--graphs", "2", "--page", str(page))
    assert ran(monkeypatch, tmp_path, lambda kind: -80.0, *words) == 0
    said = capsys.readouterr().out
    assert "| bell | -80 dB | not run | -80 dB | -80 dB, approximated (near) |" in said
    assert "LV2 was not run, missing: lv2file (Debian package l)." in said
    assert "Faust: 3 of 3 processors below -60 dB." in said
    assert "REAPER: 2 of 2 random graphs below -60 dB" in said
    assert re.fullmatch(
        r"before <!-- null test -->\n\n.*\n<!-- .* --> after", page.read_text(), re.S
    )
    assert said in page.read_text()

    def never(kind: str) -> float:
        raise AssertionError(f"{kind} was measured again")

    assert ran(monkeypatch, tmp_path, never, *words) == 0
    assert capsys.readouterr().out == said
    with pytest.raises(AssertionError, match="measured again"):
        ran(monkeypatch, tmp_path, never, "--fresh")


@pytest.mark.parametrize(
    ("deep", "status", "missed"),
    [
        ({"bell": -50.0}, 0, ""),
        ({"bell": -39.0}, 1, "missed: Faust: bell (-39 dB)"),
        ({"mix True": -50.0}, 1, "missed: pedalboard calls mix exact: -50 dB"),
        ({"mix False": -5.0}, 0, ""),
        ({"bell": math.inf}, 1, "missed: REAPER: bell (inf dB)"),
    ],
)
def test_what_misses_is_named(
    deep: Mapping[str, float],
    status: int,
    missed: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert ran(monkeypatch, tmp_path, lambda kind: deep.get(kind, -80.0)) == status
    said = capsys.readouterr()
    assert missed in said.err
    if "bell" in deep:
        assert "Faust: 2 of 3 processors below -60 dB, all but bell" in said.out


def test_more_exceptions_than_three_miss(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(null_test, "EXCEPTIONS", 1)
    assert ran(monkeypatch, tmp_path, lambda kind: -50.0 if kind == "mix" else -80.0) == 0
    (tmp_path / "code.jsonl").unlink()
    assert ran(monkeypatch, tmp_path, lambda kind: -80.0 if "True" in kind else -50.0) == 1


def test_a_graph_that_misses_is_explained_by_the_node_that_decides(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def null(graph: Graph) -> float:
        if graph.meta["name"] in ("3", "4"):
            decided = any(node.type == "bitcrush" for node in graph.nodes)
            return -30.0 if decided or graph.meta["name"] == "4" else -90.0
        if graph.meta["name"] == "5":
            raise WorkerError("g++ took more than 120 s")
        return -90.0

    monkeypatch.setattr(null_test, "SHARE", 0.4)
    status = ran(monkeypatch, tmp_path, lambda kind: -80.0, "--graphs", "6", null=null)
    said = capsys.readouterr()
    assert "Faust: 3 of 6 random graphs below -60 dB; the worst is" in said.out
    assert "- graph 3: -30 dB, below -60 dB without 1 bitcrush" in said.out
    assert "- graph 4: -30 dB, no single node explains it" in said.out
    assert "- graph 5: inf dB, g++ took more than 120 s" in said.out
    assert status == 1
    assert "missed: REAPER graph 4: -30 dB, no single node" in said.err
    assert "graph 3:" not in said.err
    assert "graph 5" not in (tmp_path / "code.jsonl").read_text()
    monkeypatch.setattr(null_test, "SHARE", 0.95)
    ran(monkeypatch, tmp_path, lambda kind: -80.0, "--graphs", "6", null=null)
    assert "missed: Faust: 3 of 6 random graphs" in capsys.readouterr().err
