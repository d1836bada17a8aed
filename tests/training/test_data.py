"""The same examples in the same order, wherever they come from and wherever a run goes on."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
import pytest
import torch

from graphophone.codec.tokens import Vocabulary
from graphophone.generation.shards import Fault
from graphophone.processors import SPECS
from graphophone.training.data import AHEAD, Examples, ExampleSource
from graphophone.training.rows import Row, answer_of
from graphophone.training.stored import Stored
from tests.training.conftest import chain, write_set

VOCABULARY = Vocabulary.of(SPECS)


class Counted:
    """A source whose examples say which they are."""

    def __init__(self, count: int, first: int = 0) -> None:
        self.lengths, self.faults = np.zeros(count, np.int64), [Fault("a.tar", "is lost")]
        self.first, self.closed = first, False
        self.asked: set[tuple[int, int]] = set()

    def expect(self, numbers: Sequence[int], epoch: int) -> None:
        self.asked |= {(epoch, number) for number in numbers}

    def rows(self, numbers: Sequence[int], epoch: int) -> list[Row]:
        assert {(epoch, number) for number in numbers} <= self.asked
        answer = answer_of(GRAPH, VOCABULARY)
        said = [np.full((2, 1, 1), self.first + 50 * epoch + n, np.uint8) for n in numbers]
        return [Row(answer, one, None) for one in said]

    def close(self) -> None:
        self.closed = True


GRAPH = chain(Random(0))


def numbers(mel: torch.Tensor) -> list[int]:
    return mel[:, 0, 0, 0].tolist()


def test_sources_follow_each_other(tmp_path: Path) -> None:
    folders = [write_set(tmp_path / name, n, seed=n) for name, n in (("a", 16), ("b", 3))]
    both = Examples([Stored(folder, VOCABULARY) for folder in folders])
    alone = Examples([Stored(folders[1], VOCABULARY)])
    assert all(isinstance(source, ExampleSource) for source in both.sources)
    assert len(both) == 19
    torch.testing.assert_close(both.batch([17]).mel, alone.batch([1]).mel)
    mixed, first = both.batch([17, 2, 18]), both.batch([2])
    torch.testing.assert_close(mixed.mel[0], alone.batch([1]).mel[0])
    torch.testing.assert_close(mixed.mel[1], first.mel[0])
    both.close()
    alone.close()


def test_an_epoch_shows_every_example_once_in_batches_of_like_length(folder: Path) -> None:
    examples = Examples([Stored(folder, VOCABULARY)])
    batches = examples.epoch(seed=0, epoch=0, size=4)
    assert sorted(np.concatenate(batches).tolist()) == list(range(16))
    spans = sorted((examples.lengths[b].min(), examples.lengths[b].max()) for b in batches)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))
    assert any(
        not np.array_equal(a, b) for a, b in zip(batches, examples.epoch(0, 1, 4), strict=True)
    )
    assert [len(b) for b in examples.epoch(0, 0, size=100)] == [16]
    examples.close()


@pytest.mark.parametrize("first", [0, 1, 4, 9])
def test_the_order_can_be_entered_anywhere(first: int) -> None:
    examples = Examples([Counted(10), Counted(6, 10)])
    whole = [numbers(batch.mel) for batch in examples.batches(3, 4, 0, first + 6)]
    rest = [numbers(batch.mel) for batch in examples.batches(3, 4, first, first + 6)]
    assert len(whole) == first + 6
    assert whole[first:] == rest
    assert sorted(itertools.chain(*whole[:4])) == list(range(16))
    assert {n % 50 for n in itertools.chain(*whole[4:8])} <= set(range(16))
    assert not set(itertools.chain(*whole[:4])) & set(itertools.chain(*whole[4:]))


def test_examples_are_prepared_some_batches_ahead_and_none_beyond_the_last_step() -> None:
    source = Counted(100)
    examples = Examples([source])
    batches = examples.batches(0, 2, 0, 9)
    next(batches)
    assert len(source.asked) == 2 * (AHEAD + 1)
    list(batches)
    assert len(source.asked) == 2 * 9
    assert examples.faults == source.faults
    examples.close()
    assert source.closed
