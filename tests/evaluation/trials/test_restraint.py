"""Restraint: planted false nodes and planted confidences come out as they were put in."""

from random import Random

import numpy as np
import pytest

from graphophone.evaluation.foreign.table import table
from graphophone.evaluation.trials.restraint import Restraint, curves, false_nodes
from graphophone.evaluation.trials.running import ALL, run
from graphophone.evaluation.trials.selective import Levels
from graphophone.evaluation.trials.setting import untouched
from graphophone.evaluation.trials.telling import explained, marks, order_only
from tests.evaluation.graphs import kit
from tests.evaluation.trials.planted import (
    NOTHING,
    PlantedSetting,
    Set,
    chain,
    estimated,
    says,
    setting,
)


def dry_suite(ear: object) -> Restraint:
    return Restraint(setting(ear), table(), ("dry",), (), {})  # type: ignore[arg-type]


def test_who_says_nothing_has_no_false_node_and_who_says_two_has_two() -> None:
    still = run(dry_suite(says(NOTHING)), 3).figures["dry"]
    assert (still["false_nodes"].value, still["left_alone"].value) == (0, 1)
    loud = run(dry_suite(says(chain("lowpass", "chorus"))), 3)
    assert (loud.figures["dry"]["false_nodes"].value, loud.figures["dry"]["left_alone"].value) == (
        2,
        0,
    )
    assert not loud.aims["dry"]["false_nodes"].reached(2)
    assert loud.worst[0].told["why"] == "Not there: lowpass (100% sure), chorus (100% sure)."


def test_the_join_of_several_sources_is_no_false_node_but_a_second_one_is() -> None:
    assert false_nodes(untouched(("kick", "snare", "hat"))) == 0
    assert false_nodes(kit(kick=("compressor",), snare=())) == 1
    assert false_nodes(untouched(("voice",))) == 0


def test_a_known_share_of_false_alarms_is_printed() -> None:
    calls = iter(range(100))
    found = run(
        dry_suite(lambda audio: estimated(NOTHING if next(calls) % 4 else chain("lowpass"))), 8
    )
    figures = found.figures["dry"]
    assert figures["false_nodes"].value == pytest.approx(0.25)
    assert figures["left_alone"].value == pytest.approx(0.75)


def test_planted_confidences_give_the_planted_curve() -> None:
    truth = chain("lowpass", "chorus")
    said = chain("lowpass", "chorus", "bitcrush", "panning")
    sure = (1.0, 0.9, 0.8, 0.4, 0.2, 1.0)
    planted = Set([truth] * 4)
    suite = Restraint(PlantedSetting.on(planted, says(said, sure)), table(), ("own",), (), {})
    found = run(suite, 4)
    figures = found.figures["own"]
    assert figures["precision_at_half"].value == 1
    assert figures["precision"].value == 0.5
    assert found.aims["own"]["precision_at_half"].reached(1)
    planted_curve = [(0.25, 0, 0.9), (0.5, 0, 0.8), (0.75, 1 / 3, 0.4), (1.0, 0.5, 0.2)]
    np.testing.assert_allclose(curves(found.lines)["own"], planted_curve)
    assert found.worst[0].told["why"].startswith("Not there: bitcrush (40% sure), panning (20%")


def test_lines_of_different_things_have_no_common_figures() -> None:
    planted = Set([chain("lowpass")] * 2)
    at = PlantedSetting.on(planted, says(chain("lowpass")))
    found = run(Restraint(at, table(), ("dry", "own"), (), {}), 2)
    assert found.figures.keys() == {"dry", "own"}
    assert ALL not in found.figures


def test_precision_against_coverage_is_that_of_a_definition_by_sorting() -> None:
    rng = Random(3)
    items = [
        tuple((rng.random(), rng.random() < 0.6) for _ in range(rng.randint(0, 6)))
        for _ in range(40)
    ]
    levels = Levels.of(items)
    flat = sorted((mark for marks in items for mark in marks), reverse=True)
    for kept in (1, 7, len(flat) // 2, len(flat)):
        share = sum(right for _, right in flat[:kept]) / kept
        assert levels.precision(kept / len(flat)) == pytest.approx(share)


def test_answers_that_are_equally_sure_count_as_a_random_order_would_on_average() -> None:
    tied = ((0.5, True), (0.5, False), (0.5, False), (0.5, True))
    levels = Levels.of([tied])
    assert levels.precision(0.25) == pytest.approx(0.5)
    assert levels.precision(0.5) == pytest.approx(0.5)
    rng = np.random.default_rng(0)
    items = [tuple((round(float(rng.random()), 1), bool(rng.random() < 0.5)) for _ in range(9))]
    found = Levels.of(items)
    drawn = []
    for _ in range(4_000):
        order = sorted(items[0], key=lambda mark: (-mark[0], rng.random()))
        drawn.append(np.mean([right for _, right in order[:3]]))
    assert found.precision(3 / 9) == pytest.approx(np.mean(drawn), abs=0.02)


def test_who_is_sure_of_what_is_right_has_less_area_than_who_is_sure_of_what_is_wrong() -> None:
    good = Levels.of([((0.9, True), (0.8, True), (0.2, False), (0.1, False))] * 3)
    bad = Levels.of([((0.9, False), (0.8, False), (0.2, True), (0.1, True))] * 3)
    assert good.area() < 0.25 < 0.75 < bad.area()
    assert good.threshold(0.5) == 0.8
    assert good.figure("precision_at_half", 0).low == 1


def test_a_type_is_right_as_often_as_it_is_there_and_in_its_track() -> None:
    truth = chain("bell", "lowpass")
    said = chain("bell", "bell", "bell")
    found = marks(truth, said, (1.0, 0.5, 0.9, 0.7, 1.0), by_track=False)
    assert found == ((0.9, True), (0.7, False), (0.5, False))
    one, other = kit(kick=("compressor",), snare=("bell",)), kit(kick=("bell",), snare=("bell",))
    assert sum(right for _, right in marks(one, other, (1.0,) * len(other), by_track=True)) == 1


def test_what_is_told_of_an_estimate() -> None:
    one, other = chain("distortion", "lowpass"), chain("lowpass", "distortion")
    assert order_only(one, other)
    assert explained(one, other) == "All types are right, but wired otherwise."
    assert explained(one, one) == "All types are right, the settings are not."
    assert explained(one, chain("distortion")) == "Missed: lowpass."
    assert not order_only(one, one)
