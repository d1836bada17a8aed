"""``generate`` says what it made, how much room it takes, and what to do about what is wrong."""

import io
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from graphophone.cli.main import main
from graphophone.generation import dataset
from graphophone.generation.pieces import Job
from tests.cli.sounds import Ran
from tests.generation.small import shrink

Run = Callable[..., Ran]
WORDS = ("generate", "--task", "singing", "--seed", 3, "--workers", 1)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    shrink(monkeypatch.setattr)


def test_the_answer_tells_what_was_made(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "set"
    ran = run(*WORDS, "--count", 3, "--out", out, "--json")
    answer = ran.json
    assert (answer["graphophone"], answer["command"]) == (1, "generate")
    assert (answer["items"], answer["made"], answer["repaired"]) == (3, 3, [])
    assert answer["items_per_second"] == pytest.approx(3 / answer["seconds"], rel=0.05)
    assert re.fullmatch("sha256:[0-9a-f]{64}", answer["checksum"])
    assert answer["bytes"] == (out / "shard-00000.tar").stat().st_size
    assert re.search(r"note: 3 examples will take about 345 kB; .* are free", ran.err)
    again = run(*WORDS, "--count", 3, "--out", out)
    assert answer["checksum"] in again.out
    assert "note:" not in again.err


def test_a_damaged_set_is_refused_with_a_way_out_and_repaired(run: Run, tmp_path: Path) -> None:
    words = (*WORDS, "--store", "graphs", "--count", 2, "--out", tmp_path)
    before = run(*words, "--json").json
    tar = tmp_path / "shard-00000.tar"
    tar.write_bytes(tar.read_bytes()[:-5])
    ran = run(*words)
    assert ran.status == 1
    assert re.search(r"shard-00000\.tar is truncated: .*; --repair makes", ran.refusal)
    repaired = run(*words, "--repair", "--json").json
    assert repaired["checksum"] == before["checksum"]
    (fault,) = repaired["repaired"]
    assert (fault["file"], fault["reason"][:12]) == ("shard-00000.tar", "is truncated")


def test_an_interrupted_set_is_finished_by_the_same_command(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shrink(monkeypatch.setattr)
    words = (*WORDS, "--count", 50, "--store", "graphs", "--json")
    whole = run(*words, "--out", tmp_path / "whole").json
    made, calls = dataset.make_piece, []

    def interrupted(job: Job) -> bytes:
        calls.append(job)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return made(job)

    monkeypatch.setattr(dataset, "make_piece", interrupted)
    ran = run(*words, "--out", tmp_path / "set")
    assert (ran.status, ran.out) == (130, "")
    assert ran.err.endswith("graphophone: stopped; the same command goes on where it was\n")
    assert "Traceback" not in ran.err
    again = run(*words, "--out", tmp_path / "set").json
    assert (again["checksum"], again["made"]) == (whole["checksum"], 30)


def test_what_cannot_be_is_refused_in_a_sentence(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(*WORDS, "--store", "graphs", "--count", 1, "--out", tmp_path / "set")
    ran = run(*WORDS, "--store", "features", "--count", 1, "--out", tmp_path / "set")
    assert (ran.status, "holds another set, its store is" in ran.refusal) == (1, True)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10**6))
    ran = run(*WORDS, "--count", 100_000, "--out", tmp_path / "large")
    assert (ran.status, "11.5 GB, and the disk of" in ran.refusal) == (1, True)
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "ray", None)
    ran = run(*WORDS, "--count", 1, "--out", tmp_path / "far", "--engine", "ray")
    assert (ran.status, "pip install 'graphophone[ray]'" in ran.refusal) == (1, True)


def test_a_terminal_is_shown_how_it_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    words = (*WORDS, "--store", "graphs", "--count", 60, "--out", tmp_path / "set")
    assert main([str(word) for word in words]) == 0
    assert re.search(r"generating.*10/60.*kB", screen.getvalue())
    assert re.search(r"50/60.*[0-9.]+ a second.*\d:\d\d:\d\d.*kB", screen.getvalue())
