"""The long run: in shards, resumed where it was stopped, and failed by any failure."""

import json
import re
from pathlib import Path

import pytest

from tests.reliability import __main__ as long
from tests.reliability import shard


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Seeds in the order in which they are tried; number 3 is a broken one."""
    seeds: list[int] = []

    def check_case(seed: int) -> None:
        seeds.append(seed)
        if seed == 3:
            raise AssertionError("seed 3 is broken")

    monkeypatch.setattr(shard, "check_case", check_case)
    monkeypatch.setattr(long, "SHARD", 2)
    return seeds


def run(folder: Path, count: int, **more: int) -> tuple[int, list[str]]:
    told: list[str] = []
    words = ["--count", str(count), "--workers", "1", "--folder", str(folder)]
    for name, value in more.items():
        words += [f"--{name}", str(value)]
    return long.main(words, told.append), told


def test_shards_are_kept_and_not_tried_again(tried: list[int], tmp_path: Path) -> None:
    assert run(tmp_path, 2)[0] == 0
    status, told = run(tmp_path, 3, first=0)
    assert tried == [0, 1, 2], "the first shard was there"
    assert status == 0
    assert "2 of 3 graphs were there already" in told[0]
    assert told[-1] == "3 graphs, none failed"


def test_a_failure_is_told_and_remembered(tried: list[int], tmp_path: Path) -> None:
    for _ in range(2):
        status, told = run(tmp_path, 4)
        assert status == 1
        assert "seed 3 is broken" in told
        assert told[-1] == "4 graphs, 1 failed: 3"
    assert tried == [0, 1, 2, 3]


def test_a_stopped_run_goes_on(
    tried: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = shard.check_case

    def stopped(seed: int) -> None:
        if seed == 5:
            raise KeyboardInterrupt
        check(seed)

    monkeypatch.setattr(shard, "check_case", stopped)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, 8)
    monkeypatch.setattr(shard, "check_case", check)
    assert run(tmp_path, 8)[0] == 1
    assert tried == [0, 1, 2, 3, 4, 4, 5, 6, 7]


def test_results_of_other_code_do_not_count(
    tried: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert re.fullmatch("[0-9a-f]{12}", long.code())
    run(tmp_path, 2)
    monkeypatch.setattr(long, "code", lambda: "other")
    run(tmp_path, 2)
    assert tried == [0, 1, 0, 1]
    assert json.loads((tmp_path / "other" / "000000000-000000002.json").read_text()) == {}


def test_workers_find_the_same(tmp_path: Path) -> None:
    told: list[str] = []
    words = ["--count", "2", "--workers", "2", "--folder", str(tmp_path)]
    assert long.main(words, told.append) == 0
    assert told[-1] == "2 graphs, none failed"
