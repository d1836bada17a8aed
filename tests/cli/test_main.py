"""How commands fail, and what they have in common."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import graphophone
from graphophone.cli.console import Console, explain
from graphophone.cli.main import main
from graphophone.cli.options import named
from graphophone.errors import AudioError, UsageError
from graphophone.training.loop import TrainingResult
from tests.cli.sounds import Ran

Run = Callable[..., Ran]


@pytest.mark.parametrize(
    ("error", "sentence", "status"),
    [
        (UsageError("no such knob"), "no such knob", 2),
        (AudioError("x.wav: silence"), "x.wav: silence", 1),
        (PermissionError(13, "Permission denied", "x"), "x: Permission denied", 1),
        (KeyError("k"), "unexpected error, KeyError: 'k' (--debug shows where)", 1),
    ],
)
def test_every_error_is_one_sentence(error: Exception, sentence: str, status: int) -> None:
    assert explain(error) == (sentence, status)


def test_too_little_memory_has_a_way_out() -> None:
    assert "a part of the recording" in explain(MemoryError())[0]


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Let every command fail in a certain way."""

    def fail(error: BaseException) -> None:
        def app(*_: Any, **__: Any) -> None:
            raise error

        monkeypatch.setattr("graphophone.cli.main.app", app)

    return fail


def test_a_traceback_only_with_debug(run: Run, failing: Callable[[BaseException], None]) -> None:
    failing(AudioError("x.wav: this is silence"))
    assert run("estimate", "x.wav").err == "graphophone: x.wav: this is silence\n"
    for words in (("--debug", "estimate"), ("estimate", "--debug")):
        assert "Traceback" in run(*words).err


def test_an_interruption_is_one_line(run: Run, failing: Callable[[BaseException], None]) -> None:
    failing(KeyboardInterrupt())
    assert run("render") == Ran(130, "", "graphophone: stopped\n")


@pytest.mark.parametrize(
    ("command", "where"), [("generate", "where it was"), ("train", "from the last checkpoint")]
)
def test_work_that_goes_on_says_so_when_it_is_interrupted(
    run: Run, failing: Callable[[BaseException], None], command: str, where: str
) -> None:
    failing(KeyboardInterrupt())
    said = f"graphophone: stopped; the same command goes on {where}\n"
    assert run(command) == Ran(130, "", said)
    assert run("--debug", command).err == said


