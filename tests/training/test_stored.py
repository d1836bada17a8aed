"""Examples of a set on disk, and what was kept of it from before."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from graphophone.codec.json import from_json
from graphophone.codec.tokens import Vocabulary
from graphophone.errors import FormatError
from graphophone.generation.example import FEATURES
from graphophone.generation.reading import open_set
from graphophone.processors import SPECS
from graphophone.training import stored
from graphophone.training.rows import Answer, answer_of
from graphophone.training.stored import Stored
from tests.training.conftest import write_set

VOCABULARY = Vocabulary.of(SPECS)


def assert_same(one: Answer, other: Answer) -> None:
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


def test_rows_are_the_records_of_the_set(folder: Path) -> None:
    source, records = Stored(folder, VOCABULARY, cepstra=True), list(open_set(folder).records())
    assert len(source.lengths) == 16
    chosen = [3, 12, 9]
    source.expect([5, 9], epoch=0)
    for row, record in zip(source.rows(chosen), [records[i] for i in chosen], strict=True):
        assert_same(row.answer, answer_of(from_json(record.graph, SPECS), VOCABULARY))
        heard = record.heard()
        np.testing.assert_array_equal(row.mel, heard.mel[0].numpy())
        assert row.cepstra is not None
        np.testing.assert_array_equal(row.cepstra, heard.cepstra[0].numpy())
    assert source.rows([3])[0].answer.places.shape == (source.lengths[3],)
    source.close()
    source = Stored(folder, VOCABULARY)
    assert source.rows([0])[0].cepstra is None
    source.close()


def test_the_dry_sound_stands_below_the_wet_one(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "dry", 2, seed=1, store="dry")
    source, record = Stored(folder, VOCABULARY, given="dry"), next(open_set(folder).records())
    (row,) = source.rows([0])
    wet = record.heard().mel[0].numpy()
    np.testing.assert_array_equal(row.mel[:2], wet)
    np.testing.assert_array_equal(row.mel[2:], 255 - wet)
    source.close()
    plain = write_set(tmp_path / "plain", 2, seed=1)
    with pytest.raises(FormatError, match=r"no dry\.mix\.png"):
        Stored(plain, VOCABULARY, given="dry")


def test_graphs_are_read_once_and_again_when_they_change(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shard = open_set(folder).shards[0]
    offsets, first = stored.answers(shard, VOCABULARY)
    cache = folder / "shard-00000.tokens.npz"
    os.utime(cache, (0, 0))
    assert_same(stored.answers(shard, VOCABULARY)[1], first)
    assert cache.stat().st_mtime == 0
    other = write_set(folder.parent / "other", 16, seed=2)
    for name in ("shard-00000.tar", "shard-00000.json"):
        (folder / name).write_bytes((other / name).read_bytes())
    changed, _ = stored.answers(open_set(folder).shards[0], VOCABULARY)
    assert cache.stat().st_mtime > 0
    assert changed.tolist() != offsets.tolist()
    os.utime(cache, (0, 0))
    monkeypatch.setattr(stored, "VERSION", stored.VERSION + 1)
    stored.answers(open_set(folder).shards[0], VOCABULARY)
    assert cache.stat().st_mtime > 0


def test_what_is_no_sound_set_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"holds no data set: it has no dataset\.json"):
        Stored(tmp_path, VOCABULARY)
    shard = open_set(folder).shards[1]
    flipped = bytearray(shard.shard.tar.read_bytes())
    flipped[shard.index.places[2][FEATURES["mel"]][0] + 60] ^= 1
    shard.shard.tar.write_bytes(flipped)
    source = Stored(folder, VOCABULARY)
    with pytest.raises(FormatError, match=r"shard-00001\.tar, example 12: .*PNG file is damaged"):
        source.rows([12])
    source.close()
    rest = Stored(folder, VOCABULARY, damaged="skip")
    assert (len(rest.lengths), [f.file for f in rest.faults]) == (10, ["shard-00001.tar"])
    rest.close()
    (folder / "shard-00000.tar").unlink()
    with pytest.raises(FormatError, match=r"shard-00000\.tar is missing"):
        Stored(folder, VOCABULARY)
    with pytest.raises(FormatError, match="holds no sound archive"):
        Stored(folder, VOCABULARY, damaged="skip")


def test_a_graph_that_was_changed_and_a_set_without_features_are_refused(folder: Path) -> None:
    shard = open_set(folder).shards[0]
    content = shard.shard.tar.read_bytes()
    shard.shard.tar.write_bytes(content.replace(b'"voice"', b'"voise"', 1))
    with pytest.raises(FormatError, match="does not hold example 0 as its index says"):
        Stored(folder, VOCABULARY)
    shard.shard.tar.write_bytes(content)
    index = json.loads(shard.shard.index.read_text())
    del index["files"][FEATURES["mel"]]
    shard.shard.index.write_text(json.dumps(index))
    with pytest.raises(FormatError, match="the set was stored without features"):
        Stored(folder, VOCABULARY)
