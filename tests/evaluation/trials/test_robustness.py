"""Robustness: a listener that does not change its mind, and one that does so on cue."""

import pytest
import torch

from graphophone.evaluation.trials.robustness import COPIES, Robustness, moved
from graphophone.evaluation.trials.running import run
from graphophone.generation.copies import available, named
from graphophone.tensors import Stereo
from tests.evaluation.trials.planted import (
    NOTHING,
    PlantedSetting,
    Set,
    chain,
    estimated,
    says,
)

WORDS = ("gain=-12", "shift=0.25", "mp3=128")
GRAPHS = [chain("lowpass")] * 4


def test_who_never_changes_is_not_changed_by_any_copy() -> None:
    suite = Robustness.of(PlantedSetting.on(Set(GRAPHS), says(chain("chorus"))), WORDS)
    found = run(suite, 3)
    assert suite.lines == WORDS
    for line in (*WORDS, "all"):
        assert found.figures[line]["jaccard"].value == 1
        assert found.figures[line]["unchanged"].value == 1


def test_a_listener_that_hears_silence_at_the_start_loses_what_was_planted() -> None:
    def deaf_to_shifts(audio: Stereo) -> object:
        late = not audio[:, :1_000].any()
        return estimated(chain("lowpass") if late else chain("lowpass", "chorus"))

    suite = Robustness.of(PlantedSetting.on(Set(GRAPHS), deaf_to_shifts), WORDS)  # type: ignore[arg-type]
    found = run(suite, 4)
    assert found.figures["shift=0.25"]["jaccard"].value == pytest.approx(2 / 3)
    assert found.figures["shift=0.25"]["unchanged"].value == 0
    assert found.figures["mp3=128"]["jaccard"].value == 1
    assert {trial.line for trial in found.worst} == {"shift=0.25"}
    assert not found.aims["shift=0.25"]["jaccard"].reached(2 / 3)


def test_a_gain_is_held_to_more_than_the_others() -> None:
    suite = Robustness.of(PlantedSetting.on(Set(GRAPHS), says(NOTHING)), WORDS)
    assert suite.aims("gain=-12").keys() == {"jaccard", "unchanged"}
    assert suite.aims("mp3=128").keys() == {"jaccard"}


def test_how_far_knobs_moved() -> None:
    one = chain("lowpass", "chorus")
    assert moved(one, one) == 0
    assert moved(one, chain("lowpass")) == float("inf")
    low, high = (chain("panning", pan=pan) for pan in (-0.5, 0.5))
    assert moved(low, high) == pytest.approx(0.5)


def test_a_recording_is_heard_once_for_all_its_copies() -> None:
    heard = []

    def counting(audio: Stereo) -> object:
        heard.append(audio)
        return estimated(NOTHING)

    run(Robustness.of(PlantedSetting.on(Set(GRAPHS), counting), WORDS), 2)  # type: ignore[arg-type]
    assert len(heard) == 2 * (1 + len(WORDS))


def test_a_copy_without_sound_is_told_and_not_counted() -> None:
    suite = Robustness.of(PlantedSetting.on(Set(GRAPHS), says(NOTHING)), ("shift=0.5",))
    torch.manual_seed(0)
    found = run(suite, 2)  # the recordings last half a second
    assert found.lines["shift=0.5"][0].told["why"] == "the copy is silent"
    assert found.figures == {}


def test_the_usual_copies_exist_and_one_that_cannot_be_made_is_told() -> None:
    for word in COPIES:
        named(word)
    suite = Robustness.of(PlantedSetting.on(Set(GRAPHS), says(NOTHING)))
    _, reasons = available()
    assert {*suite.lines, *suite.missing} == set(COPIES)
    assert all(word.partition("=")[0] in reasons for word in suite.missing)
