"""``export``: what is written, what is refused, and what is said."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from graphophone.codec.json import save
from graphophone.graph.build import GraphBuilder
from graphophone.processors import SPECS
from tests.cli.sounds import Ran, sound

Run = Callable[..., Ran]


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """A graph that pedalboard cannot carry as it is."""
    builder = GraphBuilder(SPECS)
    voice, gate = builder.add("in", source="voice"), builder.add("noisegate")
    builder.chain(voice, gate, builder.add("out"))
    save(builder.graph(), tmp_path / "song.json")
    return tmp_path / "song.json"


@pytest.fixture
def duet(tmp_path: Path) -> Path:
    """A graph with two inputs."""
    builder = GraphBuilder(SPECS)
    mix = builder.add("mix")
    for name in ("kick", "snare"):
        builder.connect(builder.add("in", source=name), mix)
    builder.connect(mix, builder.add("out"))
    save(builder.graph(), tmp_path / "duet.json")
    return tmp_path / "duet.json"


def test_a_file_is_written_beside_the_graph(run: Run, song: Path) -> None:
    ran = run("export", song, "--to", "mermaid")
    assert ran.status == 0
    assert ran.out.strip() == str(song.with_suffix(".mmd"))
    assert song.with_suffix(".mmd").read_text().startswith("flowchart LR")


def test_what_is_written_is_called_as_its_file(run: Run, song: Path, tmp_path: Path) -> None:
    """Estimated graphs are all called ``graph.json``: two plug-ins of one name would collide."""
    assert run("export", song, "--to", "faust", "--out", tmp_path / "warm.dsp").status == 0
    assert 'declare name "warm";' in (tmp_path / "warm.dsp").read_text()


def test_json_is_one_document_with_all_grades(run: Run, song: Path, tmp_path: Path) -> None:
    take, out = sound(tmp_path / "take.wav"), tmp_path / "made" / "song.py"
    ran = run("export", song, "--to", "pedalboard", "--input", take, "--out", out, "--json")
    assert ran.status == 0
    said = json.loads(ran.out)
    assert said["command"] == "export"
    assert said["files"] == [str(out)]
    assert said["exact"] == ["n0 in:voice", "n2 out"]
    assert said["approximated"] == ["n1 noisegate: hard knee, other ballistics"]
    assert said["dropped"] == []
    assert "approximated: n1 noisegate: hard knee, other ballistics" in ran.err
    assert "Levels were measured on take.wav." in out.read_text()


def test_without_a_track_the_built_in_voice_is_named(run: Run, song: Path) -> None:
    assert run("export", song, "--to", "faust").status == 0
    text = song.with_suffix(".dsp").read_text()
    assert "// Levels were measured on the built-in calibration voice." in text
    assert "0.0, -120.0, 120.0" in text  # it enters at the reference level


def test_strict_loses_nothing(run: Run, song: Path) -> None:
    ran = run("export", song, "--to", "pedalboard", "--strict")
    assert ran.status == 2
    assert "--strict: pedalboard would not carry everything (approximated: n1 noisegate" in ran.err
    assert not song.with_suffix(".py").exists()
    assert run("export", song, "--to", "faust", "--strict").status == 0


def test_what_is_there_is_replaced_by_force_alone(run: Run, song: Path) -> None:
    assert run("export", song, "--to", "dot").status == 0
    song.with_suffix(".dot").write_text("mine")
    ran = run("export", song, "--to", "dot")
    assert ran.status == 2
    assert "song.dot is there already; --force replaces it" in ran.err
    assert song.with_suffix(".dot").read_text() == "mine"
    assert run("export", song, "--to", "dot", "--force").status == 0
    assert song.with_suffix(".dot").read_text().startswith("digraph")


def test_a_graph_is_never_overwritten(run: Run, song: Path) -> None:
    ran = run("export", song, "--to", "svg", "--out", song, "--force")
    assert ran.status == 2
    assert "outputs never overwrite one" in ran.err


def test_a_folder_is_not_replaced(run: Run, song: Path, tmp_path: Path) -> None:
    ran = run("export", song, "--to", "svg", "--out", tmp_path, "--force")
    assert ran.status == 2
    assert "is a folder, and a file of that name is to be written" in ran.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--to", "fausst"), "got 'fausst', did you mean 'faust'?"),
        (("--to", "svg", "--mode", "exact"), "--mode of svg must be none, got 'exact'"),
    ],
)
def test_usage_is_told(run: Run, song: Path, words: tuple[str, ...], said: str) -> None:
    ran = run("export", song, *words)
    assert ran.status == 2
    assert said in ran.err


def test_a_recording_for_each_input(run: Run, duet: Path, tmp_path: Path) -> None:
    take = sound(tmp_path / "take.wav")
    ran = run("export", duet, "--to", "faust", "--input", take)
    assert ran.status == 2
    assert "the graph has 2 inputs, give a recording each: --input kick=FILE" in ran.err
    ran = run("export", duet, "--to", "faust", "--input", f"bell={take}")
    assert ran.status == 2
    assert "the graph has no input 'bell' (it has kick, snare)" in ran.err
    ran = run("export", duet, "--to", "faust", "-i", f"kick={take}", "-i", f"snare={take}")
    assert ran.status == 0


def test_a_project_is_a_folder_that_is_not_replaced_unasked(run: Run, song: Path) -> None:
    pytest.importorskip("rpp", reason="rpp is missing (extra reaper)")
    out = song.with_suffix(".reaper")
    assert run("export", song, "--to", "reaper", "--strict").status == 0
    text = (out / "song.rpp").read_text()
    assert "noisegate.jsfx" in text
    assert "audio/01 voice.wav" in text
    (out / "song.rpp").write_text("mine")
    ran = run("export", song, "--to", "reaper")
    assert ran.status == 2
    assert "song.reaper is there already; --force replaces it" in ran.err
    assert (out / "song.rpp").read_text() == "mine"
    assert run("export", song, "--to", "reaper", "--force").status == 0
    assert (out / "song.rpp").read_text() == text


@pytest.mark.parametrize("to", ["lv2", "reaper"])
def test_a_folder_that_is_there_is_left_alone(run: Run, song: Path, to: str) -> None:
    out = song.with_suffix(f".{to}")
    out.mkdir()
    (out / "mine").write_text("mine")
    ran = run("export", song, "--to", to)
    assert ran.status == 2
    assert f"song.{to} is there already; --force replaces it" in ran.err
    assert [path.name for path in out.iterdir()] == ["mine"]


def test_reapers_own_modulation_is_no_exact_one(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("rpp", reason="rpp is missing (extra reaper)")
    builder = GraphBuilder(SPECS)
    voice = builder.add("in", source="voice")
    pan, lfo = builder.add("panning"), builder.add("mono_lfo")
    builder.chain(voice, pan, builder.add("out"))
    builder.connect(lfo, pan, inlet="pan", depth=0.4)
    path = tmp_path / "wide.json"
    save(builder.graph(), path)
    ran = run("export", path, "--to", "reaper", "--strict")
    assert ran.status == 2
    assert "approximated: n2 mono_lfo: REAPER's own, in steps of a block" in ran.err
    assert not path.with_suffix(".reaper").exists()
    assert run("export", path, "--to", "reaper", "--mode", "exact", "--strict").status == 0
    assert "<PROGRAMENV" not in (path.with_suffix(".reaper") / "wide.rpp").read_text()
