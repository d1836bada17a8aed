"""Reading a set: what was made comes back, and what is damaged is named, refused or left out."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from graphophone.audio.heard import Packed
from graphophone.errors import FormatError
from graphophone.generation import recipe
from graphophone.generation.dataset import generate
from graphophone.generation.item import generate_item
from graphophone.generation.reading import open_set
from graphophone.generation.recipe import Recipe
from tests.generation.small import RECIPE

pytestmark = pytest.mark.usefixtures("small")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five examples with their audio, two an archive."""
    generate(RECIPE, tmp_path / "set", shard=2, store="audio")
    return tmp_path / "set"


def test_what_was_made_comes_back(folder: Path) -> None:
    stored = open_set(folder, thorough=True)
    assert stored.recipe == RECIPE
    assert stored.manifest["made"]["items"] == len(stored) == 5
    assert stored.faults == []
    pool = recipe.supply_of(RECIPE, None).pool()
    for record in stored.records():
        item = generate_item("singing", "wide", RECIPE.seed, record.index, pool)
        assert (record.provenance, record.redraws) == (item.provenance, item.redraws)
        heard = Packed.of(item.wet[None])
        for name, feature in zip(Packed._fields, record.heard(), strict=True):
            np.testing.assert_array_equal(feature.numpy(), getattr(heard, name).numpy())
        sounds = record.sounds()
        assert sounds.keys() == {"wet", "dry.voice"}
        torch.testing.assert_close(sounds["wet"], item.wet, atol=2e-7, rtol=0)
        torch.testing.assert_close(sounds["dry.voice"], item.dry["voice"], atol=1e-6, rtol=0)
        assert {"graph.json", "mel.png", "wet.flac", "dry.voice.flac"} <= record.members.keys()
        assert len(record.members) == 7


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="the system lists no mappings")
def test_reading_through_a_set_keeps_one_archive_in_memory(folder: Path) -> None:
    stored, last = open_set(folder), None
    for record in stored.records():
        mappings = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
        assert len({m.split()[-1] for m in mappings if str(folder) in m}) <= 1 + (last is not None)
        last = record  # as a caller keeps it who asks for the next
    assert last is not None
    assert last.members["graph.json"], "what was read stays valid"


def flip(path: Path, place: float) -> None:
    content = bytearray(path.read_bytes())
    content[int(len(content) * place)] ^= 16
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-2_000])


