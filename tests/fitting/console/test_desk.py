"""A console, its graph and its pruning: written down it sounds alike, and what matters stays."""

from dataclasses import replace

import pytest
import torch

from graphophone.errors import UsageError
from graphophone.fitting.console.desk import Desk
from graphophone.fitting.console.patch import graph_of
from graphophone.fitting.console.pruning import METHODS, Trial, pruned
from graphophone.fitting.console.song import Song
from graphophone.fitting.console.strip import KNOBS, TYPES
from graphophone.fitting.console.tuning import Tuning, balanced
from graphophone.fitting.pair import Pair
from graphophone.graph.rules import violations
from graphophone.processors import ALL_SPECS
from graphophone.render.execute import execute
from graphophone.render.plan import plan
from tests.fitting.planted import RATE, performance

DRY = {name: performance(0.7, seed=i) for i, name in enumerate(("kick", "bass", "lead"))}
CLIPS = torch.stack([*DRY.values()])
GROUPS = {"low": ["kick", "bass"], "high": ["lead"]}


def desk(seed: int = 0, kept: float = 1.0) -> Desk:
    """A console at drawn settings, of which a share of the processors is there."""
    generator = torch.Generator().manual_seed(seed)
    empty = Desk.of(list(DRY), GROUPS)
    travel, shares, there = (
        torch.rand(size, generator=generator, dtype=torch.float64)
        for size in (empty.travel.shape, empty.shares.shape, empty.shares.shape)
    )
    return replace(empty, travel=0.3 + 0.4 * travel, shares=shares, kept=there < kept)


def song_of(truth: Desk) -> Song:
    wet = truth.sound(CLIPS, RATE)[0].float()
    entered = dict(zip(DRY, CLIPS, strict=True))
    pair = Pair.of(entered, wet, RATE)
    return Song(replace(pair, dry=entered, wet=wet), seconds=0.4, warm=0.1)


@pytest.mark.parametrize("kept", [0.0, 0.3, 1.0])
def test_a_console_written_down_sounds_alike(kept: float) -> None:
    one = desk(3, kept)
    one = replace(one, shares=0.1 + 0.8 * one.shares)
    graph, short = graph_of(one, RATE, -3.0)
    assert short == 0
    assert violations(graph, ALL_SPECS) == []
    clips = {name: clip[None] for name, clip in DRY.items()}
    found = execute(plan(graph, ALL_SPECS), clips, RATE).result() * 10 ** (3 / 20)
    expected = one.sound(CLIPS, RATE)
    assert float((found - expected).norm() / expected.norm()) < 1e-4
    assert sum(n.type in TYPES for n in graph.nodes) <= int(one.kept.sum())


def test_faders_in_the_middle_are_merged_into_cables_and_others_stay() -> None:
    one = desk(4)
    kept, travel, fader = torch.zeros_like(one.kept), one.travel.clone(), TYPES.index("gain_pan")
    kept[:, fader] = True
    one = replace(one, kept=kept, shares=torch.ones_like(one.shares), travel=travel)
    assert sum(n.type == "gain_pan" for n in graph_of(one, RATE)[0].nodes) == 5
    travel[:2, KNOBS.index(("gain_pan", "pan"))] = 0.5
    graph, _ = graph_of(one, RATE)
    assert sum(n.type == "gain_pan" for n in graph.nodes) == 3
    clips = {name: clip[None] for name, clip in DRY.items()}
    found, expected = execute(plan(graph, ALL_SPECS), clips, RATE).result(), one.sound(CLIPS, RATE)
    assert float((found - expected).norm() / expected.norm()) < 1e-4


def test_a_trial_is_the_console_without_that_processor() -> None:
    one = desk(5, 0.5)
    trial = Trial(one, song_of(desk(6)), pieces=2)
    for row, column in one.kept.nonzero().tolist()[::3]:
        less, distance, *_ = trial.without(row, column)
        assert not less.kept[row, column]
        assert int(less.kept.sum()) == int(one.kept.sum()) - 1
        assert distance == pytest.approx(trial.of(less), abs=1e-4)


