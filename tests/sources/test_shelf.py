"""Sampled kits found in a folder: what they are, whose, in which split, and what is wrong."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
import torch

from graphophone.errors import FormatError
from graphophone.sources import folder_pool, settle
from graphophone.sources.clip import OWN, PERMISSIVE
from graphophone.sources.collection import recognise
from graphophone.sources.licences import Register, Terms
from graphophone.sources.shelf import read_shelf
from tests.sources import sets

SAMPLES, RATE = 40_000, 44_100
BOTH = (PERMISSIVE, OWN)


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHOPHONE_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def one(tmp_path: Path) -> Path:
    """A folder with one kit of each format."""
    sets.sfz_kit(tmp_path / "rock.sfz")
    sets.hydrogen_kit(tmp_path / "jazz")
    return tmp_path


def test_a_folder_of_kits_is_recognised_with_what_the_kits_say(one: Path) -> None:
    found = recognise(one, "drums")
    assert found.title == "a plain folder with 2 sampled kits"
    assert "one-shots of drums (6 files, 2 groups)" in found.sentence()
    assert {(c.group, c.tier, c.licence) for c in found.clips} == {
        ("rock", OWN, "not stated"),
        ("jazz", OWN, "CC0"),
    }
    assert found.credits == ("jazz: CC0. Ann",)
    struck = {(c.name, c.cls) for c in found.clips if c.group == "jazz"}
    assert struck == {
        ("jazz/kick.wav", "kick"),
        ("jazz/metal.wav", "hihat_closed"),
        ("jazz/metal.wav", "ride"),
    }
    register = Register(one, "drums")
    assert register.terms["drums", "jazz"] == Terms("CC0", OWN, "jazz", "jazz: CC0. Ann")
    assert register.terms["drums", "rock"] == Terms("not stated", OWN)


def test_kits_are_played_when_they_are_allowed(one: Path) -> None:
    with pytest.raises(FormatError, match=r"all 6 are of own .* name it if they are yours"):
        settle("drums", "real", "train", one)
    supply = settle("drums", "real", "train", one, allow_tiers=(OWN,))
    draws = [supply.pool().draw(Random(i), SAMPLES, RATE) for i in range(20)]
    assert {dry.provenance["kit"] for dry in draws} == {"rock", "jazz"}
    assert supply.survey is not None
    report = supply.survey.to_json()
    assert report["files"] == 6  # one of the seven strokes has the recording of another
    jazz = next(row for row in report["licences"] if row["licence"] == "CC0")
    assert (jazz["files"], jazz["seconds"], jazz["groups"]) == (2, 0.6, ["jazz"])


def test_kits_beside_grooves_play_them(tmp_path: Path) -> None:
    sets.kits_and_grooves(tmp_path)
    supply = settle("drums", "real", "train", tmp_path, allow_tiers=BOTH)
    assert supply.survey is not None
    assert supply.survey.found.startswith("Groove MIDI Dataset with 18 sampled kits: ")
    draws = [supply.pool().draw(Random(i), SAMPLES, RATE) for i in range(12)]
    assert all(dry.provenance["kit"].startswith("kits/kit ") for dry in draws)
    assert any("midi" in dry.provenance["groove"] for dry in draws)


def test_kits_that_may_not_be_used_are_counted(tmp_path: Path) -> None:
    sets.groove(tmp_path)
    sets.hydrogen_kit(tmp_path / "kit")
    supply = settle("drums", "real", "train", tmp_path)
    assert {clip.category for clip in supply.clips} == {"midi"}
    assert supply.survey is not None
    assert supply.survey.to_json()["withheld"] == {"own": 2}
    said = "2 recordings have the tier own, which --allow-tier own permits"
    assert said in supply.survey.sentences()


def test_variants_of_one_kit_are_in_one_split(tmp_path: Path) -> None:
    """Kits that are joined by recordings over a third one are joined too."""
    for i in range(30):
        home = tmp_path / f"{i}"
        sets.sfz_kit(home / "b.sfz")
        sets.sfz_kit(home / "z.sfz", "others")
        joining = "<region> sample=samples/kick.wav key=36 <region> sample=others/hat.wav key=42"
        (home / "m.sfz").write_text(joining)
    clips = read_shelf(tmp_path).clips
    roles = {(clip.group.partition("/")[0], clip.role) for clip in clips}
    assert len({clip.group for clip in clips}) == 90
    assert len(roles) == 30
    assert {role for _, role in roles} == {"train", "valid-unseen"}


def test_a_bad_recording_is_left_out_of_its_kit_alone(one: Path) -> None:
    (one / "samples" / "snare.wav").write_bytes(b"torn")
    supply = settle("drums", "real", "train", one, allow_tiers=(OWN,))
    assert supply.survey is not None
    assert [(f.file, f.check) for f in supply.survey.findings] == [
        ("samples/snare.wav", "unreadable")
    ]
    assert {c.cls for c in supply.clips if c.group == "rock"} == {"kick", "hihat_closed", "crash"}
    for seed in range(10):
        dry = supply.pool().draw(Random(seed), SAMPLES, RATE)
        assert dry.provenance["kit"] == "jazz" or "snare" not in dry.tracks


def test_a_recording_that_two_strokes_share_is_one_fault(one: Path) -> None:
    (one / "jazz" / "metal.wav").write_bytes(b"torn")
    supply = settle("drums", "real", "train", one, allow_tiers=(OWN,))
    assert supply.survey is not None
    assert supply.survey.counts() == {"unreadable": 1}
    assert "1 of 6 recordings left out" in supply.survey.sentences()[1]


def test_a_kit_that_cannot_be_read_is_named_and_the_others_are_used(one: Path) -> None:
    (one / "samples" / "kick.wav").unlink()
    supply = settle("drums", "real", "train", one, allow_tiers=(OWN,))
    assert {clip.group for clip in supply.clips} == {"jazz"}
    assert supply.survey is not None
    (finding,) = supply.survey.findings
    assert (finding.file, finding.check) == ("rock.sfz", "unreadable")
    assert finding.reason == "the recording 'kick.wav' is missing"
    with pytest.raises(FormatError, match=r"rock\.sfz: the recording 'kick\.wav' is missing"):
        settle("drums", "real", "train", one, allow_tiers=(OWN,), strict=True)
    with pytest.raises(FormatError, match=r"rock\.sfz: the recording 'kick\.wav' is missing"):
        folder_pool(one, "drums")
    sets.sound(one / "samples" / "kick.wav")
    (one / "samples" / "hat.wav").unlink()  # what was wrong before is not remembered
    with pytest.raises(FormatError, match=r"rock\.sfz: the recording 'hat\.wav' is missing"):
        settle("drums", "real", "train", one, allow_tiers=(OWN,), strict=True)
    sets.sound(one / "samples" / "hat.wav")
    assert len(settle("drums", "real", "train", one, allow_tiers=(OWN,)).clips) == 7


def test_what_a_kit_includes_is_no_kit_and_nothing_below_a_kit_is_a_plain_one(
    tmp_path: Path,
) -> None:
    sets.sfz_kit(tmp_path / "kit" / "part.sfz", "kick")
    (tmp_path / "kit" / "whole.sfz").write_text('#include "part.sfz"')
    sets.sound(tmp_path / "plain" / "snare" / "a.wav", seconds=0.3)
    sets.hydrogen_kit(tmp_path / "__MACOSX")
    clips = recognise(tmp_path, "drums").clips
    assert {(c.group, c.shot is None) for c in clips} == {("kit/whole", False), ("plain", True)}
    supply = settle("drums", "real", "train", tmp_path, allow_tiers=(OWN,))
    kits = {supply.pool().draw(Random(i), SAMPLES, RATE).provenance["kit"] for i in range(40)}
    assert kits == {"kit/whole", "plain"}


def test_kits_of_one_name_stay_apart(tmp_path: Path) -> None:
    sets.hydrogen_kit(tmp_path / "rock")
    sets.sfz_kit(tmp_path / "rock.sfz")
    groups = {clip.group for clip in read_shelf(tmp_path).clips}
    assert groups == {"rock/drumkit.xml", "rock.sfz"}
    assert {clip.group for clip in read_shelf(tmp_path / "rock").clips} == {"rock"}


def test_another_rule_of_a_kit_is_another_supply(one: Path) -> None:
    def digest() -> str:
        supply = settle("drums", "real", "train", one, allow_tiers=(OWN,))
        assert supply.survey is not None
        bare = [replace(clip, shot=None) for clip in supply.clips]
        assert replace(supply.survey, used=tuple(bare)).digest != supply.survey.digest
        return supply.survey.digest

    before = digest()
    kit = one / "rock.sfz"
    kit.write_text(kit.read_text().replace("key=36", "key=36 volume=-6"))
    assert digest() != before


def test_kits_can_be_equalised(one: Path) -> None:
    draws = []
    for equalised in (False, True):
        supply = settle("drums", "real", allow_tiers=(OWN,), data=one, equalised=equalised)
        draws.append(supply.pool().draw(Random(3), SAMPLES, RATE))
    same, other = draws
    assert same.provenance["groove"] == other.provenance["groove"]
    assert same.tracks.keys() == other.tracks.keys()
    assert not any(torch.equal(same.tracks[name], other.tracks[name]) for name in same.tracks)
