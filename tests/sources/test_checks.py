"""Each fault is named by the check that looks for it, and by no other."""

import hashlib
import math
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest
import soundfile
import soxr
import torch

from graphophone.processors import PROCESSORS
from graphophone.sources.checks import Facts, Limits, examine, judge
from graphophone.sources.clip import PERMISSIVE, Clip
from graphophone.sources.singer import Singer
from tests.sources.sets import score

RATE, SECONDS = 44_100, 6


@pytest.fixture(scope="module")
def voice() -> np.ndarray:
    draw = Singer("train").draw(Random(1), SECONDS * RATE, RATE)
    audio: np.ndarray = draw.tracks["voice"][0].numpy()
    return audio / np.abs(audio).max()


def clip(path: Path, category: str = "singing") -> Clip:
    return Clip(path, path.name, category, "ann", "", PERMISSIVE, "")


def faults(path: Path, audio: np.ndarray, rate: int = RATE, **values: object) -> list[str]:
    """The checks that find something wrong with a voice."""
    soundfile.write(path, audio, rate)
    row = replace(clip(path), **values)  # type: ignore[arg-type]
    return [finding.check for finding in judge(row, examine(row), Limits())]


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    return tmp_path / "a.wav"


def test_a_sound_recording_has_no_fault(wav: Path, voice: np.ndarray) -> None:
    assert faults(wav, 0.9 * voice) == []
    assert faults(wav, np.stack((0.9 * voice, 0.5 * voice), 1)) == []


def test_a_low_rate(wav: Path, voice: np.ndarray) -> None:
    assert faults(wav, 0.5 * soxr.resample(voice, RATE, 11_025), 11_025) == ["rate"]
    assert faults(wav, 0.5 * soxr.resample(voice, RATE, 16_000), 16_000) == []


def test_a_rate_that_promises_too_much(wav: Path, voice: np.ndarray) -> None:
    narrow = soxr.resample(soxr.resample(voice, RATE, 8_000), 8_000, RATE)
    assert faults(wav, 0.5 * narrow) == ["bandwidth"]


def test_clipping_of_either_channel(wav: Path, voice: np.ndarray) -> None:
    clipped = np.clip(2 * voice, -0.9, 0.9)
    assert faults(wav, clipped) == ["clipping"]
    assert faults(wav, np.stack((0.5 * voice, clipped), 1)) == ["clipping"]


def test_an_offset(wav: Path, voice: np.ndarray) -> None:
    assert faults(wav, 0.5 * voice + 0.1) == ["offset"]


def test_silence_and_noise(wav: Path, voice: np.ndarray) -> None:
    assert faults(wav, 0.0005 * voice) == ["silence"]
    assert faults(wav, np.zeros(RATE)) == ["unreadable"]
    noise = 0.1 * np.random.default_rng(0).standard_normal(SECONDS * RATE)
    assert faults(wav, noise) == ["silence"]  # no voice is heard in it


def test_silence_of_the_part_that_is_asked_for(wav: Path, voice: np.ndarray) -> None:
    audio = np.concatenate((0.5 * voice, np.zeros(2 * len(voice))))
    assert faults(wav, audio) == []
    assert faults(wav, audio, start=0.8) == ["silence"]
    assert faults(wav, audio, end=0.8) == []


@pytest.mark.parametrize(
    ("name", "knobs"),
    [
        ("stereo_reverb", {"size": math.log(1.0 / 0.2) / math.log(30), "mix": 0.4}),
        ("mono_delay", {"delay": 0.3, "feedback": 0.3, "mix": 0.3}),
    ],
)
def test_a_wet_voice(wav: Path, voice: np.ndarray, name: str, knobs: dict[str, float]) -> None:
    processor = PROCESSORS[name]
    values = {**processor.spec.defaults(), **knobs}
    controls = {key: torch.full((1, 1, 1), float(value)) for key, value in values.items()}
    source = torch.from_numpy(np.stack((voice, voice))[None].astype(np.float32))
    wet = processor(source, **controls, sample_rate=RATE)[0].numpy().T
    assert faults(wav, 0.5 * wet / np.abs(wet).max()) == ["wet"]
    row = clip(wav, "instruments")  # which fade slowly and repeat themselves
    assert judge(row, examine(row), Limits()) == ()


def test_what_its_collector_noted(wav: Path, voice: np.ndarray) -> None:
    assert faults(wav, 0.5 * voice, note="loop, may be wet") == ["wet"]


def test_a_checksum(wav: Path, voice: np.ndarray) -> None:
    soundfile.write(wav, 0.5 * voice, RATE)
    right = hashlib.sha256(wav.read_bytes()).hexdigest()
    assert faults(wav, 0.5 * voice, sha256=right) == []
    assert faults(wav, 0.5 * voice, sha256="0" * 64) == ["checksum"]


@pytest.mark.parametrize("share", [0.3, 0.9, 0.99])
@pytest.mark.parametrize("suffix", [".flac", ".wav"])
def test_a_file_that_was_cut_short(
    tmp_path: Path, voice: np.ndarray, suffix: str, share: float
) -> None:
    path = tmp_path / f"a{suffix}"
    soundfile.write(path, 0.5 * voice, RATE)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    (finding,) = judge(clip(path), examine(clip(path)), Limits())
    assert (finding.file, finding.check) == (f"a{suffix}", "unreadable")
    assert str(path) not in finding.reason


def test_files_that_hold_something_else(tmp_path: Path) -> None:
    for name, content in (("a.flac", b"fLaC" + bytes(200)), ("b.wav", b"no sound"), ("c.wav", b"")):
        path = tmp_path / name
        path.write_bytes(content)
        (finding,) = judge(clip(path), examine(clip(path)), Limits())
        assert finding.check == "unreadable"
    gone = clip(tmp_path / "gone.wav")
    assert judge(gone, examine(gone), Limits())[0].reason == "there is no such file"


def test_scores(tmp_path: Path) -> None:
    good = clip(score(tmp_path / "a.mid"), "midi")
    assert judge(good, examine(good), Limits()) == ()
    torn = clip(tmp_path / "b.mid", "midi")
    torn.path.write_bytes(b"MThd\x00")
    assert [f.check for f in judge(torn, examine(torn), Limits())] == ["unreadable"]
    assert [f.check for f in judge(good, Facts(), Limits())] == ["empty"]


def test_limits_can_be_lifted_one_by_one(wav: Path, voice: np.ndarray) -> None:
    soundfile.write(wav, np.clip(4 * voice, -0.9, 0.9) + 0.1, RATE, subtype="FLOAT")
    row = replace(clip(wav), note="may be wet")
    facts = examine(row)
    every = Limits()
    assert {f.check for f in judge(row, facts, every)} == {"clipping", "offset", "wet"}
    lifted = replace(every, clipped=None, offset=None)
    assert {f.check for f in judge(row, facts, lifted)} == {"wet"}
    strict = replace(every, rate=48_000, quiet_db=10.0)
    assert {"rate", "silence"} <= {f.check for f in judge(row, facts, strict)}
