"""``render``: dry in, wet out."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

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
