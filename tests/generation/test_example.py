"""What is stored of an example, and what comes back."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from graphophone.audio.dry import dry_mels
from graphophone.audio.heard import Packed
from graphophone.codec.json import from_json
from graphophone.errors import FormatError
from graphophone.generation.contents import Contents
from graphophone.generation.example import digest, feature, files, sound
from graphophone.generation.item import Item
from graphophone.generation.reading import Record, dry_features
from graphophone.graph import Edge, Graph, Node
from graphophone.processors import SPECS
from tests.generation.small import noise

GRAPH = Graph((Node("in", source="voice"), Node("out")), (Edge(0, 1),))


@pytest.fixture
def item() -> Item:
    wet, dry = noise(1), {"voice": 7 * noise(2)}
    return Item(GRAPH, wet, dry, {"file": "a.flac", "gain_db": -1.5}, 3)


def test_the_graph_and_where_it_comes_from_are_always_kept(item: Item) -> None:
    for store in ("graphs", "features", "audio"):
        made = files(item, store)  # type: ignore[arg-type]
        assert from_json(json.loads(made["graph.json"]), SPECS).edges == GRAPH.edges
        assert json.loads(made["provenance.json"]) == {
            "provenance": {"file": "a.flac", "gain_db": -1.5},
            "redraws": 3,
        }
    bare = files(item, "graphs")
    assert bare.keys() == {"graph.json", "provenance.json"}
    assert digest(bare) == digest(files(item, "audio"))
    assert digest(bare) != digest(bare | {"provenance.json": b"{}"})


def test_features_are_what_a_model_hears_to_the_bit(item: Item) -> None:
    made, heard = files(item, "features"), Packed.of(item.wet[None])
    np.testing.assert_array_equal(feature(made["mel.png"]), heard.mel[0].numpy())
    np.testing.assert_array_equal(feature(made["cepstra.png"]), heard.cepstra[0].numpy())


def test_features_of_the_dry_sound_stand_beside_the_same_bytes_as_without(item: Item) -> None:
    kit = {"kick": 0.5 * item.dry["voice"], "hat": noise(3)}
    item = replace(item, dry=kit)
    plain, mixed, stems = (files(item, store) for store in ("features", "dry", "stems"))
    assert mixed == plain | {"dry.mix.png": mixed["dry.mix.png"]}
    assert stems.keys() - mixed.keys() == {"dry.kick.png", "dry.hat.png"}
    assert mixed.items() <= stems.items()
    for given, names in (("dry", {"mix"}), ("stems", {"kick", "hat"})):
        made, read = dry_mels(kit, given), dry_features(stems, given)
        assert made.keys() == read.keys() == names
        for name in names:
            np.testing.assert_array_equal(read[name], made[name])
    with pytest.raises(FormatError, match=r"no dry\.mix\.png: the set was not stored with 'dry'"):
        dry_features(plain, "dry")
    assert dry_features(plain, "wet") == {}
    for store, made in (("dry", mixed), ("stems", stems)):
        level = Contents(store).check(Record(0, {}, {}, 0, made))
        assert level == Contents("features").check(Record(0, {}, {}, 0, plain))
        with pytest.raises(FormatError, match=rf"not stored with '{store}' features"):
            Contents(store).check(Record(0, {}, {}, 0, plain if store == "dry" else mixed))


def test_sounds_keep_to_90_db_even_above_full_scale(item: Item) -> None:
    made = files(item, "audio")
    scales = json.loads(made["scales.json"])
    assert scales.keys() == {"wet.flac", "dry.voice.flac"}
    assert item.dry["voice"].abs().max() > 2
    assert scales["wet.flac"] == 1
    assert scales["dry.voice.flac"] == 4
    for suffix, clip in (("wet.flac", item.wet), ("dry.voice.flac", item.dry["voice"])):
        back = sound(made[suffix], scales[suffix])
        assert (back - clip).square().mean() < 10**-9 * clip.square().mean()
    silent = files(Item(GRAPH, torch.zeros(2, 100), {}, {}, 0), "audio")
    assert not sound(silent["wet.flac"]).any()


def test_damage_is_named(item: Item) -> None:
    made = files(item, "features")
    with pytest.raises(FormatError, match="PNG file is damaged"):
        feature(made["mel.png"][:-100])
    with pytest.raises(FormatError, match="the audio cannot be decoded"):
        sound(b"fLaC but no more")
    from graphophone.audio import png

    with pytest.raises(FormatError, match="two channels of one height, got 3 rows"):
        feature(png.encode(np.zeros((3, 2), np.uint8)))
