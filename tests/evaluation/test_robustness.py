"""Copies of examples to measure on: which, of what, and what their figures are compared with."""

import sys
from random import Random

import pytest
import torch

from graphophone.audio.features import RATE
from graphophone.errors import AudioError, UsageError
from graphophone.evaluation.result import METRICS
from graphophone.evaluation.robustness import Spoiler, figures_of
from graphophone.evaluation.tally import Tally
from graphophone.generation.copies import available, draw_copy
from graphophone.generation.item import Item
from graphophone.generation.spoiling import KINDS
from graphophone.graph import Edge, Graph, Node

GRAPH = Graph((Node("out"), Node("in", source="voice")), (Edge(1, 0),))


def items(count: int) -> list[Item]:
    generator = torch.Generator().manual_seed(0)
    return [
        Item(GRAPH, 0.1 * torch.randn(2, RATE // 2, generator=generator), {}, {"n": i}, 0)
        for i in range(count)
    ]


def test_all_are_all_kinds_that_can_be_made_here() -> None:
    kinds, missing = available()
    spoiler = Spoiler.of(("all",), "x")
    assert tuple(spoiler.kinds) == kinds
    assert {*kinds, *missing} == set(KINDS)
    assert spoiler.missing == missing


def test_what_cannot_be_made_is_left_out_of_all_and_refused_by_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    spoiler = Spoiler.of(("all", "mp3=64"), "x")
    assert list(spoiler.kinds) == [*(kind for kind in KINDS if kind != "aac"), "mp3=64"]
    assert spoiler.missing["aac"].startswith("AAC needs PyAV")
    with pytest.raises(AudioError, match="AAC needs PyAV, which is not installed"):
        Spoiler.of(("aac",), "x")


def test_unknown_copies_are_refused() -> None:
    with pytest.raises(UsageError, match=r"copies must be among .* or all, got 'radio'"):
        Spoiler.of(("radio",), "x")


def test_a_copy_is_the_same_in_any_batch_and_only_the_sound_is_another() -> None:
    spoiler = Spoiler.of(("mp3", "shift=0.25"), "x")
    clean = items(4)
    whole = spoiler.copies(clean, "mp3", 10)
    parts = spoiler.copies(clean[:1], "mp3", 10) + spoiler.copies(clean[1:], "mp3", 11)
    for item, one, other in zip(clean, whole, parts, strict=True):
        assert torch.equal(one.wet, other.wet)
        assert not torch.equal(one.wet, item.wet)
        assert (one.graph, one.provenance) == (item.graph, item.provenance)
    shifted = spoiler.copies(clean, "shift=0.25", 0)
    assert not any(item.wet[:, : RATE // 4].any() for item in shifted)
    assert all(item.wet.any() for item in shifted)


def test_the_seed_and_the_index_draw_the_amounts() -> None:
    one, other = (Spoiler.of(("shift",), seed) for seed in "xy")
    same = items(1) * 2
    first, second = one.copies(same, "shift", 0)
    assert not torch.equal(first.wet, second.wet)
    assert not torch.equal(first.wet, other.copies(same, "shift", 0)[0].wet)


def test_figures_are_those_on_the_copies_and_what_they_add() -> None:
    clean = [{"iou": Tally(0.5 + 0.1 * n)} for n in range(5)]
    spoiled = [{"iou": Tally(0.3 + 0.1 * n)} for n in range(5)]
    figures = figures_of(clean, spoiled, 0)
    assert figures.metrics.keys() == figures.changes.keys() == set(METRICS)
    iou, change = figures.metrics["iou"], figures.changes["iou"]
    assert iou is not None
    assert change is not None
    assert iou.value == pytest.approx(0.5)
    assert (change.low, change.value, change.high) == pytest.approx((-0.2, -0.2, -0.2))
    assert figures.changes["mss_full"] is None


def test_fixed_amounts_leave_the_others_to_chance() -> None:
    free = draw_copy(Random("a"), "room_tone")
    fixed = draw_copy(Random("a"), "room_tone", level_db=-50)
    assert fixed.amounts == {**free.amounts, "level_db": -50}
