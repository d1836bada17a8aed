"""``generate --data``: what the folder is, what was left out, and what cannot be used."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from graphophone.generation.reading import open_set
from tests.cli.sounds import Ran
from tests.sources import sets

Run = Callable[..., Ran]
WORDS = ("generate", "--count", 2, "--store", "graphs", "--sources", "real")


@pytest.fixture(autouse=True)
def _no_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """No folder of recordings but those that are named here."""
    monkeypatch.delenv("GRAPHOPHONE_DATA", raising=False)


def test_a_public_set_is_recognised_and_reported(run: Run, tmp_path: Path) -> None:
    sets.vocalset(tmp_path / "data")
    (tmp_path / "data/FULL/female1/arpeggios/belt/f1_arpeggios_belt_a.wav").write_bytes(b"torn")
    words = (*WORDS, "--task", "singing", "--data", tmp_path / "data", "--out", tmp_path / "set")
    ran = run(*words, "--json")
    assert ran.status == 0
    assert "VocalSet: singing (10 files, 5 groups)" in ran.err
    assert "1 of 6 recordings left out (1 unreadable); the first is FULL/female1" in ran.err
    report = json.loads((tmp_path / "set/recordings.json").read_text())
    assert json.loads(ran.out)["recordings"] == report
    assert report["left_out"] == {"unreadable": 1}
    assert report["findings"][0]["file"].endswith("f1_arpeggios_belt_a.wav")
    again = run(*words, "--json")
    assert json.loads(again.out)["checksum"] == json.loads(ran.out)["checksum"]


def test_a_set_goes_on_with_the_recordings_it_was_begun_with(run: Run, tmp_path: Path) -> None:
    sets.vocalset(tmp_path / "data")
    words = (*WORDS, "--task", "singing", "--data", tmp_path / "data", "--out", tmp_path / "set")
    assert run(*words).status == 0
    look = ("inspect", tmp_path / "set", "--data", tmp_path / "data", "--out", tmp_path / "look")
    assert run(*look, "--listen", 1).status == 0
    card = (tmp_path / "set/card.md").read_text()
    assert "Drawn from 6 files of VocalSet" in card
    assert "CC BY 4.0 | A-permissive | 100.0%" in card
    (tmp_path / "data/FULL/female1/arpeggios/belt/f1_arpeggios_belt_a.wav").unlink()
    for ran in (run(*words, "--count", 3), run(*look, "--listen", 1)):
        assert ran.status == 1
        said = "was begun with 6 recordings, of which some are not the 5 that can be used"
        assert said in ran.err


def test_drums_from_scores_alone(run: Run, tmp_path: Path) -> None:
    sets.groove(tmp_path / "data")
    ran = run(
        *WORDS, "--task", "drums", "--data", tmp_path / "data", "--out", tmp_path / "set", "--json"
    )
    assert ran.status == 0
    assert json.loads(ran.out)["recordings"]["licences"][0]["licence"] == "CC BY 4.0"


def test_sampled_kits_are_played_reported_and_on_the_card(run: Run, tmp_path: Path) -> None:
    sets.kits_and_grooves(tmp_path / "data")
    (tmp_path / "data/kits/kit 0/kick.wav").write_bytes(b"torn")
    (tmp_path / "data/kits/kit 6/kick.wav").unlink()
    words = ("--task", "drums", "--data", tmp_path / "data", "--out", tmp_path / "set")
    allowed = ("--allow-tier", "own", "--allow-tier", "A-permissive")
    ran = run(*WORDS, *words, *allowed, "--json")
    assert ran.status == 0, ran.err
    assert "Groove MIDI Dataset with 18 sampled kits" in ran.err
    report = ran.json["recordings"]
    assert report["left_out"] == {"unreadable": 2}
    assert {finding["file"] for finding in report["findings"]} == {
        "kits/kit 0/kick.wav",
        "kits/kit 6/drumkit.xml",
    }
    card = json.loads((tmp_path / "set/card.json").read_text())
    kits = [row for row in card["sources"] if row["category"] == "drums"]
    assert kits
    assert all(row["group"].startswith("kits/kit ") for row in kits)
    assert {row["terms"]["tier"] for row in kits} == {"own"}


def test_recorded_room_tone_is_used_where_it_is_and_told(run: Run, tmp_path: Path) -> None:
    for number in range(3):
        sets.sound(tmp_path / "data/ann" / f"{number}.wav", 150 + number, 0.3)
    rng = np.random.default_rng(0)
    for name, amount in (("hiss", 0.1), ("silence", 0.0)):
        path = tmp_path / "data/noise" / f"{name}.wav"
        path.parent.mkdir(exist_ok=True)
        soundfile.write(path, amount * rng.standard_normal((sets.RATE, 2)), sets.RATE)
    words = (*WORDS, "--count", 12, "--task", "singing", "--mix", "short", "--allow-tier", "own")
    words += ("--data", tmp_path / "data", "--json")
    ran = run(*words, "--out", tmp_path / "one", "--copies", 1, "--workers", 1).json
    report = ran["recordings"]
    assert [row["files"] for row in report["licences"] if row["category"] == "noise"] == [1]
    assert [f["file"] for f in report["findings"]] == ["noise/silence.wav"]
    copies = [
        copy
        for record in open_set(tmp_path / "one").records()
        for copy in record.provenance["copy"]
        if copy["kind"] == "recorded_tone"
    ]
    assert copies
    assert {copy["file"] for copy in copies} == {"noise/hiss.wav"}
    card = json.loads((tmp_path / "one/card.json").read_text())
    assert ("noise", "noise") in {(row["category"], row["group"]) for row in card["sources"]}


def nothing(folder: Path) -> None:
    folder.mkdir()


def low_rate(folder: Path) -> None:
    sets.sound(folder / "a.wav", rate=8_000)


def one_bad(folder: Path) -> None:
    sets.plain(folder, 1)
    (folder / "singer 0" / "0.wav").write_bytes(b"torn")


@pytest.mark.parametrize(
    ("make", "words", "sentence"),
    [
        (nothing, (), "there is no audio file in this folder"),
        (sets.opensinger, (), "are of D-noncommercial (--allow-tier permits a tier)"),
        (sets.plain, (), "(--allow-tier permits a tier; name it if they are yours to train on)"),
        (low_rate, ("--allow-tier", "own"), "its rate is 8000 Hz, 16000 Hz is the least"),
        (one_bad, ("--allow-tier", "own", "--strict"), "cannot be used (1 unreadable); the first"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(
    run: Run, tmp_path: Path, make: Callable[[Path], None], words: tuple[str, ...], sentence: str
) -> None:
    make(tmp_path / "data")
    ran = run(
        *WORDS,
        "--task",
        "singing",
        "--data",
        tmp_path / "data",
        "--out",
        tmp_path / "set",
        *words,
    )
    assert ran.status == 1
    assert ran.out == ""
    assert len(ran.err.strip().splitlines()) == 1
    assert sentence in ran.err
    assert not (tmp_path / "set").exists()
