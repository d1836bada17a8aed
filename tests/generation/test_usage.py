"""What examples draw on, from provenance as the sources write it."""

from pathlib import Path

import pytest

from graphophone.generation.usage import NEEDS_NONE, Usage
from graphophone.sources.licences import UNKNOWN, Register

SUNG = {
    "kind": "singing",
    "group": "anna",
    "pieces": [{"file": "singing/anna/a.flac", "seconds": 0.5}, {"file": "singing/anna/b.flac"}],
}
PLAYED = {"kit": "old_kit", "groove": {"midi": "midi/groove/drummer1/x.mid", "stretch": 1.1}}
SYNTHETIC = {"kit": "modelled-train-3", "groove": {"pattern": "rock", "bpm": 120}}


@pytest.fixture
def register(tmp_path: Path) -> Register:
    (tmp_path / "MANIFEST.csv").write_text(
        "path,category,group,licence,licence_tier,source_repo\n"
        "singing/anna/a.flac,singing,anna,CC0-1.0,A,x\nsinging/anna/b.flac,singing,anna,CC0-1.0,A,x\n"
        "drums/old_kit/1.flac,drums,old_kit,MIT,A,x\n"
        "midi/groove/drummer1/x.mid,midi,drummer1,CC-BY-4.0,A,x\n"
    )
    return Register(tmp_path)


def test_recordings_and_generators_are_told_apart(register: Register) -> None:
    usage = Usage(register)
    assert usage.groups(SUNG) == {("singing", "anna")}
    assert usage.groups(PLAYED) == {("drums", "old_kit"), ("midi", "drummer1")}
    assert usage.groups(SYNTHETIC) == {
        ("procedural", "modelled kits"),
        ("procedural", "groove patterns"),
    }
    assert usage.groups({"kind": "procedural", "group": "alto"}) == {("procedural", "alto")}
    assert usage.groups({"noise": 3}) == {("not said", "not said")}


def test_shares_are_of_examples_and_licences_count_once_in_each(register: Register) -> None:
    usage = Usage(register)
    for provenance in (SUNG, PLAYED, SYNTHETIC, SYNTHETIC):
        usage.add(provenance)
    shares = {(o.category, o.group): (o.share, o.terms.licence) for o in usage.origins()}
    assert shares == {
        ("procedural", "groove patterns"): (0.5, NEEDS_NONE.licence),
        ("procedural", "modelled kits"): (0.5, NEEDS_NONE.licence),
        ("drums", "old_kit"): (0.25, "MIT"),
        ("midi", "drummer1"): (0.25, "CC-BY-4.0"),
        ("singing", "anna"): (0.25, "CC0-1.0"),
    }
    assert usage.licences() == {
        ("none needed", "procedural"): 0.5,
        ("CC-BY-4.0", "A"): 0.25,
        ("CC0-1.0", "A"): 0.25,
        ("MIT", "A"): 0.25,
    }


def test_without_a_register_groups_are_read_off_paths_and_terms_are_not_known() -> None:
    usage = Usage()
    usage.add(SUNG)
    usage.add(PLAYED)
    names = {(o.category, o.group) for o in usage.origins()}
    assert names == {("singing", "anna"), ("drums", "old_kit"), ("midi", "groove")}
    assert {licence for licence, _ in usage.licences()} == {UNKNOWN}


def test_files_are_found_however_deep_they_are_named(register: Register) -> None:
    deep = {"kind": "virtual", "made_of": {"speech": [{"file": "singing/anna/a.flac"}]}}
    assert Usage(register).groups(deep) == {("singing", "anna")}