@pytest.mark.parametrize("method", METHODS)
def test_what_matters_stays_and_the_limit_is_kept(method: str) -> None:
    truth = desk(7, 0.0)
    kept = truth.kept.clone()
    kept[0, TYPES.index("graphic_equaliser")] = kept[2, TYPES.index("gain_pan")] = True
    truth = replace(truth, kept=kept, shares=torch.ones_like(truth.shares))
    idle = truth.shares.clone()
    idle[~kept] = 1e-4  # everything else is there, but hardly heard
    full = replace(truth, kept=torch.ones_like(kept), shares=idle)
    song = song_of(truth)
    less, distance = pruned(full, song, song.distance(full, 2) + 0.02, 1, method, 2)
    assert distance <= song.distance(full, 2) + 0.02
    assert distance == pytest.approx(song.distance(less, 2), abs=1e-4)
    assert bool(less.kept[kept].all())
    assert int(less.kept.sum()) < 0.33 * full.kept.numel()


def test_no_limit_leaves_nothing_and_a_hard_one_everything() -> None:
    one = desk(8)
    song = song_of(desk(9))
    assert int(pruned(one, song, 1e9, 0)[0].kept.sum()) == 0
    assert int(pruned(one, song, -1.0, 0)[0].kept.sum()) == one.kept.numel()
    with pytest.raises(UsageError, match="a method must be one of brute-force, dry-wet, hybrid"):
        pruned(one, song, 0.0, 0, "guess")


def test_the_slope_leads_towards_the_mix() -> None:
    """Faders first; then every step depends on seed and number alone."""
    empty, song = Desk.of(list(DRY)), song_of(desk(1, 0.2))
    one, two = Tuning.of(empty), Tuning.of(empty)
    before = song.distance(empty)
    for _ in range(6):
        one.advance(song, 3, rate=0.03)
        two.advance(song, 3, rate=0.03)
    assert song.distance(one.desk) < before
    assert torch.equal(one.desk.travel, two.desk.travel)


def test_faders_are_set_to_the_levels_of_the_mix() -> None:
    generator = torch.Generator().manual_seed(2)
    clips = 0.1 * torch.randn(2, 2, RATE, generator=generator)
    wet = 0.5 * clips[0] + 2.0 * clips[1]
    pair = Pair.of({"a": clips[0], "b": clips[1]}, wet, RATE)
    song = Song(replace(pair, dry={"a": clips[0], "b": clips[1]}, wet=wet))
    set_ = balanced(Desk.of(["a", "b"]), song)
    graph, _ = graph_of(replace(set_, kept=_only("gain_pan", set_)), RATE)
    levels = sorted(e.gain_db for e in graph.edges if graph.nodes[e.source].type == "in")
    assert levels == pytest.approx([-6.02, 6.02], abs=0.01)


def _only(type_: str, one: Desk) -> torch.Tensor:
    kept = torch.zeros_like(one.kept)
    kept[:, TYPES.index(type_)] = True
    return kept


def test_pieces_cover_the_song_once() -> None:
    song = song_of(desk(1, 0.0))
    covered = sum(piece.wet.shape[-1] for piece in song.pieces())
    assert covered >= song.pair.wet.shape[1]
    assert covered - song.pair.wet.shape[1] < song.length
    assert len(list(song.pieces(1))) == 1
    assert all(piece.dry.shape[-1] == song.length for piece in song.pieces())


@pytest.mark.parametrize(
    ("groups", "why"),
    [
        ({"a": ["kick", "drum"]}, "a group has the source 'drum', but there are kick, bass, lead"),
        ({"a": ["kick", "bass"]}, "each source must be in one group, but 'lead' is in 0"),
        ({"a": list(DRY), "b": ["kick"]}, "each source must be in one group, but 'kick' is in 2"),
    ],
)
def test_what_is_no_console(groups: dict[str, list[str]], why: str) -> None:
    with pytest.raises(UsageError, match=why):
        Desk.of(list(DRY), groups)
