"""LV2 plug-ins: made, loaded by a host that is not ours, and the same sound."""

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.nulls import bare, lv2_depth, lv2_missing, probe
from graphophone.errors import UsageError, WorkerError
from graphophone.export import bounded
from graphophone.export.faust import plugin
from graphophone.export.targets import lv2
from graphophone.graph.build import GraphBuilder
from graphophone.processors import SPECS
from tests.export.hostile import NAMES, graph

needs_host = pytest.mark.skipif(bool(lv2_missing()), reason=lv2_missing())


@needs_host
def test_a_plugin_sounds_like_our_rendering() -> None:
    builder = GraphBuilder(SPECS)
    voice, key = builder.add("in", source="voice"), builder.add("in", source="key")
    tone, gain = builder.add("bell", frequency=2_000.0), builder.add("compressor")
    late, swing = builder.add("flanger"), builder.add("stereo_lfo", frequency=3.0)
    builder.chain(voice, tone, gain, late, builder.add("out"))
    builder.connect(key, gain, inlet="sidechain", gain_db=-3.0)
    builder.connect(swing, late, inlet="mod", depth=0.3)
    graph = builder.graph(energy="plain")
    assert lv2_depth(graph, probe(["voice", "key"])) < -90


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def which(name: str) -> str | None:
        return None if name == "faust2lv2" else f"/usr/bin/{name}"

    monkeypatch.setattr("graphophone.export.bounded.shutil.which", which)
    with pytest.raises(UsageError, match=r"missing: faust2lv2 \(Debian package faust\)"):
        plugin.bundle("process = _;", "none")


@pytest.mark.skipif(bool(bounded.absent({"g++": "g++"})), reason="g++ is missing")
def test_a_missing_header_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugin, "PACKAGES", {})
    monkeypatch.setattr(plugin, "HEADERS", {"no/such.hpp": "libsuch-dev"})
    assert plugin.missing() == "missing: no/such.hpp (Debian package libsuch-dev)"


def test_time_and_disk_are_bounded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bounded, "SECONDS", 0.2)
    with pytest.raises(WorkerError, match=r"sleep took more than 0.2 s"):
        bounded.run(["sleep", "20"])
    monkeypatch.setattr(bounded, "SECONDS", 20.0)
    monkeypatch.setattr(bounded, "MEGABYTES", 1)
    with pytest.raises(WorkerError, match="dd failed"):
        bounded.run(["dd", "if=/dev/zero", "of=big", "bs=1M", "count=3"], folder=tmp_path)
    assert (tmp_path / "big").stat().st_size == 1_048_576


def test_what_a_script_began_ends_with_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Not the script alone is stopped that takes too long: so is the compiler that it runs."""
    monkeypatch.setattr(bounded, "SECONDS", 0.3)
    started, late = tmp_path / "started", tmp_path / "late"
    script = f"(touch {started}; sleep 1; touch {late}) & sleep 20"
    with pytest.raises(WorkerError, match="sh took more than"):
        bounded.run(["sh", "-c", script])
    assert started.exists()
    time.sleep(1)
    assert not late.exists()


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_are_one_word_of_a_file_and_of_an_address(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[str, str]] = []

    def bundle(program: str, word: str) -> dict[str, bytes]:
        given.append((program, word))
        return {}

    def lines(program: str) -> list[str]:
        return [line for line in program.splitlines() if not line.startswith(("//", "declare"))]

    monkeypatch.setattr(lv2, "bundle", bundle)
    for title in (name, "voice"):
        patch = replace(bare(graph(title)), title=title, window=title)
        files = lv2.write(patch, "").beside
        assert list(files) == [f"{given[-1][1]}.dsp"]
    (hostile, word), (tame, _) = given
    assert re.fullmatch("[A-Za-z_][A-Za-z0-9_]{0,60}", word)
    assert len(lines(hostile)) == len(lines(tame))


def test_words_are_handed_over_as_they_are() -> None:
    word = "$(touch x) ; 'a' \"b\" *"
    assert bounded.run(["printf", "%s", word]).decode() == word
