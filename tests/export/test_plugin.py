"""LV2 plug-ins: made, loaded by a host that is not ours, and the same sound."""

from pathlib import Path

import pytest

from benchmarks.nulls import lv2_depth, lv2_missing, probe
from graphophone.errors import UsageError, WorkerError
from graphophone.export import bounded
from graphophone.export.faust import plugin
from graphophone.graph.build import GraphBuilder
from graphophone.processors import SPECS

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


def test_words_are_handed_over_as_they_are() -> None:
    word = "$(touch x) ; 'a' \"b\" *"
    assert bounded.run(["printf", "%s", word]).decode() == word
