"""Examples that are made on the way are those of the set of the same recipe."""

from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphophone.audio.dry import dry_mels
from graphophone.audio.heard import Packed
from graphophone.codec.tokens import Vocabulary
from graphophone.errors import FormatError, WorkerError
from graphophone.generation import recipe
from graphophone.generation.item import generate_item
from graphophone.processors import SPECS
from graphophone.training import streamed
from graphophone.training.config import Config, DataConfig, SetConfig
from graphophone.training.loop import fingerprint
from graphophone.training.rows import answer_of
from graphophone.training.sets import open_examples
from graphophone.training.streamed import Streamed
from tests.generation.small import RECIPE, shrink
from tests.sources import sets

VOCABULARY = Vocabulary.of(SPECS)


class Here:
    """Stands in for processes: each job is done when it is asked for."""

    def __init__(self, workers: int) -> None:
        self.orders: list[Any] = []

    def submit(self, work: Any, order: Any) -> Future[Any]:
        self.orders.append(order)
        future: Future[Any] = Future()
        future.set_result(work(order))
        return future

    def shutdown(self, *, cancel_futures: bool) -> None:
        self.orders.clear()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    shrink(monkeypatch.setattr)
    monkeypatch.setattr(streamed, "processes", Here)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("epoch", [0, 2])
def test_examples_are_those_of_the_set(epoch: int) -> None:
    source = Streamed(RECIPE, VOCABULARY, cepstra=True)
    assert len(source.lengths) == RECIPE.count
    source.expect([1, 4], epoch)
    pool = recipe.supply_of(RECIPE, None).pool()
    for number, row in zip([4, 1], source.rows([4, 1], epoch), strict=True):
        index = epoch * RECIPE.count + number
        item = generate_item("singing", "wide", RECIPE.seed, index, pool)
        heard = Packed.of(item.wet[None])
        np.testing.assert_array_equal(row.mel, heard.mel[0].numpy())
        assert row.cepstra is not None
        np.testing.assert_array_equal(row.cepstra, heard.cepstra[0].numpy())
        for a, b in zip(row.answer, answer_of(item.graph, VOCABULARY), strict=True):
            np.testing.assert_array_equal(a, b)
    source.close()
    (plain,) = Streamed(RECIPE, VOCABULARY).rows([0], 0)
    assert plain.cepstra is None
    (given,) = Streamed(RECIPE, VOCABULARY, given="dry").rows([0], 0)
    item = generate_item("singing", "wide", RECIPE.seed, 0, pool)
    expected = [plain.mel, dry_mels(item.dry, "dry")["mix"]]
    np.testing.assert_array_equal(given.mel, np.concatenate(expected))


@pytest.fixture
def torn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Recordings of a singer, of which one is damaged."""
    sets.plain(tmp_path / "data", 1)
    (tmp_path / "data/singer 0/3.wav").write_bytes(b"torn")
    monkeypatch.setenv("GRAPHOPHONE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("GRAPHOPHONE_CACHE", str(tmp_path / "cache"))
    return tmp_path


def test_recordings_that_are_left_out_are_named(torn: Path) -> None:
    real = replace(RECIPE, sources="real", allow_tiers=("own",))
    assert [str(fault) for fault in Streamed(real, VOCABULARY).faults] == [
        "singer 0/3.wav is left out: this is not a readable audio file (Format not recognised)"
    ]
    with pytest.raises(FormatError, match=r"1 of \d recordings cannot be used .* singer 0/3\.wav"):
        Streamed(real, VOCABULARY, strict=True)


@pytest.mark.parametrize("kept", [False, True])
def test_a_configuration_refuses_faulty_recordings(torn: Path, kept: bool) -> None:
    where = {"folder": torn / "set"} if kept else {"stream": True}
    one = SetConfig(sources="real", allow_tiers=("own",), count=2, strict=True, **where)
    wanted = Config(name="x", task="singing", data=DataConfig(train=(one,)))
    with pytest.raises(FormatError, match="recordings cannot be used"):
        open_examples(wanted.data.train, wanted, VOCABULARY)
    lenient = Config(
        name="x", task="singing", data=DataConfig(train=(one.model_copy(update={"strict": False}),))
    )
    assert fingerprint(lenient) == fingerprint(wanted)


def test_processes_make_the_same() -> None:
    two = replace(RECIPE, count=2)
    source = Streamed(two, VOCABULARY, workers=2)
    rows = source.rows([0, 1], 1)
    source.close()
    for number, row in zip((2, 3), rows, strict=True):
        here = streamed.make_row(streamed.Order(two, number, source.supply, VOCABULARY, False))
        np.testing.assert_array_equal(row.mel, here.mel)
        np.testing.assert_array_equal(row.answer.travel, here.answer.travel)


def test_a_process_that_died_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.generation.chores import die

    monkeypatch.setattr(streamed, "make_row", die)
    source = Streamed(RECIPE, VOCABULARY)
    with pytest.raises(WorkerError, match="a process that makes examples died"):
        source.rows([0], 0)
    source.close()
