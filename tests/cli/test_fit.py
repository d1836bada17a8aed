"""``graphophone fit``: what it writes, what it says, how it stops and what it refuses."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from graphophone.codec.json import load, save
from tests.cli.sounds import RATE, Ran, sound
from tests.fitting.planted import chain, performance, phrase

Run = Callable[..., Ran]
FIELDS = {
    "graphophone",
    "command",
    "graph",
    "loss_before",
    "loss_after",
    "loss_bypass",
    "si_sdr_db",
    "steps",
    "seconds",
    "files",
}


@pytest.fixture
def pair(tmp_path: Path, run: Run) -> tuple[Path, Path, Path]:
    """A dry recording, the same through a graph, and another graph."""
    dry, wet = sound(tmp_path / "dry.wav", 0.6), tmp_path / "wet.wav"
    save(chain("lowpass", lowpass_frequency=700.0), tmp_path / "truth.json")
    save(chain("lowpass"), tmp_path / "start.json")
    assert run("render", tmp_path / "truth.json", dry, "-o", wet).status == 0
    return dry, wet, tmp_path / "start.json"


def fit(run: Run, pair: tuple[Path, Path, Path], *words: Any) -> Ran:
    dry, wet, start = pair
    out = dry.parent / "out"
    return run("fit", "--dry", dry, "--wet", wet, "--graph", start, "--out", out, *words)


def test_everything_is_written_and_said(run: Run, pair: tuple[Path, Path, Path]) -> None:
    ran = fit(run, pair, "--steps", 2, "--json")
    assert ran.status == 0, ran.err
    answer = ran.json
    assert set(answer) >= FIELDS
    assert (answer["command"], answer["steps"]) == ("fit", 2)
    assert answer["loss_after"] < answer["loss_before"]
    assert all(Path(path).stat().st_size for path in answer["files"].values())
    graph = load(answer["files"]["graph"])
    assert json.loads(Path(answer["files"]["graph"]).read_text()) == answer["graph"]
    page = Path(answer["files"]["report"]).read_text()
    assert "Residual" in page
    assert "@@" not in page
    again = pair[0].parent / "again.wav"
    assert run("render", answer["files"]["graph"], pair[0], "-o", again).status == 0
    ours, fitted = (soundfile.read(p)[0] for p in (again, answer["files"]["fitted"]))
    np.testing.assert_allclose(ours[: len(fitted)], fitted[: len(ours)], atol=1e-3)
    assert graph.energy == "frozen"
    text = fit(run, pair, "--steps", 2)
    assert "low-passed" in text.out
    assert "SI-SDR" in text.out


def test_it_goes_on_where_it_was(run: Run, pair: tuple[Path, Path, Path]) -> None:
    first = fit(run, pair, "--steps", 1, "--json").json
    second = fit(run, pair, "--steps", 2, "--json").json
    assert second["curve"][:2] == first["curve"]
    whole = fit(run, pair, "--steps", 2, "--fresh", "--json").json
    assert (whole["curve"], whole["graph"]) == (second["curve"], second["graph"])
    assert "another seed" in fit(run, pair, "--steps", 2, "--seed", 8).refusal


def test_it_begins_with_what_a_model_hears(
    run: Run, pair: tuple[Path, Path, Path], ear: Path
) -> None:
    dry, wet, _ = pair
    ran = run("fit", "--dry", dry, "--wet", wet, "--steps", 1, "--out", dry.parent / "o", "--json")
    assert ran.status == 0, ran.err
    assert ran.json["loss_after"] <= ran.json["loss_before"]


def test_recordings_that_share_nothing_are_doubted(
    run: Run, pair: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    one, two = tmp_path / "one.wav", tmp_path / "two.wav"
    for seed, path in enumerate((one, two)):
        soundfile.write(path, phrase(seed + 1, 4.0).T.numpy(), RATE)
    ran = fit(run, (one, two, pair[2]), "--steps", 1, "--json")
    assert ran.status == 0, ran.err
    assert ran.json["sentence"].startswith("dry and wet do not seem to be one performance: their")
    assert ran.json["kinship"]["one_performance"] is False
    page = Path(ran.json["files"]["report"]).read_text()
    assert "<h1>Dry and wet do not seem to be one performance.</h1>" in page
    assert f"coherence is {ran.json['kinship']['coherence']:.2f}" in page
    assert "do not seem to be one performance" in fit(run, (one, two, pair[2]), "--steps", 1).out
    same = fit(run, (one, one, pair[2]), "--steps", 1, "--fresh", "--json").json
    assert same["kinship"]["one_performance"] is True
    assert "seem" not in same["sentence"]


def test_stems_and_a_mix_are_given_a_console(run: Run, tmp_path: Path) -> None:
    stems = []
    for name, seed in (("kick", 1), ("bass", 2)):
        stems.append(tmp_path / f"{name}.wav")
        soundfile.write(stems[-1], performance(0.6, seed=seed).T.numpy(), RATE)
    mix = tmp_path / "mix.wav"
    audio = 0.5 * performance(0.6, seed=1) + performance(0.6, seed=2)
    soundfile.write(mix, audio.T.numpy(), RATE)
    words = ("fit", "--dry", stems[0], "--dry", stems[1], "--wet", mix, "--out", tmp_path / "o")
    ran = run(*words, "--steps", 2, "--group", "all=kick,bass", "--json")
    assert ran.status == 0, ran.err
    assert ran.json["console"]["processors_full"] == 21
    assert ran.json["graph"]["energy"] == "plain"
    assert {n.get("source") for n in ran.json["graph"]["nodes"]} >= {"kick", "bass"}
    assert Path(ran.json["files"]["state"]).suffix == ".safetensors"
    assert "processors are left" in run(*words, "--steps", 2).out
    refused = run(*words, "--steps", 2, "--group", "all:kick")
    assert "the group 'all:kick' is not NAME=SOURCE,SOURCE" in refused.refusal


def test_other_rates_and_mono_are_told(run: Run, pair: tuple[Path, Path, Path]) -> None:
    dry, wet, start = pair
    other = sound(dry.parent / "other.wav", 0.6, rate=22_050)
    ran = fit(run, (other, wet, start), "--steps", 1)
    assert ran.status == 0
    assert "other.wav: resampled from 22050 Hz to 16000 Hz" in ran.err
    assert "mono" in ran.err


def silent(path: Path) -> Path:
    soundfile.write(path, np.zeros((RATE, 2)), RATE)
    return path


def test_what_cannot_be_fitted_is_one_sentence(run: Run, pair: tuple[Path, Path, Path]) -> None:
    dry, wet, start = pair
    folder = dry.parent
    long = sound(folder / "long.wav", 2.0)
    short = sound(folder / "short.wav", 0.1)
    much = sound(folder / "much.wav", 12.0)
    cases: list[tuple[tuple[Path, Path, Path], tuple[Any, ...], int, str]] = [
        ((long, wet, start), (), 1, "must not be longer than the wet one, got 2.00 s and"),
        ((dry, much, start), (), 1, "at most 10 s longer than the dry one"),
        ((dry, silent(folder / "silent.wav"), start), (), 1, "silent.wav: this is silence"),
        ((short, short, start), (), 1, "must last at least 0.25 s, got 0.100 s"),
        ((folder / "none.wav", wet, start), (), 1, "there is no such file"),
        ((dry, wet, folder / "none.json"), (), 1, "there is no such file"),
        (pair, ("--seconds", 0), 2, "seconds must be above 0, got 0"),
        (pair, ("--steps", -1), 2, "steps must be above 0, got -1"),
        (pair, ("--steps", 1, "--dry", dry), 2, "given twice"),
    ]
    for given, words, status, why in cases:
        ran = fit(run, given, *(words or ("--steps", 1)))
        assert why in ran.refusal
        assert ran.status == status
    assert "Missing option" in run("fit", "--wet", wet).refusal


def test_an_output_is_never_an_input(run: Run, pair: tuple[Path, Path, Path]) -> None:
    dry, wet, start = pair
    inside = dry.parent / "graph.json"
    inside.write_bytes(start.read_bytes())
    ran = run("fit", "--dry", dry, "--wet", wet, "--graph", inside, "--out", dry.parent)
    assert (ran.status, "this is an input" in ran.refusal) == (2, True)


def test_the_suite_is_measured_from_the_command_line(run: Run, weights: Path) -> None:
    ran = run(
        *("evaluate", "--suite", "fit", "--count", 1, "--line", "chains", "--seconds", 0.01),
        *("--sources", "procedural", "--weights", weights, "--json"),
    )
    assert ran.status == 0, ran.err
    (row,) = ran.json["rows"]["chains"]
    assert row["after"] <= row["before"]
    assert "evaluate needs --task and --count" in run("evaluate", "--count", 1).refusal


def test_less_of_a_graph_is_rendered(run: Run, pair: tuple[Path, Path, Path]) -> None:
    dry, wet, _ = pair
    graph, out = dry.parent / "truth.json", dry.parent / "less.wav"
    assert run("render", graph, dry, "-o", out, "--amount", 0).status == 0
    original = soundfile.read(dry)[0]
    np.testing.assert_allclose(soundfile.read(out)[0][: len(original), 0], original, atol=1e-4)
    assert run("render", graph, dry, "-o", out, "--amount", "n1=1").status == 0
    np.testing.assert_array_equal(soundfile.read(out)[0], soundfile.read(wet)[0])
    ran = run("render", graph, dry, "-o", out, "--amount", "n9=1")
    assert (ran.status, "no node 'n9' (it has n0, n1, n2)" in ran.refusal) == (2, True)
    assert (
        "a share or NODE=SHARE, got 'half'"
        in run("render", graph, dry, "-o", out, "--amount", "half").refusal
    )
    assert "amount must be in [0, 1]" in run("render", graph, dry, "-o", out, "--amount", 2).refusal
