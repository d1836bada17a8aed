"""``estimate``: what must work, what it writes and what it says."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from graphophone.api.graph import load_graph
from tests.cli.sounds import RATE, Ran, sound

Run = Callable[..., Ran]


def test_a_recording_gives_a_graph_a_drawing_and_a_page(run: Run, wet: Path, weights: Path) -> None:
    out = wet.parent / "out"
    ran = run("estimate", wet, "--weights", weights, "--out", out, "--json")
    (result,) = ran.json["results"]
    assert (ran.status, ran.json["graphophone"], ran.json["command"]) == (0, 1, "estimate")
    assert {
        "input",
        "graph",
        "sentence",
        "task",
        "confidence",
        "alternatives",
        "seconds",
        "files",
    } <= (result.keys())
    assert {p.name for p in out.iterdir()} == {"graph.json", "graph.svg", "report.html"}
    graph = load_graph(out / "graph.json")
    assert graph.sentence() == result["sentence"]
    assert json.loads((out / "graph.json").read_text())["nodes"] == result["graph"]["nodes"]
    names = [node.id for node in graph.nodes]
    assert list(result["confidence"]["nodes"]) == names
    assert len(result["confidence"]["edges"]) == len(graph.edges)
    assert all(0 <= p <= 1 for p in result["confidence"]["nodes"].values())


def test_without_json_it_reads_like_a_page(run: Run, wet: Path, ear: Path) -> None:
    ran = run("estimate", wet, "--task", "singing", "--out", wet.parent / "out")
    assert ran.status == 0
    assert "heavily distorted" in ran.out
    assert "distortion" in ran.out
    assert str(wet.parent / "out" / "report.html") in ran.out


def test_the_default_folder_is_named_after_the_recording(
    run: Run, wet: Path, ear: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(wet.parent)
    assert run("estimate", "wet.wav", "--task", "singing").status == 0
    assert (wet.parent / "wet-graph" / "graph.json").exists()


def test_a_take_wears_the_graph_at_its_own_rate(run: Run, wet: Path, ear: Path) -> None:
    take = sound(wet.parent / "take.wav", 0.4, rate=22_050)
    out = wet.parent / "out"
    ran = run("estimate", wet, "--task", "singing", "--on", take, "--out", out, "--json")
    written = Path(ran.json["results"][0]["files"]["take"])
    assert soundfile.info(written).samplerate == 22_050
    assert soundfile.info(written).frames >= soundfile.info(take).frames
    assert not np.allclose(soundfile.read(written)[0][:8_000, 0], soundfile.read(take)[0][:8_000])


def test_a_dry_file_is_heard_on_the_page(run: Run, wet: Path, ear: Path) -> None:
    dry = sound(wet.parent / "dry.wav", 0.4)
    ran = run("estimate", wet, "--task", "singing", "--dry", dry, "--out", wet.parent / "out")
    assert ran.status == 0
    assert "Graph on the dry file" in (wet.parent / "out" / "report.html").read_text()


def test_one_take_goes_through_the_bus_of_a_drum_mix(run: Run, wet: Path, ear: Path) -> None:
    out = wet.parent / "out"
    ran = run("estimate", wet, "--task", "drums", "--on", wet.parent / "wet.wav", "--out", out)
    assert ran.status == 0
    assert "it went through what they share, the bus" in ran.err


def test_stems_go_where_they_belong(run: Run, wet: Path, ear: Path) -> None:
    stems = [f"{n}={sound(wet.parent / f'{n}.wav', 0.3)}" for n in ("kick", "snare")]
    words = [w for stem in stems for w in ("--on", stem)]
    assert run("estimate", wet, "--task", "drums", *words, "--out", wet.parent / "o").status == 0
    ran = run("estimate", wet, "--task", "singing", *words, "--out", wet.parent / "p")
    assert ran.refusal == "the graph has no input 'kick' (it has voice)"
    assert not (wet.parent / "p").exists()


def test_a_folder_goes_on_after_a_bad_file(run: Run, tmp_path: Path, ear: Path) -> None:
    songs = tmp_path / "songs"
    songs.mkdir()
    sound(songs / "a.wav")
    (songs / "b.wav").write_bytes(b"")
    sound(songs / "c.flac", subtype="PCM_16")
    out = tmp_path / "out"
    ran = run("estimate", songs, "--task", "singing", "--out", out, "--json")
    assert ran.status == 1
    assert ["error" in r for r in ran.json["results"]] == [False, True, False]
    assert "b.wav: the file is empty" in ran.err
    with (out / "summary.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [Path(row["input"]).name for row in rows] == ["a.wav", "b.wav", "c.flac"]
    assert [bool(row["error"]) for row in rows] == [False, True, False]
    assert (out / "a" / "graph.json").exists()
    assert (out / "c" / "report.html").exists()


def test_files_go_on_where_one_cannot_be_opened_or_is_too_large(
    run: Run, tmp_path: Path, ear: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from graphophone.api.estimator import Listeners

    errors = iter([PermissionError(13, "Permission denied", "a.wav"), MemoryError()])
    hear = Listeners.hear

    def fail(self: Listeners, *args: object) -> object:
        if error := next(errors, None):
            raise error
        return hear(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(Listeners, "hear", fail)
    files = [sound(tmp_path / f"{name}.wav") for name in "abc"]
    ran = run("estimate", *files, "--task", "singing", "--out", tmp_path / "out", "--json")
    assert ran.status == 1
    assert [r.get("error", "fine")[:24] for r in ran.json["results"]] == [
        "a.wav: Permission denied",
        "there is not enough memo",
        "fine",
    ]


def test_one_bad_file_is_an_answer_for_programs(run: Run, tmp_path: Path, ear: Path) -> None:
    ran = run("estimate", tmp_path / "gone.wav", "--task", "singing", "--json")
    (result,) = ran.json["results"]
    assert ran.status == 1
    assert result == {"input": str(tmp_path / "gone.wav"), "error": ran.refusal}


def test_files_of_one_name_get_folders_of_their_own(run: Run, tmp_path: Path, ear: Path) -> None:
    for name in ("x", "y"):
        (tmp_path / name).mkdir()
        sound(tmp_path / name / "take.wav")
    files = (tmp_path / "x" / "take.wav", tmp_path / "y" / "take.wav")
    ran = run("estimate", *files, "--task", "singing", "--out", tmp_path / "out", "--json")
    folders = {Path(r["files"]["graph"]).parent.name for r in ran.json["results"]}
    assert folders == {"take", "take-2"}


def test_a_model_is_loaded_once_for_many_files(
    run: Run, tmp_path: Path, ear: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from graphophone.models import estimator

    loads = []
    original = estimator.load_weights if hasattr(estimator, "load_weights") else None
    real = estimator.pretrained
    monkeypatch.setattr(estimator, "pretrained", lambda t, d="cpu": loads.append(t) or real(t, d))
    assert original is not None
    files = [sound(tmp_path / f"{name}.wav") for name in "abc"]
    assert run("estimate", *files, "--task", "singing", "--out", tmp_path / "out").status == 0
    assert loads == ["singing"]


@pytest.mark.parametrize(
    ("name", "options", "note"),
    [
        ("short", {"seconds": 0.2}, "shorter than a window"),
        ("narrow", {"seconds": 4.0, "rate": 8_000}, "mono, taken as two equal channels"),
        ("wide", {"seconds": 0.5, "rate": 96_000, "channels": 2}, "shorter than a window"),
        ("surround", {"seconds": 0.5, "channels": 6}, "6 channels"),
    ],
)
def test_any_length_rate_and_channel_count_works_with_a_note(
    run: Run, tmp_path: Path, weights: Path, name: str, options: dict[str, float], note: str
) -> None:
    wet = sound(tmp_path / f"{name}.wav", **options)  # type: ignore[arg-type]
    ran = run("estimate", wet, "--weights", weights, "--out", tmp_path / "out", "--json")
    assert ran.status == 0
    (result,) = ran.json["results"]
    assert any(note in said for said in result["notes"])
    assert note in ran.err
    assert result["graph"]["sample_rate"] == options.get("rate", RATE)


def test_the_level_of_a_file_does_not_matter(run: Run, tmp_path: Path, weights: Path) -> None:
    graphs = []
    for name, gain in (("soft", 0.05), ("middle", 0.2), ("hot", 0.8)):
        wet = sound(tmp_path / f"{name}.wav", 1.0, gain=gain, subtype="FLOAT")
        ran = run("estimate", wet, "--weights", weights, "--out", tmp_path / name, "--json")
        graphs.append(ran.json["results"][0]["graph"])
    for graph in graphs[1:]:
        assert [n["type"] for n in graph["nodes"]] == [n["type"] for n in graphs[0]["nodes"]]
        assert graph["edges"] == graphs[0]["edges"]


def test_a_part_of_a_recording(run: Run, tmp_path: Path, ear: Path) -> None:
    wet = sound(tmp_path / "wet.wav", 2.0)
    words = ("estimate", wet, "--task", "singing", "--out", tmp_path / "out")
    assert run(*words, "--start", "0.5", "--end", "1.5").status == 0
    assert "start must be within the file's 2.00 s, got 9 s" in run(*words, "--start", 9).refusal
    assert "start must be before end" in run(*words, "--start", 1, "--end", 1).refusal


def test_an_existing_folder_is_fine(run: Run, wet: Path, ear: Path) -> None:
    out = wet.parent / "out"
    out.mkdir()
    (out / "mine.txt").write_text("keep me")
    for _ in range(2):
        assert run("estimate", wet, "--task", "singing", "--out", out).status == 0
    assert (out / "mine.txt").read_text() == "keep me"


def test_auto_says_what_it_took_a_recording_for(run: Run, wet: Path, ear: Path) -> None:
    ran = run("estimate", wet, "--out", wet.parent / "out", "--json")
    assert ran.json["results"][0]["task"] == "singing"
    assert "taken for a voice, since it is not percussive" in ran.err


def test_auto_uses_the_only_model_there_is(
    run: Run, wet: Path, ear: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(ear / "drums.safetensors", tmp_path)
    target = "graphophone.models.weights.pretrained_path"
    monkeypatch.setattr(target, lambda t: tmp_path / f"{t}.safetensors")
    ran = run("estimate", wet, "--out", tmp_path / "out", "--json")
    assert ran.json["results"][0]["task"] == "drums"
    assert "the only task that a model is installed for" in ran.err


def test_with_a_tempo_delays_are_note_values(run: Run, wet: Path, ear: Path) -> None:
    out = wet.parent / "out"
    assert run("estimate", wet, "--task", "singing", "--bpm", 120, "--out", out).status == 0
    assert "bpm" in run("estimate", wet, "--bpm", 3, "--out", out).refusal
