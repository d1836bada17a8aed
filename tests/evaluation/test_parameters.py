"""Knob distance: in travel, around the circle, without what cannot be heard."""

import numpy as np
import pytest

from graphophone.codec.travel import Travel, travels
from graphophone.evaluation.parameters import parameter_loss
from graphophone.evaluation.tally import Tally
from graphophone.processors import SPECS
from tests.evaluation.graphs import chain, kit


def travel(values: list[float], live: list[bool], circular: list[bool]) -> Travel:
    return Travel(np.array([values], np.float32), np.array([live]), np.array([circular]))


def test_equal_knobs_are_no_distance() -> None:
    truth = travels(chain("bell", "compressor"), SPECS)
    assert parameter_loss(truth, truth.values).total == 0
    assert parameter_loss(truth, truth.values).count == 3 + 5


def test_distance_is_the_mean_over_live_knobs() -> None:
    truth = travel([0.2, 0.5, 0.9], [True, True, False], [False] * 3)
    found = parameter_loss(truth, [[0.5, 0.4, 0.0]])
    assert (found.total, found.count) == (pytest.approx(0.4, abs=1e-6), 2)


def test_a_phase_is_never_more_than_half_a_turn_away() -> None:
    truth = travel([0.95, 0.5], [True, True], [True, True])
    assert parameter_loss(truth, [[0.05, 0.0]]).total == pytest.approx(0.1 + 0.5, abs=1e-6)


def test_estimates_beyond_the_travel_stop_at_its_ends() -> None:
    truth = travel([1.0, 0.0], [True, True], [False, False])
    assert parameter_loss(truth, [[7.0, -3.0]]) == Tally(0.0, 2.0)


def test_gains_count_where_signals_meet_and_not_on_lone_cables() -> None:
    truth = travels(kit(kick=(), snare=()), SPECS)
    assert parameter_loss(truth, truth.values).count == 2


def test_a_graph_without_knobs_has_nothing_to_be_wrong_about() -> None:
    truth = travels(chain(), SPECS)
    assert parameter_loss(truth, np.zeros_like(truth.values)) == Tally(0.0, 0.0)
