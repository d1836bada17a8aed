"""Analyses of voices on disk: made once, equal to the bit, bounded, and never in the way."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from graphophone.audio.features import RATE
from graphophone.sources import analyses
from graphophone.sources.analyses import PURPOSE, Analyses
from graphophone.sources.vocoder import Analysis, analyse

Array = npt.NDArray[np.float64]


class Counting:
    """Our own analysis, which counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, samples: Array, rate: int) -> Analysis:
        self.asked += 1
        return analyse(samples, rate)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GRAPHOPHONE_CACHE", str(tmp_path))
    return tmp_path / PURPOSE


def hum(hertz: float) -> Array:
    """A quarter of a second of a voice of sorts."""
    turns = hertz * np.arange(RATE // 4) / RATE
    wave: Array = 0.1 * sum(np.cos(2 * np.pi * n * turns) / n for n in range(1, 20))
    return wave


def equal(one: Analysis, other: Analysis) -> bool:
    pairs = [(getattr(one, f.name), getattr(other, f.name)) for f in fields(Analysis)]
    return all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in pairs)


def test_another_process_finds_what_one_has_made(folder: Path) -> None:
    made, counting = Analyses(Counting())(hum(120), RATE), Counting()
    assert equal(made, analyse(hum(120), RATE))
    assert equal(Analyses(counting)(hum(120), RATE), made)
    assert counting.asked == 0
    assert [path.suffix for path in folder.iterdir()] == [".npz"]


def test_other_samples_rates_and_analysers_are_analysed_anew(folder: Path) -> None:
    counting = Counting()
    kept = Analyses(counting)
    for samples, rate in ((hum(120), RATE), (hum(121), RATE), (hum(120), RATE - 100)):
        kept(samples, rate)
    assert counting.asked == 3
    Analyses()(hum(120), RATE)
    assert len(list(folder.iterdir())) == 4


def test_other_code_or_libraries_analyse_anew(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting = Counting()
    Analyses(counting)(hum(120), RATE)
    monkeypatch.setattr(analyses, "edition", lambda _: "another")
    Analyses(counting)(hum(120), RATE)
    monkeypatch.setattr(np, "__version__", "another")
    Analyses(counting)(hum(120), RATE)
    assert counting.asked == 3


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more", b"\x00" * 100])
def test_a_torn_file_is_made_again(folder: Path, content: bytes) -> None:
    counting = Counting()
    made = Analyses(counting)(hum(120), RATE)
    (path,) = folder.iterdir()
    path.write_bytes(content)
    assert equal(Analyses(counting)(hum(120), RATE), made)
    assert counting.asked == 2
    assert equal(Analyses(counting)(hum(120), RATE), made)
    assert counting.asked == 2


def test_a_flipped_bit_is_noticed(folder: Path) -> None:
    made = Analyses()(hum(120), RATE)
    (path,) = folder.iterdir()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert equal(Analyses()(hum(120), RATE), made)


def test_what_was_used_longest_ago_makes_room(folder: Path) -> None:
    Analyses()(hum(120), RATE)
    (path,) = folder.iterdir()
    kept, counting = Analyses(Counting(), limit_bytes=5 * path.stat().st_size // 2), Counting()
    kept(hum(130), RATE)
    kept(hum(140), RATE)
    assert len(list(folder.iterdir())) == 2
    kept(hum(130), RATE)  # used again
    kept(hum(150), RATE)
    again = Analyses(counting)
    for hertz in (130, 150):
        again(hum(hertz), RATE)
    assert counting.asked == 0
    again(hum(140), RATE)
    assert counting.asked == 1


def test_where_nothing_can_be_written_nothing_is_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    made = Analyses()(hum(120), RATE)
    assert equal(made, analyse(hum(120), RATE))
    assert list(folder.iterdir()) == []
