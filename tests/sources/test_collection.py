"""What a folder is taken for: manifests, public sets, folders of them, plain folders."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from graphophone.errors import FormatError
from graphophone.sources import settle
from graphophone.sources.clip import NONCOMMERCIAL, OWN, PERMISSIVE
from graphophone.sources.collection import clips, data_folder, recognise
from tests.sources import sets


def named(folder: Path, **wanted: str) -> set[str]:
    """Groups of the files that have some attributes."""
    return {
        clip.group
        for clip in recognise(folder).clips
        if all(getattr(clip, name) == value for name, value in wanted.items())
    }


def test_opensinger(tmp_path: Path) -> None:
    sets.opensinger(tmp_path)
    found = recognise(tmp_path)
    assert len(found.clips) == 48
    assert {clip.tier for clip in found.clips} == {NONCOMMERCIAL}
    assert {clip.licence for clip in found.clips} == {"CC BY-NC-SA"}
    everyone = {f"OpenSinger/{who}{i}" for who in ("woman", "man") for i in range(12)}
    assert {clip.group for clip in found.clips} == everyone
    assert all(clip.path.exists() and clip.path.suffix == ".wav" for clip in found.clips)
    assert "OpenSinger: singing (48 files, 24 groups)" in found.sentence()
    assert "Multi-Singer" in found.credits[0]


def test_vocalset_has_a_split_of_its_own(tmp_path: Path) -> None:
    sets.vocalset(tmp_path)
    found = recognise(tmp_path)
    assert len(found.clips) == 10
    assert {clip.cls for clip in found.clips} == {"belt", "vibrato"}
    assert {(clip.tier, clip.licence) for clip in found.clips} == {(PERMISSIVE, "CC BY 4.0")}
    unseen = named(tmp_path, role="valid-unseen")
    assert unseen == {"VocalSet/female2", "VocalSet/male10"}
    assert named(tmp_path, role="train") == {"VocalSet/female1", "VocalSet/male1", "VocalSet/male3"}


def test_musdb18_gives_vocals_by_artist_and_keeps_those_of_the_test_apart(tmp_path: Path) -> None:
    sets.musdb18(tmp_path)
    found = recognise(tmp_path)
    assert {clip.path.name for clip in found.clips} == {"vocals.wav"}
    assert {clip.tier for clip in found.clips} == {NONCOMMERCIAL}
    assert named(tmp_path, role="train") == {f"MUSDB18-HQ/{a}" for a in ("AM Contra", "Ann", "Zed")}
    assert named(tmp_path, role="valid-unseen") == {"MUSDB18-HQ/Bob", "MUSDB18-HQ/Cy"}


def test_compressed_musdb18_is_refused_and_the_right_one_named(tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "Ann - Two.stem.mp4").write_bytes(b"x")
    with pytest.raises(FormatError, match=r"MUSDB18 as compressed \.stem\.mp4 .* MUSDB18-HQ"):
        recognise(tmp_path)


def test_groove_has_a_split_of_its_own(tmp_path: Path) -> None:
    sets.groove(tmp_path)
    found = recognise(tmp_path)
    assert [clip.role for clip in found.clips] == [
        "train",
        "train",
        "valid-unseen",
        "test",
        "train",
        "train",
    ]
    assert {(clip.tier, clip.licence) for clip in found.clips} == {(PERMISSIVE, "CC BY 4.0")}
    assert {clip.group for clip in found.clips} == {
        f"Groove MIDI Dataset/drummer{i}" for i in (1, 2)
    }


def test_a_faulty_index_of_groove_is_named(tmp_path: Path) -> None:
    sets.groove(tmp_path)
    index = tmp_path / "info.csv"
    text = index.read_text()
    index.write_text(text.replace("validation", "valid"))
    with pytest.raises(FormatError, match=r"info\.csv: split must be train, .* got 'valid'"):
        recognise(tmp_path)
    index.write_text(text.replace(",style,", ",genre,"))
    with pytest.raises(FormatError, match=r"info\.csv: the column 'style' is missing"):
        recognise(tmp_path)


def test_a_folder_of_sets_is_all_of_them(tmp_path: Path) -> None:
    sets.several(tmp_path)
    found = recognise(tmp_path)
    assert found.title == "OpenSinger and VocalSet and Groove MIDI Dataset (left out: other)"
    assert {clip.category for clip in found.clips} == {"singing", "midi"}
    assert len(found.credits) == 3
    assert len({clip.name for clip in found.clips}) == len(found.clips)
    assert all((tmp_path / clip.name) == clip.path for clip in found.clips)


def test_plain_folders(tmp_path: Path) -> None:
    sets.plain(tmp_path)
    found = recognise(tmp_path)
    assert found.title == "a plain folder"
    assert {clip.tier for clip in found.clips} == {OWN}
    assert {clip.group for clip in found.clips} == {f"singer {i}" for i in range(12)}
    assert {clip.role for clip in found.clips} == {"train", "valid-unseen"}


def test_one_singer_alone_is_for_training(tmp_path: Path) -> None:
    for i in range(40):
        folder = tmp_path / f"folder {i}"
        sets.sound(folder / "a.wav", seconds=0.1)
        assert {clip.role for clip in recognise(folder).clips} == {"train"}


def test_licences_that_do_not_permit_training_are_said(tmp_path: Path) -> None:
    sets.opensinger(tmp_path)
    sentence = (
        "no recording has a licence of the tier A-permissive, all "
        r"\d+ are of D-noncommercial \(--allow-tier permits a tier\)"
    )
    with pytest.raises(FormatError, match=sentence):
        clips(tmp_path, "train", ("singing",))
    assert clips(tmp_path, "train", ("singing",), (NONCOMMERCIAL,))
    assert clips(tmp_path, "unseen", ("singing",))  # which nobody trains on


def test_a_plain_folder_is_trained_on_in_so_many_words(tmp_path: Path) -> None:
    sets.plain(tmp_path)
    with pytest.raises(FormatError, match=r"all \d+ are of own .* name it if they are yours"):
        clips(tmp_path, "train", ("singing",))
    assert settle("singing", "real", "train", tmp_path, allow_tiers=("own",)).clips


def test_other_tiers_are_used_only_when_they_are_named(data: Path) -> None:
    both = clips(data, "train", ("singing",), allow_tiers=(PERMISSIVE, "C-sharealike"))
    assert {clip.group for clip in clips(data, "train", ("singing",))} == {"ann"}
    assert {clip.group for clip in both} == {"ann", "eve"}
    assert {clip.tier for clip in clips(data, "unseen", ("singing",))} == {"C-sharealike"}


def test_the_environment_names_the_folder(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHOPHONE_DATA", str(data))
    assert clips(None, "train", ("singing",)) == clips(data, "train", ("singing",))


def test_faults_of_a_data_folder_are_named(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GRAPHOPHONE_DATA", raising=False)
    with pytest.raises(FormatError, match="real recordings need a data folder: give one, or set"):
        data_folder(None)
    with pytest.raises(FormatError, match="missing: a folder of recordings is needed, there is no"):
        data_folder(tmp_path / "missing")
    with pytest.raises(FormatError, match="there is no audio file in this folder"):
        clips(tmp_path, "train", ("singing",))
    with pytest.raises(FormatError, match="no subfolder is named by an instrument"):
        clips(tmp_path, "train", ("drums",))
    with pytest.raises(FormatError, match="the split 'test' has no singing or speech"):
        clips(data, "test", ("singing", "speech"))


ROW = "path,role,category,group,cls,licence_tier,note\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("path,role\n", r"MANIFEST\.csv: the column 'category' is missing"),
        (
            ROW + "a.wav,training,singing,ann,,A-permissive,\n",
            r"line 2: role must be train, valid-unseen, test, got 'training'",
        ),
        (ROW + "a.wav,train,singing,ann\n", r"MANIFEST\.csv: line 2 is cut short"),
        (b"\xff\xfe\x00", r"MANIFEST\.csv: this is not a readable table"),
    ],
)
def test_faults_of_a_manifest_are_named(tmp_path: Path, text: str | bytes, sentence: str) -> None:
    content = text if isinstance(text, bytes) else text.encode()
    (tmp_path / "MANIFEST.csv").write_bytes(content)
    with pytest.raises(FormatError, match=sentence):
        recognise(tmp_path)


def test_licence_and_checksum_are_read_where_the_manifest_has_them(tmp_path: Path) -> None:
    text = "path,role,category,group,cls,licence_tier,note,licence,sha256\n"
    text += "a.wav,train,singing,ann,,A-permissive,,CC0-1.0, AB12 \n"
    (tmp_path / "MANIFEST.csv").write_text(text)
    (clip,) = recognise(tmp_path).clips
    assert (clip.licence, clip.sha256) == ("CC0-1.0", "ab12")


@pytest.mark.parametrize(
    ("make", "sounding"),
    [(sets.groove, "modelled kits and scores"), (sets.plain_kits, "kits and a score")],
)
def test_drums_sound_from_scores_alone_and_from_kits(
    tmp_path: Path, make: Callable[[Path], None], sounding: str
) -> None:
    from random import Random

    make(tmp_path)
    supply = settle("drums", "real", "train", tmp_path, allow_tiers=(PERMISSIVE, OWN))
    dry = [supply.pool().draw(Random(i), 60_000, 44_100) for i in range(8)]
    assert all(d.tracks for d in dry), sounding
    assert any("midi" in d.provenance["groove"] for d in dry)
    kits = {d.provenance["kit"] for d in dry}
    assert all(re.match(r"kit \d", kit) for kit in kits) == (make is sets.plain_kits)
