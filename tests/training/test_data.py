"""The same examples in the same order, whatever was kept from before."""

import itertools
import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from graphophone.codec.json import from_json
from graphophone.codec.tokens import NODE, PAD, Vocabulary, encode
from graphophone.codec.travel import travels
from graphophone.errors import FormatError
from graphophone.graph import Edge, Graph, Node
from graphophone.processors import SPECS
from graphophone.spec import SOURCES
from graphophone.training.data import Examples, open_set, places_of
from tests.training.conftest import write_set

VOCABULARY = Vocabulary.of(SPECS)


def test_a_batch_holds_features_tokens_and_travels_of_its_examples(folder: Path) -> None:
    examples = Examples([folder], VOCABULARY)
    assert len(examples) == 16
    chosen = [3, 12, 9]
    batch = examples.batch(chosen)
    lines = [p.read_text().splitlines() for p in sorted(folder.glob("*.jsonl"))]
    mels = np.concatenate([np.load(p) for p in sorted(folder.glob("*.mel.npy"))])
    for row, index in enumerate(chosen):
        line = list(itertools.chain(*lines))[index]
        graph = from_json(json.loads(line)["graph"], SPECS)
        tokens, travel = encode(graph, VOCABULARY, SPECS), travels(graph, SPECS)
        n = len(tokens)
        assert tuple(batch.tokens.types[row, :n].tolist()) == tokens.types
        assert (batch.tokens.types[row, n:] == PAD).all()
        assert tuple(batch.tokens.kinds[row, :n].tolist()) == tokens.kinds
        assert tuple(batch.tokens.targets[row, :n].tolist()) == tokens.targets
        np.testing.assert_array_equal(batch.places[row, :n].numpy(), places_of(graph))
        assert (batch.places[row, n:] == -1).all()
        np.testing.assert_array_equal(batch.travel[row, :n].numpy(), travel.values)
        np.testing.assert_array_equal(batch.live[row, :n].numpy(), travel.live)
        np.testing.assert_array_equal(batch.circular[row, :n].numpy(), travel.circular)
        assert not batch.live[row, n:].any()
        np.testing.assert_array_equal(batch.mel[row].numpy(), mels[index])


def test_a_place_is_the_bus_or_the_track_of_a_source() -> None:
    mix = Graph(
        (
            *(Node("in", source=name) for name in ("hat", "kick")),
            *(Node(kind) for kind in ("bell", "compressor", "mix", "expander", "out")),
        ),
        (
            Edge(0, 2),
            Edge(2, 4),
            Edge(1, 3),
            Edge(3, 4),
            Edge(4, 5),
            Edge(5, 6),
        ),
    )
    tokens, places = encode(mix, VOCABULARY, SPECS), places_of(mix)
    nodes = [i for i, type_ in enumerate(tokens.types) if type_ == NODE]
    said = {VOCABULARY.node_kinds[tokens.kinds[i]]: int(places[i]) for i in nodes}
    hat, kick = (1 + SOURCES.index(name) for name in ("hat", "kick"))
    assert said == {
        "out": 0,
        "expander": 0,
        "mix": 0,
        "bell": hat,
        "in:hat": hat,
        "compressor": kick,
        "in:kick": kick,
    }
    assert (np.delete(places, nodes) == -1).all()


def test_tokens_are_made_once_and_again_when_the_graphs_change(folder: Path) -> None:
    first = open_set(folder, VOCABULARY)[0]
    cache = folder / "shard-00000.tokens.npz"
    os.utime(cache, (0, 0))
    again = open_set(folder, VOCABULARY)[0]
    assert cache.stat().st_mtime == 0
    np.testing.assert_array_equal(again.tokens, first.tokens)

    lines = folder / "shard-00000.jsonl"
    lines.write_text("\n".join(reversed(lines.read_text().splitlines())) + "\n")
    changed = open_set(folder, VOCABULARY)[0]
    assert cache.stat().st_mtime > 0
    assert changed.lengths.tolist() == first.lengths[::-1].tolist()


def test_sets_follow_each_other(folder: Path, tmp_path: Path) -> None:
    other = write_set(tmp_path / "other", (3,), seed=9)
    both, alone = (Examples(f, VOCABULARY) for f in ([folder, other], [other]))
    assert len(both) == 19
    torch.testing.assert_close(both.batch([17]).mel, alone.batch([1]).mel)


def test_an_epoch_shows_every_example_once_in_batches_of_like_length(folder: Path) -> None:
    examples = Examples([folder], VOCABULARY)
    batches = examples.epoch(seed=0, epoch=0, size=4)
    assert sorted(np.concatenate(batches).tolist()) == list(range(16))
    spans = sorted((examples.lengths[b].min(), examples.lengths[b].max()) for b in batches)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))
    assert any(
        not np.array_equal(a, b) for a, b in zip(batches, examples.epoch(0, 1, 4), strict=True)
    )
    assert [len(b) for b in examples.epoch(0, 0, size=100)] == [16]


@pytest.mark.parametrize("first", [0, 1, 4, 9])
def test_a_stream_can_be_entered_anywhere(folder: Path, first: int) -> None:
    examples = Examples([folder], VOCABULARY)
    whole = list(itertools.islice(examples.stream(3, 4, 0), first + 6))
    rest = list(itertools.islice(examples.stream(3, 4, first), 6))
    for a, b in zip(whole[first:], rest, strict=True):
        np.testing.assert_array_equal(a, b)


def test_what_is_no_data_set_is_refused(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(FormatError, match=r"holds no data set: it has no dataset\.json"):
        Examples([tmp_path], VOCABULARY)
    empty = write_set(tmp_path / "empty", (), seed=0)
    with pytest.raises(FormatError, match="empty holds no shards"):
        Examples([empty], VOCABULARY)
    (folder / "shard-00001.mel.npy").unlink()
    with pytest.raises(FormatError, match="the set was stored without features"):
        Examples([folder], VOCABULARY)
    (folder / "dataset.json").write_text('{"catalogue": "older"}')
    with pytest.raises(FormatError, match="made with catalogue older, this version has"):
        Examples([folder], VOCABULARY)