def change(path: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    data = json.loads(path.read_text())
    edit(data)
    path.write_text(json.dumps(data))


def exchange(folder: Path) -> None:
    names = ("shard-00000.tar", "shard-00001.tar")
    a, b = (folder / name for name in names)
    one, other = a.read_bytes(), b.read_bytes()
    a.write_bytes(other)
    b.write_bytes(one)


TAR, INDEX = "shard-00001.tar", "shard-00001.json"
DAMAGE: dict[str, tuple[Callable[[Path], None], str, bool]] = {
    "a bit of the audio": (lambda f: flip(f / TAR, 0.7), f"{TAR} does not match the SHA", True),
    "a bit of a header": (lambda f: flip(f / TAR, 1e-6), f"{TAR} does not match the SHA", True),
    "a short archive": (lambda f: cut(f / TAR), rf"{TAR} is truncated: \d+ of \d+ bytes", False),
    "a long archive": (
        lambda f: (f / TAR).write_bytes((f / TAR).read_bytes() + b"more") and None,
        rf"{TAR} has \d+ bytes, its index says",
        False,
    ),
    "no archive": (lambda f: (f / TAR).unlink(), f"{TAR} is missing, though it has an", False),
    "no index": (lambda f: (f / INDEX).unlink(), f"{INDEX} is missing or incomplete", False),
    "half an index": (lambda f: cut(f / INDEX), f"{INDEX} is not an index", False),
    "an index of nothing": (
        lambda f: (f / INDEX).write_text("[]") and None,
        f"{INDEX} is not an index",
        False,
    ),
    "an index of other examples": (
        lambda f: change(f / INDEX, lambda d: d.update(start=1)),
        f"{INDEX} lists examples 1 to 2 where 2 to 3 belong",
        False,
    ),
    "an index with too few places": (
        lambda f: change(f / INDEX, lambda d: d["files"]["mel.png"].pop()),
        f"{INDEX} does not list 2 examples",
        False,
    ),
    "an index of other places": (
        lambda f: change(f / INDEX, lambda d: d["files"]["mel.png"][0].reverse()),
        f"{TAR} holds other files than its index says",
        True,
    ),
}


@pytest.mark.parametrize("damage", list(DAMAGE))
def test_damage_is_named_and_refused_or_left_out(folder: Path, damage: str) -> None:
    harm, said, hidden = DAMAGE[damage]
    harm(folder)
    with pytest.raises(FormatError, match=f"{said}.*graphophone generate makes"):
        open_set(folder, thorough=True)
    rest = open_set(folder, damaged="skip", thorough=True)
    assert [record.index for record in rest.records()] == [0, 1, 4]
    assert (len(rest), len(rest.faults)) == (3, 1)
    if hidden:
        assert open_set(folder).faults == []
    else:
        with pytest.raises(FormatError, match=said):
            open_set(folder)


def test_a_damaged_graph_is_found_when_it_is_read(folder: Path) -> None:
    place = open_set(folder).shards[1].index.places[1]["graph.json"][0]
    content = bytearray((folder / TAR).read_bytes())
    content[place + 20] ^= 1
    (folder / TAR).write_bytes(content)
    with pytest.raises(FormatError, match=f"{TAR} does not hold example 3 as its index says"):
        list(open_set(folder).records())
    rest = open_set(folder, damaged="skip")
    assert [record.index for record in rest.records()] == [0, 1, 2, 4]
    assert [fault.file for fault in rest.faults] == [TAR]


def test_exchanged_archives_are_noticed(folder: Path) -> None:
    exchange(folder)
    rest = open_set(folder, damaged="skip", thorough=True)
    assert [record.index for record in rest.records()] == [4]


def test_a_set_without_features_says_so(tmp_path: Path) -> None:
    generate(replace(RECIPE, count=1), tmp_path, store="graphs")
    (record,) = open_set(tmp_path).records()
    assert record.sounds() == {}
    with pytest.raises(FormatError, match=r"no mel\.png: the set was stored without features"):
        record.heard()


def test_what_is_no_set_or_one_of_another_version_is_refused(folder: Path) -> None:
    with pytest.raises(FormatError, match=r"holds no data set: it has no dataset\.json"):
        open_set(folder.parent)
    path = folder / "dataset.json"
    data = json.loads(path.read_text())
    for change_, said in (
        ({"format": 1}, "in format 1, this version has 2; choose an empty folder"),
        ({"catalogue": "older"}, "made with catalogue older, this version has"),
        ({"recipe": {"task": "singing"}}, "the recipe lacks count, mix, seed"),
        ({"recipe": {"colour": 1}}, "an unknown field 'colour'"),
        ({"recipe": 3}, r"dataset\.json is not the manifest of a data set"),
    ):
        path.write_text(json.dumps(data | change_))
        with pytest.raises(FormatError, match=said):
            open_set(folder)
        with pytest.raises(FormatError, match=said):
            generate(RECIPE, folder)
    path.write_text("{")
    with pytest.raises(FormatError, match=r"dataset\.json is not the manifest"):
        open_set(folder)


def test_a_recipe_is_a_round_trip() -> None:
    wanted = replace(RECIPE, kinds=("singing", "speech"))
    assert Recipe.from_json(json.loads(json.dumps(wanted.to_json()))) == wanted


@pytest.mark.filterwarnings("ignore")
def test_webdataset_reads_the_same_examples(folder: Path) -> None:
    wds = pytest.importorskip("webdataset", reason="webdataset is not installed")
    tars = [str(path) for path in sorted(folder.glob("*.tar"))]
    loaded = list(wds.WebDataset(tars, shardshuffle=False).decode("l8"))
    records = list(open_set(folder).records())
    assert [one["__key__"] for one in loaded] == [f"{r.index:09}" for r in records]
    for one, record in zip(loaded, records, strict=True):
        assert one["graph.json"] == record.graph
        mel = record.heard().mel[0]
        np.testing.assert_array_equal(one["mel.png"].reshape(mel.shape), mel.numpy())
