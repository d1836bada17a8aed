"""A small data folder made of sines, and the real one where it is named."""

import csv
import os
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile

from graphophone.sources.manifest import COLUMNS

RATE = 44_100
PIECES = ("kick", "snare", "hihat_closed", "tom_low", "ride", "crash")


def tone(hertz: float, seconds: float) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    return 0.3 * np.sin(2 * np.pi * hertz * time)


def score(path: Path, notes: list[int]) -> None:
    """Write a MIDI file that strikes the notes in turn, an eighth apart at 120 bpm."""
    file = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack()
    for i, note in enumerate(notes):
        track.append(mido.Message("note_on", note=note, velocity=100, time=240 if i else 0))
        track.append(mido.Message("note_off", note=note, velocity=0, time=0))
    file.tracks.append(track)
    file.save(path)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    rows: list[dict[str, str]] = []

    def add(
        name: str, role: str, category: str, group: str, cls: str, tier: str, note: str
    ) -> Path:
        values = (name, role, category, group, cls, tier, note)
        rows.append(dict(zip(COLUMNS, values, strict=True)))
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        return folder / name

    permissive, share = "A-permissive", "C-sharealike"
    for group, role, tier, hertz in (
        ("ann", "train", permissive, 220),
        ("eve", "train", share, 990),
        ("bob", "valid-unseen", share, 330),
    ):
        for i in range(40):
            path = add(f"{group}/{i}.wav", role, "singing", group, "", tier, "")
            soundfile.write(path, tone(hertz, 0.3), RATE)
    for group, role in (("flute", "train"), ("oboe", "valid-unseen")):
        path = add(f"{group}.wav", role, "instruments", group, "", permissive, "")
        soundfile.write(path, np.stack((tone(440, 5), tone(550, 5)), 1), RATE)
    path = add("loop.wav", "train", "instruments", "loops", "", permissive, "may be wet")
    soundfile.write(path, tone(5_000, 5), RATE)
    for kit, role in (("oak", "train"), ("elm", "valid-unseen")):
        for i, cls in enumerate((*PIECES, "clap")):
            path = add(f"{kit}/{cls}_v01.wav", role, "drums", kit, cls, permissive, "")
            soundfile.write(path, tone(100 * 2**i, 0.2), RATE)
    for i in range(30):
        path = add(f"midi/{i}.mid", "train", "midi", "max", "", permissive, "")
        score(path, [36, 42, 38, 42, 51, 49, 43, 39])
    path = add("midi/unseen.mid", "valid-unseen", "midi", "max", "", permissive, "")
    score(path, [36, 42, 38, 42])
    with (folder / "MANIFEST.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return folder


@pytest.fixture
def few_reference_kits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the mean spectrum of training kits over four of them: modelling forty takes seconds."""
    monkeypatch.setattr("graphophone.sources.equaliser.REFERENCE_DRAWS", 4)


@pytest.fixture(scope="session")
def recordings() -> Path:
    named = os.environ.get("GRAPHOPHONE_DATA")
    if not named:
        pytest.skip("GRAPHOPHONE_DATA names no folder of real recordings")
    return Path(named)
