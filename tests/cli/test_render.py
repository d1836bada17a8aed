"""``render``: dry in, wet out."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from graphophone.audio.files import read, resample
from graphophone.codec.json import save
from graphophone.graph.build import GraphBuilder
from graphophone.processors import SPECS
from tests.cli.sounds import RATE, Ran, sound

Run = Callable[..., Ran]


@pytest.fixture
def echo(tmp_path: Path) -> Path:
    """A graph with one long echo."""
    builder = GraphBuilder(SPECS)
    voice, out = builder.add("in", source="voice"), builder.add("out")
    delay = builder.add("mono_delay", delay=0.3, feedback=0.0, mix=0.9)
    builder.connect(voice, delay)
    builder.connect(delay, out)
    save(builder.graph(), tmp_path / "echo.json")
    return tmp_path / "echo.json"


def test_it_keeps_the_rate_and_runs_on_to_the_end_of_the_tail(
    run: Run, wet: Path, echo: Path
) -> None:
    out = wet.parent / "new" / "out.wav"
    ran = run("render", echo, wet, "-o", out, "--json")
    info = soundfile.info(out)
    assert (ran.status, info.samplerate, info.subtype) == (0, RATE, "PCM_24")
    assert ran.json["files"]["wet"] == str(out)
    assert ran.json["seconds"] == pytest.approx(info.duration, abs=1e-3)
    assert 0.79 < info.duration < 0.95
    assert run("render", echo, wet, "-o", out).status == 0, "an output of before may be replaced"


def test_what_would_clip_is_written_as_float(run: Run, wet: Path, echo: Path) -> None:
    loud = sound(wet.parent / "loud.wav", gain=3.0, subtype="FLOAT")
    assert run("render", echo, loud, "-o", wet.parent / "out.wav").status == 0
    assert soundfile.info(wet.parent / "out.wav").subtype == "FLOAT"


def test_as_is_lets_a_threshold_see_the_level(run: Run, tmp_path: Path) -> None:
    builder = GraphBuilder(SPECS)
    voice, out = builder.add("in", source="voice"), builder.add("out")
    drive = builder.add("distortion", gain=20.0)
    builder.connect(voice, drive)
    builder.connect(drive, out)
    save(builder.graph(), tmp_path / "drive.json")
    soft = sound(tmp_path / "soft.wav", gain=0.001, subtype="FLOAT")
    peaks = []
    for flags in ((), ("--as-is",)):
        run("render", tmp_path / "drive.json", soft, "-o", tmp_path / "out.wav", *flags)
        audio = soundfile.read(tmp_path / "out.wav")[0]
        peaks.append(float(np.abs(audio).max() / np.sqrt((audio**2).mean())))
    assert peaks[0] < 1.35 < 1.4 < peaks[1], "driven hard at the reference level, clean as it is"


def test_named_inputs(run: Run, tmp_path: Path) -> None:
    builder = GraphBuilder(SPECS)
    kick, snare = (builder.add("in", source=name) for name in ("kick", "snare"))
    mix, out = builder.add("mix"), builder.add("out")
    for source, target in ((kick, mix), (snare, mix), (mix, out)):
        builder.connect(source, target)
    save(builder.graph(), tmp_path / "kit.json")
    files = [sound(tmp_path / f"{name}.wav", 0.2) for name in ("a", "b")]
    words = (tmp_path / "kit.json", f"kick={files[0]}", f"snare={files[1]}")
    assert run("render", *words, "-o", tmp_path / "out.wav").status == 0
    ran = run("render", *words[:2], "-o", tmp_path / "x.wav")
    assert ran.refusal == "the graph needs an input for snare, got kick"


@pytest.mark.parametrize("flags", [(), ("--stream",)])
def test_another_rate(run: Run, tmp_path: Path, echo: Path, flags: tuple[str, ...]) -> None:
    time = np.arange(44_100) / 44_100
    tone = 0.1 * np.sin(2 * np.pi * 110 * time) * np.hanning(len(time))
    soundfile.write(tmp_path / "tone.wav", np.stack((tone, tone), 1), 44_100, subtype="FLOAT")
    out = [tmp_path / "own.wav", tmp_path / "high.wav"]
    assert run("render", echo, tmp_path / "tone.wav", "-o", out[0], *flags).err == ""
    ran = run("render", echo, tmp_path / "tone.wav", "-o", out[1], "--rate", "96000", *flags)
    assert ran.err == "note: tone.wav: resampled from 44100 Hz to 96000 Hz\n"
    assert soundfile.info(out[1]).samplerate == 96_000
    own, high = (read(path) for path in out)
    low = resample(high.audio, 96_000, 44_100)
    length = min(low.shape[1], own.audio.shape[1])
    error = low[:, :length] - own.audio[:, :length]
    assert float(error.norm() / own.audio.norm()) < 1e-3
    assert abs(low.shape[1] - own.audio.shape[1]) < 0.05 * 44_100


def test_rates_beyond_the_range(run: Run, wet: Path, echo: Path) -> None:
    for rate in ("7999", "192001"):
        ran = run("render", echo, wet, "-o", wet.parent / "out.wav", "--rate", rate)
        assert (ran.status, ran.refusal) == (2, f"--rate must be 8000 to 192000 Hz, got {rate}")
    assert not (wet.parent / "out.wav").exists()


def test_a_stream_is_what_is_rendered_at_once(run: Run, wet: Path, echo: Path) -> None:
    out = [wet.parent / "new" / name for name in ("at_once.wav", "stream.wav")]
    answers = [
        run("render", echo, wet, "-o", out[0], "--json"),
        run("render", echo, wet, "-o", out[1], "--json", "--stream"),
    ]
    assert [ran.status for ran in answers] == [0, 0]
    assert answers[0].json | {"files": 0} == answers[1].json | {"files": 0}
    assert soundfile.info(out[1]).subtype == "PCM_24"
    torch.testing.assert_close(read(out[1]).audio, read(out[0]).audio, rtol=0, atol=1e-5)
    assert sorted(out[0].parent.iterdir()) == sorted(out)


def test_a_stream_takes_stems_or_the_bus(run: Run, tmp_path: Path) -> None:
    builder = GraphBuilder(SPECS)
    kick, snare = (builder.add("in", source=name) for name in ("kick", "snare"))
    low, mix, out = builder.add("lowpass"), builder.add("mix"), builder.add("out")
    for source, target in ((kick, low), (low, mix), (snare, mix), (mix, out)):
        builder.connect(source, target)
    graph = tmp_path / "kit.json"
    save(builder.graph(), graph)
    stems = sound(tmp_path / "a.wav", 0.3), sound(tmp_path / "b.wav", 0.5, rate=11_025)
    for words in ((f"kick={stems[0]}", f"snare={stems[1]}"), (stems[1],)):
        files = [tmp_path / name for name in ("at_once.wav", "stream.wav")]
        at_once = run("render", graph, *words, "-o", files[0])
        stream = run("render", graph, *words, "-o", files[1], "--stream")
        assert at_once.err == stream.err != ""
        a, b = (read(path).audio for path in files)
        torch.testing.assert_close(a, b, rtol=0, atol=1e-5)


def test_a_stream_refuses_in_the_same_words(run: Run, tmp_path: Path, echo: Path) -> None:
    good, out = sound(tmp_path / "good.wav"), tmp_path / "new" / "x.wav"
    (tmp_path / "text.wav").write_text("this is a shopping list, not a song")
    soundfile.write(tmp_path / "silent.wav", np.zeros((RATE, 2)), RATE)
    soft = np.pad(np.full((3, 2), 1e-4), ((0, RATE), (0, 0)))  # but no frame is above -90 dBFS
    soundfile.write(tmp_path / "soft.wav", soft, RATE, subtype="FLOAT")
    samples = np.full((RATE, 2), 0.1)
    samples[-1] = np.nan
    soundfile.write(tmp_path / "nan.wav", samples, RATE, subtype="FLOAT")
    (tmp_path / "cut.wav").write_bytes(good.read_bytes()[:9_000])
    before = sorted(tmp_path.iterdir())
    for words in (
        *((tmp_path / f"{n}.wav",) for n in ("missing", "text", "silent", "soft", "nan", "cut")),
        (f"kick={good}",),
        (good, "-o", good),
        (good, "-o", tmp_path / "x.xyz"),
        (good, "-o", good / "below" / "x.wav"),
    ):
        at_once = run("render", echo, "-o", out, *words)
        stream = run("render", echo, "-o", out, *words, "--stream")
        assert (stream.status, stream.refusal) == (at_once.status, at_once.refusal)
    assert not [
        path for path in tmp_path.rglob("*") if path.suffix == ".wav" and path not in before
    ]


def test_a_stopped_stream_leaves_nothing(
    run: Run, wet: Path, echo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("graphophone.render.stream.Stream.process", stop)
    before = sorted(wet.parent.iterdir())
    assert run("render", echo, wet, "-o", wet.parent / "out.wav", "--stream").status == 130
    assert sorted(wet.parent.iterdir()) == before
