"""The table of foreign effects: what it says can be said in our catalogue, and drawn."""

from random import Random
from string import Formatter

import pytest

from graphophone.evaluation.foreign.table import SOFTWARE, Effect, parsed, table
from graphophone.processors import CATALOGUE
from tests.evaluation.trials.planted import chain

EFFECTS = [effect for name in SOFTWARE for effect in table().effects[name]]


def test_every_type_is_one_of_ours_and_of_one_kind() -> None:
    types = [type_ for some in table().kinds.values() for type_ in some]
    assert len(types) == len(set(types))
    assert {*types, *table().carriers} <= CATALOGUE.keys()
    assert not table().carriers & set(types)


def test_every_effect_is_of_a_known_kind_and_named_once() -> None:
    for software in SOFTWARE:
        names = [effect.name for effect in table().effects[software]]
        assert len(names) == len(set(names)) > 0
        kinds = {effect.kind for effect in table().effects[software]}
        assert kinds <= table().kinds.keys()
        assert len(kinds) >= table().longest  # a chain has each kind once


def test_every_kind_is_made_by_some_software() -> None:
    assert {effect.kind for effect in EFFECTS} == table().kinds.keys()


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda e: f"{e.software} {e.name}")
def test_knobs_are_drawn_within_their_ends_and_all_are_used(effect: Effect) -> None:
    if effect.software in ("sox", "ffmpeg"):
        wanted = {name for _, name, _, _ in Formatter().parse(effect.call) if name}
        assert wanted == {*effect.knobs, *effect.fixed}
    assert {*effect.log, *effect.whole} <= effect.knobs.keys()
    for seed in range(50):
        drawn = effect.draw(Random(seed))
        assert drawn.keys() == {*effect.knobs, *effect.fixed}
        for name, ranges in effect.knobs.items():
            slack = 1e-3 * max(abs(end) for ends in ranges for end in ends)
            assert any(low - slack <= drawn[name] <= high + slack for low, high in ranges)
    assert effect.draw(Random(1)) == effect.draw(Random(1))


def test_both_sides_of_a_gain_are_drawn_and_whole_numbers_are_whole() -> None:
    bell = next(e for e in EFFECTS if e.name == "PeakFilter")
    signs = {bell.draw(Random(seed))["gain_db"] > 0 for seed in range(20)}
    assert signs == {True, False}
    voices = next(e for e in EFFECTS if e.name == "swh multivoice chorus")
    assert {voices.draw(Random(seed))["voices"] for seed in range(40)} == {2.0, 3.0, 4.0}


def test_what_a_graph_counts_as() -> None:
    found = table().kinds_of(chain("lowpass4", "lowpass", "pingpong_delay", "panning"))
    assert found == {"lowpass", "delay", "panning"}
    assert table().named("mono_lfo") is None
    assert table().named("out") is None


def test_another_table_has_another_digest() -> None:
    content = b"""
version = 2
seconds = 1.0
longest = 1
audible = 0.0
[kinds]
bell = ["bell"]
[carriers]
types = []
[[sox]]
name = "equalizer"
kind = "bell"
call = "equalizer {frequency} 1q 6"
knobs = { frequency = [100, 200] }
"""
    other = parsed(content)
    assert other.version == 2
    assert other.effects["sox"][0].knobs == {"frequency": ((100.0, 200.0),)}
    assert other.effects["lv2"] == ()
    assert other.digest != table().digest
