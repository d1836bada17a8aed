"""What must be refused: one sentence that names the thing, and nothing is changed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from graphophone.codec.json import save
from graphophone.graph.build import GraphBuilder
from graphophone.processors import SPECS
from tests.cli.sounds import RATE, Ran, sound

Run = Callable[..., Ran]


def state(folder: Path) -> dict[str, bytes]:
    """Everything that is in a folder."""
    return {str(p): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def missing(path: Path) -> None:
    path.unlink(missing_ok=True)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def text(path: Path) -> None:
    path.write_text("this is a shopping list, not a song")


def cut(path: Path) -> None:
    sound(path, 1.0)
    path.write_bytes(path.read_bytes()[:20_000])


def silent(path: Path) -> None:
    soundfile.write(path, np.zeros((RATE, 2)), RATE)


def broken(value: float) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        samples = np.full((RATE, 2), 0.1)
        samples[50] = value
        soundfile.write(path, samples, RATE, subtype="FLOAT")

    return write


AUDIO = [
    (missing, "there is no such file"),
    (empty, "the file is empty"),
    (text, "not a readable audio file"),
    (cut, "the file is truncated"),
    (silent, "this is silence"),
    (broken(np.nan), "not finite numbers"),
    (broken(np.inf), "not finite numbers"),
]


@pytest.mark.parametrize(("make", "why"), AUDIO)
def test_what_is_no_recording(
    run: Run, tmp_path: Path, ear: Path, make: Callable[[Path], None], why: str
) -> None:
    wet = tmp_path / "wet.wav"
    make(wet)
    before = state(tmp_path)
    ran = run("estimate", wet, "--task", "singing", "--out", tmp_path / "out")
    assert "wet.wav" in ran.refusal
    assert why in ran.refusal
    assert (ran.status, ran.out) == (1, "")
    assert state(tmp_path) == before
    graph = document(tmp_path / "graph.json")
    assert why in run("render", graph, wet, "-o", tmp_path / "x.wav").refusal


def test_an_empty_folder(run: Run, tmp_path: Path) -> None:
    assert "there is no audio file in this folder" in run("estimate", tmp_path).refusal


def test_an_output_that_is_an_input(run: Run, wet: Path, ear: Path) -> None:
    graph = document(wet.parent / "graph.json")
    before = state(wet.parent)
    ran = run("render", graph, wet, "-o", wet)
    assert (ran.status, "this is an input" in ran.refusal) == (2, True)
    link = wet.parent / "same.wav"
    link.hardlink_to(wet)
    assert "this is an input" in run("render", graph, wet, "-o", link).refusal
    link.unlink()
    assert "this is an input" in run("render", graph, wet, "-o", graph).refusal
    take = sound(wet.parent / "take.wav")
    target = wet.parent / "take-wet.wav"
    target.write_bytes(wet.read_bytes())
    words = ("estimate", target, "--task", "singing", "--on", take, "--out", wet.parent)
    assert "this is an input" in run(*words).refusal
    take.unlink()
    target.unlink()
    assert state(wet.parent) == before


def test_an_output_that_cannot_be_written(run: Run, wet: Path, ear: Path) -> None:
    graph = document(wet.parent / "graph.json")
    before = state(wet.parent)
    blocked = wet / "below" / "x.wav"
    assert "cannot be made" in run("render", graph, wet, "-o", blocked).refusal
    assert "must end in one of" in run("render", graph, wet, "-o", wet.parent / "x.xyz").refusal
    assert "cannot be made" in run("estimate", wet, "--task", "singing", "--out", wet).refusal
    assert state(wet.parent) == before


def document(path: Path, change: Callable[[Any], Any] = lambda d: None) -> Path:
    """Save a good graph, or one that was changed."""
    builder = GraphBuilder(SPECS)
    voice, drive, mix = (
        builder.add("in", source="voice"),
        builder.add("distortion"),
        builder.add("mix"),
    )
    out = builder.add("out")
    for source, target in ((voice, drive), (drive, mix), (voice, mix), (mix, out)):
        builder.connect(source, target)
    save(builder.graph(), path)
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))
    return path


def node(data: Any, type_: str) -> Any:
    return next(n for n in data["nodes"] if n["type"] == type_)


GRAPHS: list[tuple[Callable[[Any], Any], str]] = [
    (lambda d: node(d, "distortion").update(type="distorsion"), "'distorsion'"),
    (lambda d: d["edges"][0].update({"from": [d["edges"][0]["from"][0], "wet"]}), "'wet'"),
    (lambda d: node(d, "distortion")["params"].update(drive=3.0), "'drive'"),
    (lambda d: node(d, "distortion")["params"].update(gain=99.0), "gain must be in"),
    (lambda d: node(d, "distortion")["params"].update(gain=float("nan")), "gain"),
    (lambda d: d.update(graphophone=2), "2"),
    (
        lambda d: d["edges"].append(
            {"from": [node(d, "mix")["id"], "out"], "to": [node(d, "distortion")["id"], "in"]}
        ),
        "cycle",
    ),
    (lambda d: d["nodes"].append({**node(d, "mix"), "id": "lonely"}), "lonely"),
    (lambda d: d.update(colour="red"), "'colour'"),
]


@pytest.mark.parametrize(("change", "why"), GRAPHS)
def test_what_is_no_graph(run: Run, wet: Path, change: Callable[[Any], Any], why: str) -> None:
    graph = document(wet.parent / "graph.json", change)
    before = state(wet.parent)
    ran = run("render", graph, wet, "-o", wet.parent / "x.wav")
    assert why in ran.refusal
    assert "graph.json" in ran.refusal
    assert ran.status == 1
    assert state(wet.parent) == before
    assert why in run("inspect", graph).refusal


def test_a_recording_is_no_graph_and_a_graph_no_recording(run: Run, wet: Path) -> None:
    graph = document(wet.parent / "graph.json")
    assert "wet.wav" in run("inspect", wet).refusal
    assert "not a readable audio file" in run("render", graph, graph, "-o", "x.wav").refusal


def test_what_is_no_checkpoint(run: Run, wet: Path, models: Path) -> None:
    fake = wet.parent / "fake.safetensors"
    fake.write_bytes(b"PK not tensors")
    out = wet.parent / "out"
    assert "fake.safetensors" in run("estimate", wet, "--weights", fake, "--out", out).refusal
    gone = run("estimate", wet, "--weights", wet.parent / "gone", "--out", out)
    assert "gone" in gone.refusal
    voices = models / "singing.safetensors"
    ran = run("estimate", wet, "--weights", voices, "--task", "drums", "--out", out)
    assert ran.status == 2
    assert ran.refusal.endswith("is a model for singing, not for drums")
    assert not out.exists()


def test_inputs_that_the_graph_does_not_have(run: Run, wet: Path) -> None:
    graph, x = document(wet.parent / "graph.json"), wet.parent / "x.wav"
    assert "no input 'kick'" in run("render", graph, f"kick={wet}", "-o", x).refusal
    assert "given twice" in run("render", graph, wet, wet, "-o", x).refusal
    assert "has no name" in run("render", graph, wet, f"voice={wet}", "-o", x).refusal
    assert not x.exists()


@pytest.mark.parametrize(
    ("words", "status", "why"),
    [
        (["fly"], 2, "fly"),
        (["estimate"], 2, "wet"),
        (["estimate", "x.wav", "--task", "opera"], 2, "opera"),
        (["estimate", "x.wav", "--loud"], 2, "--loud"),
        (["processors", "lowpas"], 2, "there is no processor 'lowpas', did you mean 'lowpass'?"),
        (["generate", "--task", "singing", "--count", "0", "--out", "x"], 2, "count"),
        (
            ["generate", "--task", "singing", "--count", "1", "--out", "x", "--copies", "2"],
            2,
            "cop",
        ),
        (["evaluate", "--task", "singing", "--count", "1", "--copies", "x"], 2, "among mono, "),
        (
            ["generate", "--task", "singing", "--count", "1", "--out", "x", "--store", "stems"],
            2,
            "a voice has no stems: store 'dry' keeps what is heard of it",
        ),
        (["evaluate", "--task", "singing"], 2, "evaluate needs --task and --count, or --table2"),
        (["evaluate", "--task", "singing", "--count", "1", "--runs", "x"], 2, "--table2 alone"),
        (["evaluate", "--table2", "--copies", "mp3"], 2, "takes neither --weights nor --copies"),
        (["evaluate", "--table2", "--runs", "nowhere"], 2, "there are no runs in nowhere"),
        (["train", "nothing.toml", "--run", "x"], 1, "nothing.toml"),
        (["inspect", "nothing.json"], 1, "nothing.json: there is no such file"),
    ],
)
def test_wrong_usage(run: Run, words: list[str], status: int, why: str) -> None:
    ran = run(*words)
    assert why in ran.refusal
    assert ran.status == status
