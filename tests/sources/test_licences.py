"""Terms of recordings, read off a manifest and a table that the test writes."""

from pathlib import Path

import pytest

from graphophone.errors import FormatError
from graphophone.sources.licences import Register, Terms, attribution, attributions
from tests.sources import sets

MANIFEST = """path,category,group,licence,licence_tier,source_repo
singing/anna/a.flac,singing,anna,CC0-1.0,A-permissive,anna/bank
singing/anna/b.flac,singing,anna,CC-BY-4.0,A-permissive,anna/bank
drums/old_kit/kick/1.flac,drums,old_kit,MIT,A-permissive,kits/all
midi/groove/drummer1/x.mid,midi,drummer1,CC-BY-4.0,A-permissive,groove
"""
TABLE = """# Licences

Text | with a bar.

| bundle path | source | licence | attribution |
|---|---|---|---|
| singing/* (most), drums/old_*, new_kit | here | any | one for all |
| `singing/anna` | here | CC0 | Anna herself |
| midi/groove | there | CC BY | the drummers |
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "MANIFEST.csv").write_text(MANIFEST)
    (tmp_path / "LICENCES.md").write_text(TABLE)
    return tmp_path


def test_every_group_has_its_terms(data: Path) -> None:
    register = Register(data)
    assert register.group("midi/groove/drummer1/x.mid") == ("midi", "drummer1")
    assert register.group("elsewhere.wav") is None
    assert register.terms["singing", "anna"] == Terms(
        "CC-BY-4.0; CC0-1.0", "A-permissive", "anna/bank", "Anna herself"
    )
    assert register.terms["drums", "old_kit"].attribution == "one for all"
    assert register.terms["midi", "drummer1"].attribution == "the drummers"


def test_the_longest_pattern_that_fits_gives_the_words(data: Path) -> None:
    words = attributions(data)
    assert words["drums/new_kit"] == "one for all"
    assert attribution(words, "singing/berta/x.flac") == "one for all"
    assert attribution(words, "singing/anna/x.flac") == "Anna herself"
    assert attribution(words, "midi/groove.mid") == "the drummers"
    assert attribution(words, "noise/x.flac") == ""


def test_without_a_table_there_are_no_words(data: Path) -> None:
    (data / "LICENCES.md").unlink()
    assert Register(data).terms["singing", "anna"].attribution == ""


def test_a_folder_without_manifest_or_a_column_is_refused(data: Path) -> None:
    with pytest.raises(FormatError, match=r"a folder of recordings is needed, there is none"):
        Register(data / "nowhere")
    (data / "MANIFEST.csv").write_text(MANIFEST.replace("group", "singer"))
    with pytest.raises(FormatError, match="the column 'group' is missing"):
        Register(data)


def test_public_sets_and_plain_folders_tell_what_they_can(tmp_path: Path) -> None:
    sets.vocalset(tmp_path / "public")
    register = Register(tmp_path / "public")
    name, group = next(iter(register.groups.items()))
    assert name.endswith(".wav")
    terms = register.terms[group]
    assert (terms.licence, terms.tier, terms.source) == ("CC BY 4.0", "A-permissive", "VocalSet")
    assert "VocalSet" in terms.attribution
    sets.plain(tmp_path / "plain", 2)
    (plain,) = set(Register(tmp_path / "plain").terms.values())
    assert (plain.licence, plain.attribution) == ("not stated", "")


def test_a_manifest_need_not_tell_terms(data: Path) -> None:
    (data / "MANIFEST.csv").write_text("path,category,group\nsinging/anna/a.flac,singing,anna\n")
    assert Register(data).terms["singing", "anna"] == Terms(attribution="Anna herself")