def test_what_training_left_out_is_named(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = "a.wav is left out: its rate is 8000 Hz, 16000 Hz is the least"
    result = TrainingResult(1, True, tmp_path / "w.safetensors", {}, 0.5, (fault,))
    monkeypatch.setattr("graphophone.training.loop.train", lambda *_, **__: result)
    config = Path(__file__).parents[2] / "configs" / "debug.toml"
    ran = run("train", config, "--run", tmp_path, "--json")
    assert ran.json["left_out"] == [fault]
    assert f"note: {fault}\n" in ran.err


def test_help_and_version(run: Run) -> None:
    assert run().status == 0
    assert "estimate" in run("--help").out
    assert "--bpm" in run("estimate", "--help").out
    assert run("--version").out == f"graphophone {graphophone.__version__}\n"


def test_the_processors(run: Run) -> None:
    listing = run("processors", "--json").json
    assert len(listing["processors"]) == 33
    assert run("processors").out.count("\n") == 33 + 5
    lowpass = run("processors", "lowpass")
    assert "20 kHz" in lowpass.out
    assert "Zavalishin" in lowpass.out
    one = run("processors", "lowpass", "--json").json["processors"]
    assert one[0]["params"]["frequency"]["unit"] == "Hz"


def test_generating_twice_gives_one_checksum(run: Run, tmp_path: Path) -> None:
    words = ("generate", "--task", "singing", "--count", 2, "--seed", 3, "--store", "graphs")
    first = run(*words, "--out", tmp_path / "a", "--json").json
    second = run(*words, "--out", tmp_path / "b", "--json").json
    assert (first["items"], first["command"]) == (2, "generate")
    assert first["checksum"] == second["checksum"]
    assert first["items_per_second"] > 0
    assert first["ghost_redraws"] >= 0
    assert first["checksum"] in run(*words, "--out", tmp_path / "a").out
    third = run(*words, "--copies", 1, "--out", tmp_path / "c", "--json").json
    assert third["checksum"] != first["checksum"]
    assert b'"copy":[{"kind":' in (tmp_path / "c" / "shard-00000.tar").read_bytes()


def test_a_set_of_ones_own_mix_tells_its_ghosts(run: Run, tmp_path: Path) -> None:
    mix = tmp_path / "mine.toml"
    mix.write_text('like = "short"\n[voice]\nsizes = [{ processors = 1 }]\n')
    words = ("generate", "--task", "singing", "--count", 2, "--store", "graphs", "--mix", mix)
    said = run(*words, "--audible", "--out", tmp_path / "a", "--json").json["ghosts"]
    assert (said["examples"], said["asked_examples"], said["ghosts"]) == (2, 2, 0)
    assert said["thresholds_db"]["ghost"] == -40
    assert json.loads((tmp_path / "a" / "ghosts.json").read_text()) == said
    assert "change the sound by less than -40 dB" in run(*words, "--out", tmp_path / "b").out


def test_a_mix_that_is_none_is_refused(run: Run, tmp_path: Path) -> None:
    words = ("generate", "--task", "singing", "--count", 2, "--out", tmp_path / "a", "--mix")
    (tmp_path / "bad.toml").write_text('like = "wide"\n[voice.motifs]\neco = 1\n')
    for mix, status, said in (
        ("wode", 2, "a mix is paper, wide, short, single, extended or a .toml file, got 'wode'"),
        (tmp_path / "none.toml", 2, "there is no mix"),
        (tmp_path / "bad.toml", 1, "mix bad: voice: unknown motif 'eco'"),
    ):
        ran = run(*words, mix)
        assert ran.status == status
        assert said in ran.refusal
    assert not (tmp_path / "a").exists()


def test_inspecting_a_graph(run: Run, tmp_path: Path) -> None:
    from graphophone.cli.demo import known_graph
    from graphophone.codec.json import save

    save(known_graph(), tmp_path / "g.json")
    ran = run("inspect", tmp_path / "g.json", "--bpm", 120)
    assert "a dotted-eighth ping-pong at 120 bpm into a long plate" in ran.out
    assert run("inspect", tmp_path / "g.json", "--json").json["sentence"].startswith("heavily")


def test_the_demo_tells_the_truth(run: Run, tmp_path: Path, ear: Path) -> None:
    ran = run("demo", "--out", tmp_path / "out", "--json")
    answer = ran.json
    assert answer["sentence"] == "heavily distorted"
    assert answer["truth"]["sentence"].endswith("a 380 ms ping-pong into a long plate")
    assert answer["dry"]["sentence"] == "heavily distorted"
    assert (tmp_path / "out" / "report.html").exists()
    assert "so this time it was wrong" in run("demo", "--out", tmp_path / "out").out


def test_a_demo_without_weights_says_so(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphophone.models.weights.pretrained_path", lambda t: tmp_path / t)
    ran = run("demo", "--out", tmp_path / "out")
    assert ran.status == 1
    assert ran.refusal.startswith("there are no weights at")


def test_training_and_evaluating_pass_their_words_on(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from graphophone.evaluation import report, suites

    asked: list[Any] = []

    def evaluate(*words: Any, **options: Any) -> str:
        asked.append((words, options["mix"], options["kinds"], options["copies"]))
        return "a result"

    monkeypatch.setattr(suites, "evaluate", evaluate)
    monkeypatch.setattr(report, "table", lambda result: f"table of {result}")
    monkeypatch.setattr(report, "copies_table", lambda result: "")
    monkeypatch.setattr(report, "to_json", lambda result: {"task": "singing"})
    words = ("evaluate", "--task", "singing", "--split", "unseen", "--count", 4)
    assert run(*words).out == "table of a result\n"
    assert run(*words, "--mix", "paper", "--kind", "speech", "--json").json["task"] == "singing"
    monkeypatch.setattr(report, "copies_table", lambda result: f"copies of {result}")
    assert run(*words, "--copies", "mp3", "--copies", "gain").out == (
        "table of a result\n\ncopies of a result\n"
    )
    assert asked == [
        (("singing", "unseen", "real", 4), "wide", (), ()),
        (("singing", "unseen", "real", 4), "paper", ("speech",), ()),
        (("singing", "unseen", "real", 4), "wide", (), ("mp3", "gain")),
    ]


def test_table_2_is_drawn_for_both_sets_of_each_task_that_has_runs(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from graphophone.evaluation import table2, table2_report

    asked: list[Any] = []

    def draw(*words: Any, **options: Any) -> str:
        asked.append((*words[:4], options["mix"]))
        return f"{words[0]} {words[1]}"

    runs = [SimpleNamespace(estimator=SimpleNamespace(task="drums"))]
    monkeypatch.setattr(table2, "find_runs", lambda folders: runs)
    monkeypatch.setattr(table2, "table2", draw)
    monkeypatch.setattr(table2_report, "text", lambda table: f"table of {table}")
    monkeypatch.setattr(table2_report, "to_json", lambda table: {"of": table})
    assert run("evaluate", "--table2").out == "table of drums seen\n\ntable of drums unseen\n\n"
    words = ("evaluate", "--table2", "--runs", tmp_path, "--task", "singing", "--split", "seen")
    assert run(*words, "--count", 5, "--mix", "wide", "--json").json["tables"] == [
        {"of": "singing seen"}
    ]
    assert asked == [
        ("drums", "seen", "real", 300, "paper"),
        ("drums", "unseen", "real", 300, "paper"),
        ("singing", "seen", "real", 5, "wide"),
    ]


def test_named_inputs_are_read() -> None:
    assert named(["a.wav"]) == {"": Path("a.wav")}
    assert named(["kick=a.wav", "hat=b.wav"]) == {"kick": Path("a.wav"), "hat": Path("b.wav")}
    with pytest.raises(UsageError, match="the input 'kick' is given twice"):
        named(["kick=a.wav", "kick=b.wav"])


def test_progress_is_silent_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with Console("x").progress("working") as progress:
        progress(1, 2)
    assert capsys.readouterr() == ("", "")


def test_progress_is_a_bar_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with Console("x").progress("working") as progress:
        progress(1, 2)
    assert "working" in capsys.readouterr().err


def test_compiling_is_announced_once(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphophone.dsp.compile.KERNELS", tmp_path)
    Console("x").prepare()
    assert capsys.readouterr().err.startswith("preparing: ")
    (tmp_path / "kernel.nbi").touch()
    Console("x").prepare()
    assert capsys.readouterr().err == ""


def test_the_command_starts_without_heavy_imports() -> None:
    code = "import sys; from graphophone.cli.main import main; main(['--version']); "
    code += "sys.exit(any(m in sys.modules for m in ('torch', 'numba', 'numpy', 'scipy')))"
    environment = {**os.environ, "NO_COLOR": "1"}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment)
    assert ran.returncode == 0, ran.stderr
    assert b"\x1b" not in ran.stdout


def test_main_returns_the_status() -> None:
    assert main(["--version"]) == 0
